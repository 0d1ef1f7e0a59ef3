-- Events of orders on their way to a retailer's own systems: a lane of their own in the one mechanism,
-- who wants which of them, what was told, how every try went.

CREATE TABLE event_outbox PARTITION OF queue_item FOR VALUES IN ('event_outbox')
    WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX event_outbox_destination_idx ON event_outbox (destination_id, due_at, seq)
    WHERE state IN ('waiting', 'leased', 'parked');

-- A subscription of a merchant's own system. events, stores: which of them, empty for all; sealed: JSON
-- of its secrets under the master key, the newest first. A paused one gathers what happens.
-- pause_reason: operator, failing (nothing but failures for pause_after) or gone (it answered 410).
-- rest_until, failures, trouble: how it behaves, whatever event is on its way; failing_since: the first
-- failure after it last took something, taken_at.
CREATE TABLE integrator (
    id            uuid        PRIMARY KEY,
    merchant_id   uuid        NOT NULL REFERENCES merchant,
    code          text        NOT NULL,
    name          text        NOT NULL DEFAULT '',
    url           text        NOT NULL,
    events        text[]      NOT NULL DEFAULT '{}',
    stores        uuid[]      NOT NULL DEFAULT '{}',
    sealed        bytea,
    parallel      smallint    NOT NULL DEFAULT 4,
    pause_after   interval    NOT NULL DEFAULT interval '5 days',
    active        boolean     NOT NULL DEFAULT true,
    pause_reason  text,
    paused_at     timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    removed_at    timestamptz,
    rest_until    timestamptz NOT NULL DEFAULT '-infinity',
    failures      integer     NOT NULL DEFAULT 0,
    failing_since timestamptz,
    taken_at      timestamptz,
    trouble       text,
    CONSTRAINT integrator_sealed_while_there CHECK (removed_at IS NOT NULL OR sealed IS NOT NULL),
    CONSTRAINT integrator_some_at_once CHECK (parallel BETWEEN 1 AND 16),
    CONSTRAINT integrator_patience_in_reason CHECK (
        pause_after BETWEEN interval '1 hour' AND interval '30 days'),
    CONSTRAINT integrator_pause_known CHECK (pause_reason IN ('operator', 'failing', 'gone')),
    CONSTRAINT integrator_paused_says_why CHECK (
        removed_at IS NOT NULL OR active = (pause_reason IS NULL AND paused_at IS NULL))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX integrator_code_once ON integrator (code) WHERE removed_at IS NULL;
CREATE INDEX integrator_merchant_idx ON integrator (merchant_id) WHERE removed_at IS NULL;

-- What happened, once for all who are told of it: body is what they are posted, byte for byte.
CREATE TABLE integrator_event (
    id          uuid        PRIMARY KEY,
    type        text        NOT NULL,
    store_id    uuid,
    order_id    uuid,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    body        text        NOT NULL
);
CREATE INDEX integrator_event_order_idx ON integrator_event (order_id);
CREATE INDEX integrator_event_age_idx ON integrator_event (occurred_at);

-- One event for one subscription; its queue row has the same id. message_id: what the other side knows
-- a repeat by, whoever asked for it.
CREATE TABLE integrator_delivery (
    id            uuid        PRIMARY KEY,
    seq           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    integrator_id uuid        NOT NULL REFERENCES integrator,
    event_id      uuid        NOT NULL REFERENCES integrator_event,
    message_id    uuid        NOT NULL,
    actor         text        NOT NULL DEFAULT 'hub',
    created_at    timestamptz NOT NULL DEFAULT now(),
    taken_at      timestamptz
) WITH (fillfactor = 80);
CREATE INDEX integrator_delivery_integrator_idx ON integrator_delivery (integrator_id, seq);
CREATE INDEX integrator_delivery_event_idx ON integrator_delivery (event_id);

-- How every try went: milliseconds, HTTP status if any, outcome, the first bytes of the answer.
CREATE TABLE integrator_attempt (
    delivery_id uuid        NOT NULL REFERENCES integrator_delivery,
    attempt     smallint    NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    ms          integer     NOT NULL,
    status      smallint,
    outcome     text        NOT NULL,
    said        text        NOT NULL
);
CREATE INDEX integrator_attempt_delivery_idx ON integrator_attempt (delivery_id);

-- Whoever has a lane of its own, and whether anything is brought there now: neither paused nor resting
-- nor removed.
CREATE VIEW addressee AS
SELECT id, active AND removed_at IS NULL AND rest_until <= now() AS open FROM erp_destination
 UNION ALL
SELECT id, active AND removed_at IS NULL AND rest_until <= now() AS open FROM integrator;
