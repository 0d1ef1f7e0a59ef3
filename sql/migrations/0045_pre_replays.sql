-- Finished work done again: what is what of whom, runs over many rows, and finding them fast.

-- The first row of a chain of replays and its place in the queue; null in first rows themselves. A
-- marketplace knows a repeated message by the first one's id, and what is older news than what it
-- heard meanwhile is told by the first one's place.
ALTER TABLE queue_item
    ADD COLUMN first_id  uuid,
    ADD COLUMN first_seq bigint;
WITH RECURSIVE chain AS (
    SELECT item.queue, item.id, first.id AS first_id, first.seq AS first_seq
      FROM queue_item AS item
      JOIN queue_item AS first ON first.queue = item.queue AND first.id = item.replay_of
     WHERE item.replay_of IS NOT NULL AND first.replay_of IS NULL
     UNION ALL
    SELECT item.queue, item.id, chain.first_id, chain.first_seq
      FROM chain
      JOIN queue_item AS item ON item.queue = chain.queue AND item.replay_of = chain.id
)
UPDATE queue_item AS item
   SET first_id = chain.first_id, first_seq = chain.first_seq
  FROM chain
 WHERE item.queue = chain.queue AND item.id = chain.id;

-- Whose finished rows of which time: of an account, or of a destination of documents. Rows that wait
-- cost it nothing.
CREATE INDEX inbox_finished_idx
    ON inbox (coalesce(account_id, destination_id), created_at, seq)
    WHERE state IN ('done', 'dead', 'superseded');
CREATE INDEX outbox_finished_idx
    ON outbox (coalesce(account_id, destination_id), created_at, seq)
    WHERE state IN ('done', 'dead', 'superseded');
CREATE INDEX erp_outbox_finished_idx
    ON erp_outbox (coalesce(account_id, destination_id), created_at, seq)
    WHERE state IN ('done', 'dead', 'superseded');
-- Replays on their way: so few at a time that nothing fresh waits for them.
CREATE INDEX queue_item_replaying_idx ON queue_item (due_at)
    WHERE replay_of IS NOT NULL AND state IN ('waiting', 'leased', 'parked');

-- Why exactly a delivery was refused, where the adapter says: bad_signature, stale, ...
ALTER TABLE inbox_refused ADD COLUMN word text NOT NULL DEFAULT '';
CREATE INDEX inbox_refused_account_idx ON inbox_refused (account, at, id);
CREATE INDEX inbox_refused_reason_idx ON inbox_refused (reason, at, id);

-- One wish to do finished work again: what matches (or `ids`), at most so many rows, so many a second.
-- goal: what came into the queue later is not meant. whom, at, seq, place: the last row it looked at, so
-- that whoever works it off goes on there. paced_at: until when its rate is used up. queue_item has what
-- became of each row.
CREATE TABLE replay_run (
    id           uuid             PRIMARY KEY,
    queue        text             NOT NULL,
    wanted       jsonb            NOT NULL,
    ids          uuid[],
    most         integer          NOT NULL,
    rate         double precision NOT NULL,
    actor        text             NOT NULL,
    reason       text             NOT NULL DEFAULT '',
    trace_id     text             NOT NULL,
    state        text             NOT NULL DEFAULT 'running',
    matched      integer          NOT NULL,
    goal         bigint           NOT NULL,
    whom         uuid,
    at           timestamptz,
    seq          bigint,
    place        integer          NOT NULL DEFAULT 0,
    replayed     integer          NOT NULL DEFAULT 0,
    skipped      jsonb            NOT NULL DEFAULT '{}',
    created_at   timestamptz      NOT NULL DEFAULT now(),
    paced_at     timestamptz      NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    cancelled_by text,
    CONSTRAINT replay_run_state_known CHECK (state IN ('running', 'done', 'cancelled')),
    CONSTRAINT replay_run_finished_when_ended CHECK ((state = 'running') = (finished_at IS NULL)),
    CONSTRAINT replay_run_cancelled_by_somebody CHECK (
        (state = 'cancelled') = (cancelled_by IS NOT NULL)),
    CONSTRAINT replay_run_pace CHECK (most > 0 AND rate > 0)
) WITH (fillfactor = 70);
CREATE INDEX replay_run_running_idx ON replay_run (paced_at) WHERE state = 'running';

-- What a run replayed, each row once.
CREATE TABLE replay_row (
    run_id uuid NOT NULL REFERENCES replay_run ON DELETE CASCADE,
    old_id uuid NOT NULL,
    new_id uuid NOT NULL,
    PRIMARY KEY (run_id, old_id)
);

-- A queue's row with what it is about. Joins that nobody asks for are not made.
CREATE VIEW queue_story AS
SELECT item.queue, item.id, item.seq, item.state, item.reason, item.last_error, item.fifo_key,
       item.account_id, item.destination_id,
       coalesce(item.account_id, item.destination_id) AS whom,
       item.replay_of, item.first_id, item.created_at, item.finished_at, item.attempts,
       coalesce(delivery.event, message.kind, document.kind) AS kind,
       coalesce(placed.id, message.order_id, document.order_id) AS order_id,
       coalesce(placed.store_id, told.store_id, document.store_id) AS store_id,
       coalesce(placed.number, told.number, document.number) AS number
  FROM queue_item AS item
  LEFT JOIN inbox_delivery AS delivery ON item.queue = 'inbox' AND delivery.id = item.id
  LEFT JOIN orders AS placed ON item.queue = 'inbox' AND placed.account_id = item.account_id
                            AND placed.external_id = substr(item.fifo_key, 38)
  LEFT JOIN outbox_message AS message ON item.queue = 'outbox' AND message.id = item.id
  LEFT JOIN orders AS told ON told.id = message.order_id
  LEFT JOIN erp_delivery AS handed ON item.queue = 'erp_outbox' AND handed.id = item.id
  LEFT JOIN document ON document.id = handed.document_id
 WHERE item.queue IN ('inbox', 'outbox', 'erp_outbox');

-- What went wrong in one sentence without what differs from row to row: quotes, numbers, ids.
CREATE FUNCTION cause_of(said text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN left(btrim(regexp_replace(regexp_replace(regexp_replace(
        substring(split_part(left(said, 1000), E'\n', 1) FROM '^.*?(?:[.!?](?=\s)|$)'),
        '''[^'']*''|"[^"]*"|«[^»]*»', '…', 'g'),
        '\m[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\M', '#', 'g'),
        '\d+', '#', 'g')), 160);
