-- Marketplaces whose lines have names of their own, and whose events only point at an order.

-- ref: what the marketplace calls the line; null: by its SKU.
ALTER TABLE order_line ADD COLUMN ref text;

-- origin: how it came to us. fetched: the order as the marketplace showed it when a thin event was
-- worked through; what a replay fetches is its own.
ALTER TABLE inbox_delivery
    ADD COLUMN origin  text NOT NULL DEFAULT 'webhook',
    ADD COLUMN fetched bytea,
    ADD COLUMN fetched_at timestamptz,
    ADD CONSTRAINT inbox_delivery_origin_known CHECK (origin IN ('webhook', 'reconciled'));

-- Tokens of marketplaces, kept for all processes. asking_until: somebody is getting a new one.
CREATE TABLE account_token (
    account_id   uuid NOT NULL REFERENCES account,
    name         text NOT NULL,
    sealed       bytea,
    kept         bytea,
    good_until   timestamptz NOT NULL DEFAULT '-infinity',
    asking_until timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (account_id, name)
);
