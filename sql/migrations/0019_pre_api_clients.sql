-- Picking applications of the original's kind: one token for all pickers of a merchant.
-- The token itself is never stored, only its SHA-256.

CREATE TABLE api_client (
    id          uuid  PRIMARY KEY,
    merchant_id uuid  NOT NULL REFERENCES merchant,
    name        text  NOT NULL,
    token_hash  bytea NOT NULL UNIQUE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz,
    UNIQUE (merchant_id, name)
);
