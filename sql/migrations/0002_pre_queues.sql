-- One mechanism, three queues: narrow rows here, payloads in tables of their own.

CREATE SEQUENCE queue_item_seq;

-- state: waiting -> leased -> done | dead | superseded; parked = waiting for another event, and in
-- nobody's way. While leased, due_at is the end of the lease, so a dead worker's row is due again.
-- epoch grows with every claim; whoever writes under a lease names the epoch it got.
-- unsure: an earlier attempt may have reached the other side although no answer came back.
CREATE TABLE queue_item (
    queue       text        NOT NULL,
    id          uuid        NOT NULL,
    seq         bigint      NOT NULL DEFAULT nextval('queue_item_seq'),
    account_id  uuid,
    fifo_key    text        NOT NULL,
    state       text        NOT NULL DEFAULT 'waiting',
    attempts    smallint    NOT NULL DEFAULT 0,
    epoch       integer     NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL DEFAULT now(),
    leased_by   text,
    unsure      boolean     NOT NULL DEFAULT false,
    trace_id    text        NOT NULL DEFAULT '',
    replay_of   uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    reason      text,
    last_error  text,
    PRIMARY KEY (queue, id),
    CONSTRAINT queue_item_state_known CHECK (
        state IN ('waiting', 'leased', 'parked', 'done', 'dead', 'superseded')
    ),
    CONSTRAINT queue_item_finished_when_ended CHECK (
        (finished_at IS NOT NULL) = (state IN ('done', 'dead', 'superseded'))
    ),
    CONSTRAINT queue_item_dead_has_reason CHECK (state <> 'dead' OR reason IS NOT NULL)
) PARTITION BY LIST (queue);

-- Waiting rows come and go: vacuum early, and leave room on the page.
CREATE TABLE inbox PARTITION OF queue_item FOR VALUES IN ('inbox')
    WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE TABLE outbox PARTITION OF queue_item FOR VALUES IN ('outbox')
    WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE TABLE telegram_outbox PARTITION OF queue_item FOR VALUES IN ('telegram_outbox')
    WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

-- Only unfinished rows are searched for, so done rows cost a claim nothing.
CREATE INDEX queue_item_due_idx ON queue_item (due_at, seq)
    WHERE state IN ('waiting', 'leased', 'parked');
CREATE INDEX queue_item_fifo_idx ON queue_item (fifo_key, seq)
    WHERE state IN ('waiting', 'leased', 'parked');
CREATE INDEX queue_item_dead_idx ON queue_item (finished_at) WHERE state = 'dead';

-- The dedupe key has its own table, with the answer the first one got.
CREATE TABLE inbox_key (
    account_id   uuid     NOT NULL,
    dedupe_key   text     NOT NULL,
    inbox_id     uuid     NOT NULL,
    reply_status smallint NOT NULL,
    reply_body   bytea    NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, dedupe_key)
);

CREATE TABLE inbox_delivery (
    id          uuid  PRIMARY KEY,
    account_id  uuid  NOT NULL,
    event       text  NOT NULL,
    headers     jsonb NOT NULL,
    body        bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- Who knocked without a key; never the body, never a secret.
CREATE TABLE inbox_refused (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    account    text    NOT NULL,
    reason     text    NOT NULL,
    headers    jsonb   NOT NULL,
    size       integer NOT NULL,
    peer       text    NOT NULL,
    trace_id   text    NOT NULL
);
CREATE INDEX inbox_refused_at_idx ON inbox_refused (at);
