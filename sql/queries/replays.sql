-- Runs that do finished work again, and how far they are.

-- name: start
-- $1 id, $2 queue, $3 wanted, $4 ids or null, $5 most, $6 rate, $7 actor, $8 reason, $9 trace_id,
-- $10 matched, $11 goal, $12 skipped
INSERT INTO replay_run (id, queue, wanted, ids, most, rate, actor, reason, trace_id, matched, goal,
                        skipped)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: take
-- The run that has waited longest of those that nobody works on, and how many rows its rate allows now:
-- never more than those of five seconds, so that a pause is not made up for.
-- $1 this run alone or null, $2 runs that had their turn
SELECT run.id, run.queue, run.wanted, run.ids, run.most, run.rate, run.actor, run.reason, run.trace_id,
       run.goal, run.whom, run.at, run.seq, run.place, run.replayed, run.skipped,
       floor(least(extract(epoch FROM clock_timestamp() - run.paced_at) * run.rate,
                   greatest(5 * run.rate, 1)))::integer AS allowed
  FROM replay_run AS run
 WHERE run.state = 'running' AND ($1::uuid IS NULL OR run.id = $1) AND run.id <> ALL ($2::uuid[])
 ORDER BY run.paced_at
 LIMIT 1
   FOR UPDATE SKIP LOCKED;

-- name: alone
-- Batches of a queue are made one after the other: what one queues, the next one sees.
-- $1 queue
SELECT pg_advisory_xact_lock(hashtextextended('replays ' || $1::text, 0));

-- name: on_the_way
-- Replays of a queue that are worked on or may be at once: what is put off is in nobody's way, and what
-- nobody claims, since whom it is for is paused or away, in the way of that one's own alone.
-- $1 queue, $2 whom more are for, or null
WITH shut AS (
    SELECT account.id
      FROM account
      LEFT JOIN account_gate AS gate ON gate.account_id = account.id AND $1 = 'outbox'
     WHERE NOT account.active OR gate.state <> 'closed' OR gate.rest_until > now()
     UNION ALL
    SELECT id FROM addressee WHERE NOT open
)
SELECT count(*)::integer FROM queue_item AS item
 WHERE queue = $1 AND replay_of IS NOT NULL AND state IN ('waiting', 'leased', 'parked')
   AND (state = 'leased'
        OR (state = 'waiting' AND due_at <= now()
            AND (coalesce(account_id, destination_id) = $2::uuid
                 OR coalesce(account_id, destination_id) NOT IN (SELECT id FROM shut))));

-- name: queue_rows
-- Rows for finished ones, in their order. unsure: the other side may have taken an earlier one. They
-- count as tried once: second tries never take the places of first ones.
-- $1 queue, $2 old ids, $3 new ids, $4 trace_id
INSERT INTO queue_item (queue, id, account_id, destination_id, fifo_key, trace_id, replay_of,
                        first_id, first_seq, attempts, unsure)
SELECT old.queue, new.new_id, old.account_id, old.destination_id, old.fifo_key, $4, old.id,
       coalesce(old.first_id, old.id), coalesce(old.first_seq, old.seq), 1,
       old.unsure OR (old.state = 'done' AND coalesce(old.reason, '') NOT IN ('superseded', 'overtaken'))
  FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS new (old_id, new_id, place)
  JOIN queue_item AS old ON old.queue = $1 AND old.id = new.old_id
 WHERE old.state IN ('done', 'dead', 'superseded')
 ORDER BY new.place
RETURNING id;

-- name: copy_inbox
-- The same bytes, as if they had come when they came.
-- $1 old ids, $2 new ids
INSERT INTO inbox_delivery (id, account_id, event, headers, body, origin, received_at)
SELECT new.new_id, account_id, event, headers, body, origin, received_at
  FROM unnest($1::uuid[], $2::uuid[]) AS new (old_id, new_id)
  JOIN inbox_delivery AS old ON old.id = new.old_id;

-- name: copy_outbox
-- The same words, to be said of the order as it is.
-- $1 old ids, $2 new ids
INSERT INTO outbox_message (id, order_id, account_id, kind)
SELECT new.new_id, order_id, account_id, kind
  FROM unnest($1::uuid[], $2::uuid[]) AS new (old_id, new_id)
  JOIN outbox_message AS old ON old.id = new.old_id;

-- name: copy_erp_outbox
-- The same document under the same name: the ERP knows it by its old id.
-- $1 old ids, $2 new ids, $3 who, $4 why
INSERT INTO erp_delivery (id, destination_id, document_id, message_id, cause, actor, reason)
SELECT new.new_id, destination_id, document_id, message_id, 'replayed', $3,
       coalesce(nullif($4, ''), old.reason)
  FROM unnest($1::uuid[], $2::uuid[]) AS new (old_id, new_id)
  JOIN erp_delivery AS old ON old.id = new.old_id;

-- name: keep
-- $1 run_id, $2 old ids, $3 new ids
INSERT INTO replay_row (run_id, old_id, new_id)
SELECT $1, old_id, new_id FROM unnest($2::uuid[], $3::uuid[]) AS new (old_id, new_id);

-- name: advance
-- How far a run is after a batch; its rate is used up by what was replayed.
-- $1 id, $2 whom, $3 at, $4 seq, $5 place, $6 replayed in this batch, $7 all skipped, $8 at its end
UPDATE replay_run
   SET whom = $2, at = $3, seq = $4, place = $5, replayed = replayed + $6, skipped = $7,
       paced_at = greatest(paced_at, clock_timestamp()
                           - make_interval(secs => greatest(5, 1 / rate)))
                  + make_interval(secs => $6::integer / rate),
       state = CASE WHEN $8 THEN 'done' ELSE state END,
       finished_at = CASE WHEN $8 THEN now() END
 WHERE id = $1;

-- name: cancel
-- Waits for the batch that is under way.
-- $1 id, $2 who
UPDATE replay_run SET state = 'cancelled', finished_at = now(), cancelled_by = $2
 WHERE id = $1 AND state = 'running'
RETURNING id;

-- name: latest
-- Runs, the latest first.
-- $1 only this one or null, $2 limit
SELECT id, queue, wanted, coalesce(cardinality(ids), 0) AS chosen, most, rate, actor, reason, state,
       matched, replayed, skipped, created_at, finished_at, cancelled_by,
       CASE WHEN state = 'running' AND rate > 0
            THEN greatest(0, (least(matched, most) - replayed) / rate) END AS seconds_left
  FROM replay_run
 WHERE ($1::uuid IS NULL OR id = $1)
 ORDER BY created_at DESC, id DESC
 LIMIT $2;

-- name: became
-- What became of the rows that a run made.
-- $1 run_id
SELECT CASE WHEN item.state IN ('waiting', 'leased', 'parked') THEN 'unfinished' ELSE item.state END
           AS state,
       count(*)::integer AS rows
  FROM replay_run AS run
  JOIN replay_row AS made ON made.run_id = run.id
  JOIN queue_item AS item ON item.queue = run.queue AND item.id = made.new_id
 WHERE run.id = $1
 GROUP BY 1 ORDER BY 1;

-- name: newest
-- The rows that a run made last, for who asked for few.
-- $1 run_id, $2 limit
SELECT old_id, new_id FROM replay_row WHERE run_id = $1 ORDER BY new_id LIMIT $2;
