-- The one mechanism behind inbox, outbox, telegram_outbox, erp_outbox and event_outbox. Time is the
-- database's.

-- name: claim
-- Lease up to $3 due rows of one queue for $4 seconds. A row waits while an older one of its
-- fifo_key is unfinished, and a parked row, which others may overtake, while any of them waits or
-- is worked on; rows of a dead worker are due again when their lease ends. A paused account's rows stay where
-- they are, and so does everything that goes out while that is held (outbound_hold), here and below.
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
       AND ($1 = 'inbox' OR NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL))
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
          item.trace_id, item.created_at, item.first_id, item.first_seq;

-- name: claim_for
-- The same for one destination of documents, or one subscription to events, by an index of its own: rows
-- for another one cost nothing, however many wait. None while it is paused, rests or is removed.
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
       AND EXISTS (SELECT FROM addressee WHERE addressee.id = $5 AND addressee.open)
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
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
          item.trace_id, item.created_at, item.first_id, item.first_seq;

-- name: claim_fair
-- The same for lanes whose rows are accounts': each busy account is found by one look into
-- queue_item_turn_idx, and none of its rows is looked at while it may not have any: paused, of an
-- adapter this process lacks, as many rows in hand as one account may have; and, for what goes out
-- (account_gate), while it is open or resting. A half-open one gets one row in all processes. Accounts take
-- turns; retries get half of the batch while there are first tries. More are looked at than are
-- taken, since others take the first ones meanwhile.
-- $1 queue, $2 worker, $3 limit, $4 lease seconds, $5 adapters or null for all, $6 accounts with rows
-- in hand, $7 how many each, $8 most for one account, $9 most retries
WITH RECURSIVE busy AS (
    (SELECT item.account_id FROM queue_item AS item
      WHERE item.queue = $1 AND item.state IN ('waiting', 'leased', 'parked')
        AND ($1 = 'inbox' OR NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL))
      ORDER BY item.account_id LIMIT 1)
     UNION ALL
    SELECT (SELECT item.account_id FROM queue_item AS item
             WHERE item.queue = $1 AND item.state IN ('waiting', 'leased', 'parked')
               AND item.account_id > busy.account_id
             ORDER BY item.account_id LIMIT 1)
      FROM busy WHERE busy.account_id IS NOT NULL
), admitted AS MATERIALIZED (
    SELECT busy.account_id, coalesce(gate.state <> 'closed', false) AS probing,
           CASE WHEN gate.state <> 'closed' THEN 1 ELSE $8 - coalesce(held.rows, 0) END AS room
      FROM busy
      LEFT JOIN account ON account.id = busy.account_id
      LEFT JOIN account_gate AS gate ON gate.account_id = busy.account_id AND $1 = 'outbox'
      LEFT JOIN unnest($6::uuid[], $7::integer[]) AS held (account_id, rows)
        ON held.account_id = busy.account_id
     WHERE busy.account_id IS NOT NULL
       AND account.active IS NOT false
       AND (account.id IS NULL OR $5::text[] IS NULL OR account.adapter = ANY ($5))
       AND coalesce(held.rows, 0) < $8
       AND (gate.account_id IS NULL
            OR (greatest(gate.rest_until, gate.free_at) <= now()
                AND (gate.state = 'closed' OR greatest(gate.open_until, gate.probe_until) <= now())))
), due_here AS MATERIALIZED (
    SELECT admitted.*, kind.retry,
           count(*) OVER (PARTITION BY kind.retry) AS others
      FROM admitted CROSS JOIN (VALUES (0::smallint), (1::smallint)) AS kind (retry)
     CROSS JOIN LATERAL (
        SELECT FROM queue_item AS item
         WHERE item.queue = $1 AND item.account_id = admitted.account_id
           AND least(item.attempts, 1::smallint) = kind.retry
           AND item.state IN ('waiting', 'leased', 'parked') AND item.due_at <= now()
         LIMIT 1) AS first
), candidate AS MATERIALIZED (
    SELECT item.*, due_here.account_id, due_here.probing, due_here.room, due_here.retry,
           row_number() OVER (PARTITION BY due_here.account_id, due_here.retry
                              ORDER BY item.due_at, item.seq) AS turn
      FROM due_here
     CROSS JOIN LATERAL (
        SELECT item.id, item.due_at, item.seq
          FROM queue_item AS item
         WHERE item.queue = $1 AND item.account_id = due_here.account_id
           AND least(item.attempts, 1::smallint) = due_here.retry
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
         ORDER BY item.due_at, item.seq
         LIMIT least(due_here.room, 1 + 2 * $3 / due_here.others) + 3 * $3 / due_here.others) AS item
), probed AS MATERIALIZED (
    SELECT gate.account_id FROM account_gate AS gate
     WHERE gate.account_id IN (SELECT account_id FROM candidate WHERE probing)
       AND gate.state <> 'closed' AND greatest(gate.open_until, gate.probe_until) <= now()
       FOR NO KEY UPDATE SKIP LOCKED
), placed AS (
    SELECT candidate.*, row_number() OVER (PARTITION BY retry ORDER BY turn, due_at, seq) AS place
      FROM candidate
     WHERE NOT probing OR account_id IN (SELECT account_id FROM probed)
), locked AS MATERIALIZED (
    SELECT item.id, placed.account_id, placed.room, placed.probing, placed.retry,
           placed.turn, placed.due_at, placed.seq
      FROM placed JOIN queue_item AS item ON item.queue = $1 AND item.id = placed.id
     WHERE item.state IN ('waiting', 'leased', 'parked') AND item.due_at <= now()
     ORDER BY placed.turn > placed.room OR (placed.retry = 1 AND placed.place > least($3 / 2, $9)),
              placed.turn, placed.due_at, placed.seq
     LIMIT $3
       FOR UPDATE OF item SKIP LOCKED
), due AS MATERIALIZED (
    SELECT ranked.id, ranked.account_id, ranked.probing
      FROM (SELECT locked.*,
                   row_number() OVER (PARTITION BY account_id ORDER BY retry, turn) AS nth,
                   row_number() OVER (PARTITION BY retry ORDER BY turn, due_at, seq) AS place
              FROM locked) AS ranked
     WHERE ranked.nth <= ranked.room AND (ranked.retry = 0 OR ranked.place <= $9)
), probe AS (
    UPDATE account_gate AS gate
       SET state = 'half_open', probe_until = now() + make_interval(secs => $4), probe_id = due.id,
           since = CASE gate.state WHEN 'half_open' THEN gate.since ELSE now() END
      FROM due
     WHERE due.probing AND gate.account_id = due.account_id
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
          item.trace_id, item.created_at, item.first_id, item.first_seq;

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
-- $1 queue, $2 seconds: what fell due within them counts too
SELECT extract(epoch FROM min(due_at) - now())::float8 FROM queue_item
 WHERE queue = $1 AND state = 'waiting' AND due_at > now() - make_interval(secs => $2);

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

-- name: drop_removed
-- What waits for removed destinations of documents and subscriptions to events: nobody claims it. A row
-- that is being brought is brought to its end; if it comes back, or its worker dies, it is dropped then.
WITH dropped AS (
    SELECT item.queue, item.id
      FROM (SELECT id FROM erp_destination WHERE removed_at IS NOT NULL
             UNION ALL
            SELECT id FROM integrator WHERE removed_at IS NOT NULL) AS gone
      JOIN queue_item AS item ON item.destination_id = gone.id
     WHERE item.queue IN ('erp_outbox', 'event_outbox')
       AND (item.state IN ('waiting', 'parked') OR item.state = 'leased' AND item.due_at <= now())
       FOR UPDATE OF item SKIP LOCKED
)
UPDATE queue_item AS item
   SET state = 'superseded', finished_at = now(), reason = 'removed'
  FROM dropped
 WHERE item.queue = dropped.queue AND item.id = dropped.id
RETURNING item.id;

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
INSERT INTO queue_item (queue, id, account_id, destination_id, fifo_key, trace_id, replay_of,
                        first_id, first_seq)
SELECT queue, $3, account_id, destination_id, fifo_key, $4, id,
       coalesce(first_id, id), coalesce(first_seq, seq)
  FROM queue_item
 WHERE queue = $1 AND id = $2 AND state IN ('done', 'dead', 'superseded')
RETURNING id;
