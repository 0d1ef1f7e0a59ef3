-- Pickers, their sessions, and who picks which order.

CREATE TABLE picker (
    id            uuid    PRIMARY KEY,
    store_id      uuid    NOT NULL REFERENCES store,
    badge         text    NOT NULL,
    name          text    NOT NULL,
    pin_hash      text    NOT NULL,
    active        boolean NOT NULL DEFAULT true,
    failures      smallint NOT NULL DEFAULT 0,
    locked_until  timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT picker_badge_once UNIQUE (badge)
);

-- The token itself is never stored, only its SHA-256.
CREATE TABLE picker_session (
    token_hash bytea PRIMARY KEY,
    picker_id  uuid  NOT NULL REFERENCES picker,
    device_id  text  NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz
);

-- The lease says until when the holder's claim stands; at its end the order is free, its lines keep
-- their outcomes.
CREATE TABLE pick_job (
    order_id    uuid    PRIMARY KEY REFERENCES orders,
    store_id    uuid    NOT NULL,
    state       text    NOT NULL DEFAULT 'open',
    picker_id   uuid    REFERENCES picker,
    lease_until timestamptz,
    claimed_at  timestamptz,
    done_at     timestamptz,
    CONSTRAINT pick_job_state_known CHECK (state IN ('open', 'claimed', 'active', 'paused', 'done')),
    CONSTRAINT pick_job_held_by_somebody CHECK (
        (state IN ('claimed', 'active', 'paused')) <= (picker_id IS NOT NULL AND lease_until IS NOT NULL))
);
CREATE INDEX pick_job_holder_idx ON pick_job (picker_id) WHERE state IN ('claimed', 'active', 'paused');

-- One row per write of a handheld: the stored answer is given again to the same key.
CREATE TABLE operation (
    picker_id    uuid  NOT NULL,
    key          text  NOT NULL,
    request_hash bytea NOT NULL,
    status       smallint NOT NULL,
    etag         text,
    body         bytea NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (picker_id, key)
);

CREATE TABLE scan (
    id        uuid PRIMARY KEY,
    order_id  uuid NOT NULL REFERENCES orders,
    line_id   uuid,
    picker_id uuid NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    raw       text NOT NULL,
    outcome   text NOT NULL,
    pieces    integer,
    grams     integer
);
CREATE INDEX scan_order_idx ON scan (order_id, id);
