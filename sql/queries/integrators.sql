-- A retailer's own systems: what each subscription is, and how it fares.

-- name: find
-- One that is still there, by its code.
-- $1 code
SELECT id, merchant_id, code, name, url, events, stores, sealed, parallel, pause_after, active,
       removed_at IS NOT NULL AS removed
  FROM integrator
 WHERE removed_at IS NULL AND code = $1;

-- name: busy
-- Those that have something to be told right now, and neither rest nor are paused.
SELECT id, parallel
  FROM integrator
 WHERE active AND removed_at IS NULL AND rest_until <= now()
   AND EXISTS (SELECT FROM event_outbox AS item
                WHERE item.queue = 'event_outbox' AND item.destination_id = integrator.id
                  AND item.state IN ('waiting', 'leased', 'parked') AND item.due_at <= now())
   AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL);

-- name: overview
-- All that are there, and how they fare; never a secret.
-- $1 code or null for all
SELECT integrator.code, integrator.name, merchant.name AS merchant, integrator.url,
       integrator.events, integrator.parallel, integrator.active, integrator.pause_reason,
       integrator.paused_at, integrator.created_at, integrator.changed_at, integrator.trouble,
       integrator.failing_since, integrator.taken_at,
       extract(epoch FROM integrator.pause_after)::bigint AS pause_after,
       ARRAY(SELECT store.code FROM store WHERE store.id = ANY (integrator.stores) ORDER BY 1)
           AS stores,
       nullif(greatest(integrator.rest_until, now()), now()) AS rest_until,
       (SELECT count(*) FROM event_outbox AS item
         WHERE item.queue = 'event_outbox' AND item.destination_id = integrator.id
           AND item.state IN ('waiting', 'leased', 'parked')) AS waiting,
       (SELECT count(*) FROM event_outbox AS item
         WHERE item.queue = 'event_outbox' AND item.destination_id = integrator.id
           AND item.state = 'dead'
           AND NOT EXISTS (SELECT FROM event_outbox AS replay
                            WHERE replay.queue = 'event_outbox' AND replay.replay_of = item.id))
           AS given_up
  FROM integrator
  JOIN merchant ON merchant.id = integrator.merchant_id
 WHERE integrator.removed_at IS NULL AND ($1::text IS NULL OR integrator.code = $1)
 ORDER BY integrator.code;

-- name: stores
-- A merchant's stores by their codes.
-- $1 merchant_id, $2 codes
SELECT code, id FROM store WHERE merchant_id = $1 AND code = ANY ($2::text[]);

-- name: save
-- A new subscription, or one as it is now described; its secrets stay when none are given.
-- $1 id, $2 merchant_id, $3 code, $4 name, $5 url, $6 events, $7 stores, $8 sealed or null,
-- $9 parallel, $10 pause_after
INSERT INTO integrator (id, merchant_id, code, name, url, events, stores, sealed, parallel,
                        pause_after)
VALUES ($1, $2, $3, $4, $5, $6, $7,
        coalesce($8, (SELECT sealed FROM integrator WHERE code = $3 AND removed_at IS NULL)), $9, $10)
ON CONFLICT (code) WHERE removed_at IS NULL DO UPDATE
   SET name = $4, url = $5, events = $6, stores = $7,
       sealed = coalesce($8, integrator.sealed), parallel = $9, pause_after = $10,
       rest_until = '-infinity', changed_at = now()
 WHERE integrator.merchant_id = $2
RETURNING id;

-- name: secrets
-- $1 code, $2 sealed, $3 what was sealed before: somebody else may have changed it meanwhile
UPDATE integrator SET sealed = $2, rest_until = '-infinity', changed_at = now()
 WHERE code = $1 AND removed_at IS NULL AND sealed = $3
RETURNING id;

-- name: pause
-- By a person; one that is paused already stays as it is.
-- $1 code
UPDATE integrator
   SET active = false, changed_at = now(),
       pause_reason = coalesce(pause_reason, 'operator'), paused_at = coalesce(paused_at, now())
 WHERE code = $1 AND removed_at IS NULL
RETURNING id;

-- name: resume
-- What has gathered is due now, in its order, as if it had never been tried. A row that somebody has in
-- hand is left to him: he may wait for the subscription, which is ours by then.
-- $1 code
WITH back AS (
    UPDATE integrator
       SET active = true, pause_reason = NULL, paused_at = NULL, rest_until = '-infinity',
           failures = 0, failing_since = NULL, trouble = NULL, changed_at = now()
     WHERE code = $1 AND removed_at IS NULL
    RETURNING id
), theirs AS (
    SELECT item.id
      FROM back
      JOIN event_outbox AS item ON item.queue = 'event_outbox' AND item.destination_id = back.id
     WHERE item.state IN ('waiting', 'parked')
       FOR UPDATE OF item SKIP LOCKED
), due AS (
    UPDATE event_outbox AS item SET due_at = now(), attempts = 0
      FROM theirs
     WHERE item.queue = 'event_outbox' AND item.id = theirs.id
)
SELECT id FROM back;

-- name: remove
-- It is told nothing more: what waits for it is superseded; what somebody has in hand, by
-- `drop_removed` (queue.sql).
-- $1 code
WITH gone AS (
    UPDATE integrator SET removed_at = now(), active = false, sealed = NULL, changed_at = now()
     WHERE code = $1 AND removed_at IS NULL
    RETURNING id
), theirs AS (
    SELECT item.id
      FROM gone
      JOIN event_outbox AS item ON item.queue = 'event_outbox' AND item.destination_id = gone.id
     WHERE item.state IN ('waiting', 'parked')
       FOR UPDATE OF item SKIP LOCKED
), dropped AS (
    UPDATE event_outbox AS item
       SET state = 'superseded', finished_at = now(), reason = 'removed'
      FROM theirs
     WHERE item.queue = 'event_outbox' AND item.id = theirs.id
)
SELECT id FROM gone;

-- name: failures
-- How often it failed of late. Locked by a statement of its own: one that locked the row and changed it too
-- could wait for those that wait for it, when an order that refers to the row was written meanwhile.
-- $1 id
SELECT failures FROM integrator WHERE id = $1 FOR NO KEY UPDATE;

-- name: well
-- It has taken something.
-- $1 id
UPDATE integrator
   SET failures = 0, failing_since = NULL, trouble = NULL, rest_until = '-infinity', taken_at = now()
 WHERE id = $1;

-- name: hurry
-- What waited because it took nothing is due now, with its tries given back.
-- $1 id, $2 most rows
WITH late AS (
    SELECT item.id
      FROM event_outbox AS item
     WHERE item.queue = 'event_outbox' AND item.destination_id = $1 AND item.state = 'waiting'
       AND item.due_at > now()
     ORDER BY item.seq
     LIMIT $2
       FOR UPDATE OF item SKIP LOCKED
)
UPDATE event_outbox AS item
   SET due_at = now(), attempts = least(item.attempts, 1)
  FROM late
 WHERE item.queue = 'event_outbox' AND item.id = late.id;

-- name: ill
-- It did not take something: after the third failure in a row it rests, a little longer each time; when
-- there was nothing but failures for as long as it is borne, or it wants no more, it is paused. Whether
-- there was nothing but failures since a moment, the message's own first.
-- $1 id, $2 what was said, $3 seconds it is left in peace at least, $4 whether it wants no more,
-- $5 since when the message is
UPDATE integrator
   SET failures = failures + 1, trouble = $2, failing_since = coalesce(failing_since, now()),
       rest_until = greatest(rest_until, now() + make_interval(secs => greatest($3,
           CASE WHEN failures >= 2 THEN least(60, 5 * 2 ^ least(failures - 2, 10)) ELSE 0 END))),
       active = active AND NOT ($4 OR coalesce(failing_since, now()) <= now() - pause_after),
       pause_reason = CASE WHEN NOT active THEN pause_reason
                           WHEN $4 THEN 'gone'
                           WHEN failing_since <= now() - pause_after THEN 'failing' END,
       paused_at = CASE WHEN NOT active THEN paused_at
                        WHEN $4 OR failing_since <= now() - pause_after THEN now() END
 WHERE id = $1 AND removed_at IS NULL
RETURNING active, coalesce(taken_at, '-infinity') < $5 AS nothing_taken;
