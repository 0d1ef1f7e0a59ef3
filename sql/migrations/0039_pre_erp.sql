-- Documents on their way to the books of whoever sells: a lane of their own in the one mechanism, so
-- that an ERP that is away slows no notification; where they go; how every one of them fared.

-- Which ERP a row is for: rows of one are claimed by themselves, so that one that hangs holds up no
-- other. Null in all other lanes.
ALTER TABLE queue_item ADD COLUMN destination_id uuid;
CREATE TABLE erp_outbox PARTITION OF queue_item FOR VALUES IN ('erp_outbox')
    WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX erp_outbox_destination_idx ON erp_outbox (destination_id, due_at, seq)
    WHERE state IN ('waiting', 'leased', 'parked');

-- Where documents of a merchant go, and how. settings: what the way needs besides secrets; sealed:
-- JSON of secrets under the master key; token_hash: SHA-256 of the bearer token its ERP shows when it
-- fetches or acknowledges. A paused destination gathers what is issued; a removed one gets no more.
-- rest_until, failures, trouble: how the way behaves, whatever document is on it. last_position: of its
-- list, for an ERP that fetches.
CREATE TABLE erp_destination (
    id            uuid        PRIMARY KEY,
    merchant_id   uuid        NOT NULL REFERENCES merchant,
    code          text        NOT NULL,
    way           text        NOT NULL,
    form          text        NOT NULL,
    language      text        NOT NULL DEFAULT 'ru',
    kinds         text[]      NOT NULL,
    settings      jsonb       NOT NULL DEFAULT '{}',
    sealed        bytea,
    token_hash    bytea,
    active        boolean     NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    removed_at    timestamptz,
    rest_until    timestamptz NOT NULL DEFAULT '-infinity',
    failures      integer     NOT NULL DEFAULT 0,
    trouble       text,
    last_position bigint      NOT NULL DEFAULT 0,
    CONSTRAINT erp_destination_way_known CHECK (way IN ('http', 'folder', 'sftp', 's3', 'pull')),
    CONSTRAINT erp_destination_some_kind CHECK (cardinality(kinds) > 0),
    CONSTRAINT erp_destination_pull_has_token CHECK (way <> 'pull' OR token_hash IS NOT NULL)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX erp_destination_code_once ON erp_destination (code) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX erp_destination_token_once ON erp_destination (token_hash)
    WHERE removed_at IS NULL AND token_hash IS NOT NULL;
CREATE INDEX erp_destination_merchant_idx ON erp_destination (merchant_id) WHERE removed_at IS NULL;

-- One document for one destination; its queue row has the same id (where the ERP fetches, that only
-- makes the file).
-- message_id is what the ERP knows a repeat by: a buried delivery that is tried anew keeps it, one
-- that a person asks for again has its own. position: its place in the list of an ERP that fetches,
-- given when it is first read, to what is committed alone, so that no place is ever filled later.
CREATE TABLE erp_delivery (
    id              uuid        PRIMARY KEY,
    seq             bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    destination_id  uuid        NOT NULL REFERENCES erp_destination,
    document_id     uuid        NOT NULL REFERENCES document,
    message_id      uuid        NOT NULL,
    cause           text        NOT NULL,
    actor           text        NOT NULL,
    reason          text        NOT NULL DEFAULT '',
    pulled          boolean     NOT NULL DEFAULT false,
    position        bigint,
    created_at      timestamptz NOT NULL DEFAULT now(),
    sha256          text,
    sent_at         timestamptz,
    acknowledged_at timestamptz,
    erp_number      text,
    refused_at      timestamptz,
    refusal         text,
    CONSTRAINT erp_delivery_cause_known CHECK (
        cause IN ('issued', 'resent', 're-exported', 'replayed')),
    CONSTRAINT erp_delivery_refused_says_why CHECK ((refused_at IS NULL) = (refusal IS NULL))
) WITH (fillfactor = 80);
-- Issuing hands a document on once, however often it is asked.
CREATE UNIQUE INDEX erp_delivery_issued_once ON erp_delivery (destination_id, document_id)
    WHERE cause = 'issued';
CREATE INDEX erp_delivery_document_idx ON erp_delivery (document_id);
CREATE INDEX erp_delivery_new_idx ON erp_delivery (destination_id, seq)
    WHERE pulled AND position IS NULL;
CREATE UNIQUE INDEX erp_delivery_position_once ON erp_delivery (destination_id, position)
    WHERE position IS NOT NULL;
CREATE INDEX erp_delivery_unacknowledged_idx ON erp_delivery (destination_id, position)
    WHERE position IS NOT NULL AND acknowledged_at IS NULL;
CREATE INDEX erp_delivery_outstanding_idx ON erp_delivery (destination_id, created_at)
    WHERE acknowledged_at IS NULL AND (sent_at IS NULL OR pulled);
CREATE INDEX erp_delivery_refused_idx ON erp_delivery (destination_id, refused_at)
    WHERE refused_at IS NOT NULL;

-- How every try went: milliseconds, HTTP status if any, outcome, a short answer. No document, no secret.
CREATE TABLE erp_attempt (
    delivery_id    uuid        NOT NULL REFERENCES erp_delivery,
    attempt        smallint    NOT NULL,
    destination_id uuid        NOT NULL,
    at             timestamptz NOT NULL DEFAULT now(),
    ms             integer     NOT NULL,
    status         smallint,
    outcome        text        NOT NULL,
    said           text        NOT NULL
);
CREATE INDEX erp_attempt_delivery_idx ON erp_attempt (delivery_id);
CREATE INDEX erp_attempt_destination_idx ON erp_attempt (destination_id, at);
