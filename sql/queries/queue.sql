-- The one mechanism behind inbox, outbox, telegram_outbox and erp_outbox. Time is the database's.

-- name: claim
-- Lease up to $3 due rows of one queue for $4 seconds. A row waits while an older one of its
-- fifo_key is unfinished, and a parked row, which others may overtake, while any of them waits or
-- is worked on; rows of a dead worker are due again when their lease ends. A paused account's rows stay where
-- they are.
-- $1 queue, $2 worker, $3 limit, $4 lease seconds
WITH due AS MATERIALIZED (
    SELECT item.id
      FROM queue_item AS item
     WHERE item.queue = $1
       AND item.state IN ('waiting', 'leased', 'parked')
       AND item.due_at <= now()
       AND NOT EXISTS (
           SELECT FROM queue_item AS earlier
            WHERE earlier.queue = $1
              AND earlier.fifo_key = item.fifo_key
              AND earlier.seq < item.seq
              AND earlier.state IN ('waiting', 'leased'))
       AND (item.state <> 'parked' OR NOT EXISTS (
           SELECT FROM queue_item AS other
            WHERE other.queue = $1
              AND other.fifo_key = item.fifo_key
              AND other.id <> item.id
              AND other.state IN ('waiting', 'leased', 'parked')
              AND (other.state <> 'parked' OR other.seq < item.seq)))
       AND NOT EXISTS (
           SELECT FROM account WHERE account.id = item.account_id AND NOT account.active)
     ORDER BY item.due_at, item.seq
     LIMIT $3
       FOR UPDATE SKIP LOCKED
)
UPDATE queue_item AS item
   SET state = 'leased',
       epoch = item.epoch + 1,
       attempts = least(item.attempts, 32766) + 1,
       unsure = item.unsure OR item.state = 'leased',
       due_at = now() + make_interval(secs => $4),
       leased_by = $2
  FROM due
 WHERE item.queue = $1 AND item.id = due.id
RETURNING item.id, item.account_id, item.fifo_key, item.attempts, item.epoch, item.unsure,
          item.trace_id, item.created_at;

-- name: claim_for
-- The same for one destination of documents, by an index of its own: rows for another one cost
-- nothing, however many wait. None while it is paused, rests or is removed.
-- $1 queue, $2 worker, $3 limit, $4 lease seconds, $5 destination_id
WITH due AS MATERIALIZED (
    SELECT item.id
      FROM queue_item AS item
     WHERE item.queue = $1 AND item.destination_id = $5
       AND item.state IN ('waiting', 'leased', 'parked')
       AND item.due_at <= now()
       AND NOT EXISTS (
           SELECT FROM queue_item AS earlier
            WHERE earlier.queue = $1
              AND earlier.fifo_key = item.fifo_key
              AND earlier.seq < item.seq
              AND earlier.state IN ('waiting', 'leased'))
       AND (item.state <> 'parked' OR NOT EXISTS (
           SELECT FROM queue_item AS other
            WHERE other.queue = $1
              AND other.fifo_key = item.fifo_key
              AND other.id <> item.id
              AND other.state IN ('waiting', 'leased', 'parked')
              AND (other.state <> 'parked' OR other.seq < item.seq)))
       AND EXISTS (
           SELECT FROM erp_destination AS destination
            WHERE destination.id = $5 AND destination.active AND destination.removed_at IS NULL
              AND destination.rest_until <= now())
     ORDER BY item.due_at, item.seq
     LIMIT $3
       FOR UPDATE SKIP LOCKED
)
UPDATE queue_item AS item
   SET state = 'leased',
       epoch = item.epoch + 1,
       attempts = least(item.attempts, 32766) + 1,
       unsure = item.unsure OR item.state = 'leased',
       due_at = now() + make_interval(secs => $4),
       leased_by = $2
  FROM due
 WHERE item.queue = $1 AND item.id = due.id
RETURNING item.id, item.account_id, item.fifo_key, item.attempts, item.epoch, item.unsure,
          item.trace_id, item.created_at;

-- name: add
-- $1 queue, $2 id, $3 account_id, $4 fifo_key, $5 trace_id, $6 head start in seconds
INSERT INTO queue_item (queue, id, account_id, fifo_key, trace_id, due_at)
VALUES ($1, $2, $3, $4, $5, now() - make_interval(secs => $6));

-- name: add_all
-- Rows whose payloads the caller writes in the same transaction, in this order.
-- $1 queue, $2 ids, $3 fifo_keys, $4 head starts in seconds, $5 trace_id
INSERT INTO queue_item (queue, id, fifo_key, trace_id, due_at)
SELECT $1, new.id, new.fifo_key, $5, now() - make_interval(secs => new.head_start)
  FROM unnest($2::uuid[], $3::text[], $4::float8[])
       WITH ORDINALITY AS new (id, fifo_key, head_start, place)
 ORDER BY new.place;

-- name: next_due
-- Seconds until something falls due; none when nothing waits.
-- $1 queue
SELECT greatest(0, extract(epoch FROM min(due_at) - now()))::float8 FROM queue_item
 WHERE queue = $1 AND state = 'waiting' AND due_at > now();

-- name: finish
-- No row comes back when the lease is no longer ours.
-- $1 queue, $2 id, $3 epoch, $4 reason
UPDATE queue_item
   SET state = 'done', finished_at = now(), reason = $4
 WHERE queue = $1 AND id = $2 AND epoch = $3 AND state = 'leased'
RETURNING id;

-- name: fail
-- Put off by $6 seconds, or bury when $6 is null; a parked row is in nobody's way.
-- $1 queue, $2 id, $3 epoch, $4 reason, $5 error, $6 delay, $7 parked, $8 unsure, $9 counted
UPDATE queue_item
   SET state = CASE WHEN $6::float8 IS NULL THEN 'dead'
                    WHEN $7 THEN 'parked'
                    ELSE 'waiting' END,
       finished_at = CASE WHEN $6::float8 IS NULL THEN now() END,
       due_at = now() + make_interval(secs => coalesce($6, 0)),
       reason = $4,
       last_error = $5,
       unsure = unsure OR $8,
       attempts = attempts - CASE WHEN $9 THEN 0 ELSE 1 END
 WHERE queue = $1 AND id = $2 AND epoch = $3 AND state = 'leased'
RETURNING state;

-- name: release
-- Give back what a stopping worker did not begin; it does not count as an attempt.
-- $1 queue, $2 ids, $3 worker
UPDATE queue_item
   SET state = 'waiting', due_at = now(), attempts = attempts - 1
 WHERE queue = $1 AND id = ANY ($2::uuid[]) AND leased_by = $3 AND state = 'leased';

-- name: wake
-- What was parked for this key is due now.
-- $1 queue, $2 fifo_key
UPDATE queue_item
   SET state = 'waiting', due_at = now(), attempts = 0
 WHERE queue = $1 AND fifo_key = $2 AND state = 'parked';

-- name: supersede
-- Unsent messages of a key no longer apply; one that is being sent right now is not touched.
-- $1 queue, $2 fifo_key
UPDATE queue_item
   SET state = 'superseded', finished_at = now(), reason = 'superseded'
 WHERE queue = $1 AND fifo_key = $2 AND state IN ('waiting', 'parked');

-- name: remove
-- Take a finished row out of the queue for good (it lives on in its archive).
-- $1 queue, $2 id, $3 epoch
DELETE FROM queue_item
 WHERE queue = $1 AND id = $2 AND epoch = $3 AND state = 'leased'
RETURNING id;

-- name: depths
-- How many rows are unfinished, how old the oldest due one is (seconds), how many are buried
-- and not replayed.
SELECT queue,
       count(*) FILTER (WHERE state <> 'dead') AS unfinished,
       coalesce(max(extract(epoch FROM now() - created_at))
                FILTER (WHERE state <> 'dead' AND due_at <= now()), 0)::float8 AS oldest_due,
       count(*) FILTER (WHERE state = 'dead') AS dead
  FROM queue_item AS item
 WHERE state IN ('waiting', 'leased', 'parked')
    OR (state = 'dead' AND NOT EXISTS (
        SELECT FROM queue_item AS replay
         WHERE replay.queue = item.queue AND replay.replay_of = item.id))
 GROUP BY queue
 ORDER BY queue;

-- name: browse
-- $1 queue, $2 state or null for unfinished and dead, $3 limit
SELECT item.id, coalesce(delivery.event, message.kind, document.kind || ' ' || document.number) AS what,
       coalesce(orders.number, sold.number, split_part(item.fifo_key, ':', 2)) AS "order",
       coalesce(account.code, destination.code) AS account, item.state, item.attempts, item.created_at, item.due_at,
       item.reason, item.last_error
  FROM queue_item AS item
  LEFT JOIN account ON account.id = item.account_id
  LEFT JOIN inbox_delivery AS delivery ON item.queue = 'inbox' AND delivery.id = item.id
  LEFT JOIN outbox_message AS message ON item.queue = 'outbox' AND message.id = item.id
  LEFT JOIN orders ON orders.id = message.order_id
  LEFT JOIN erp_delivery AS handed ON item.queue = 'erp_outbox' AND handed.id = item.id
  LEFT JOIN erp_destination AS destination ON destination.id = handed.destination_id
  LEFT JOIN document ON document.id = handed.document_id
  LEFT JOIN orders AS sold ON sold.id = document.order_id
 WHERE item.queue = $1
   AND (item.state = $2::text
        OR ($2::text IS NULL AND item.state IN ('waiting', 'leased', 'parked', 'dead')))
   AND NOT EXISTS (SELECT FROM queue_item AS replay
                    WHERE replay.queue = $1 AND replay.replay_of = item.id)
 ORDER BY item.seq DESC
 LIMIT $3;

-- name: replay
-- A new row for a finished one; history stays as it is. No row comes back for an unfinished one.
-- $1 queue, $2 id of the old row, $3 new id, $4 trace_id
INSERT INTO queue_item (queue, id, account_id, destination_id, fifo_key, trace_id, replay_of)
SELECT queue, $3, account_id, destination_id, fifo_key, $4, id
  FROM queue_item
 WHERE queue = $1 AND id = $2 AND state IN ('done', 'dead', 'superseded')
RETURNING id;

-- name: unreplayed
-- Buried rows that nobody has replayed, the oldest first.
-- $1 queue, $2 limit
SELECT item.id
  FROM queue_item AS item
 WHERE item.queue = $1 AND item.state = 'dead'
   AND NOT EXISTS (SELECT FROM queue_item AS replay
                    WHERE replay.queue = $1 AND replay.replay_of = item.id)
 ORDER BY item.seq
 LIMIT $2;
