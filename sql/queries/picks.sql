-- name: lock_picker
-- Claims of one person come one after the other: two at once could not see each other.
-- $1 picker_id
SELECT FROM picker WHERE id = $1 FOR NO KEY UPDATE;

-- name: claims
-- $1 order_id
SELECT job.state, job.picker_id, picker.badge, picker.name, job.lease_until,
       coalesce(job.state IN ('claimed', 'active', 'paused') AND job.lease_until > now(), false)
           AS held,
       job.zone, job.claimed_at AS since, job.run_id
  FROM pick_job AS job LEFT JOIN picker ON picker.id = job.picker_id
 WHERE job.order_id = $1
 ORDER BY job.zone;

-- name: claim
-- Free, run out, mine already, or taken over: one statement decides. No row comes back when somebody
-- holds it. A claim on the whole order clears those on its zones, and the other way round; while one
-- of them stands, the other is not made. (The order is locked, so that nobody else decides now.)
-- $1 order_id, $2 store_id, $3 picker_id, $4 lease seconds, $5 zone, $6 take over, $7 run_id
WITH other AS (
    SELECT zone, lease_until > now() AS stands
      FROM pick_job
     WHERE order_id = $1 AND (zone = '') <> ($5 = '') AND state IN ('claimed', 'active', 'paused')
), cleared AS (
    UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL, run_id = NULL
      FROM other
     WHERE pick_job.order_id = $1 AND pick_job.zone = other.zone AND ($6 OR NOT other.stands)
)
INSERT INTO pick_job AS job (order_id, store_id, state, picker_id, lease_until, claimed_at, zone,
                             run_id)
SELECT $1, $2, 'claimed', $3, now() + make_interval(secs => $4), now(), $5, $7::uuid
 WHERE $6 OR NOT EXISTS (SELECT FROM other WHERE stands)
ON CONFLICT (order_id, zone) DO UPDATE
   SET state = CASE WHEN job.picker_id <> $3 OR job.state IN ('open', 'done', 'claimed')
                         OR job.picker_id IS NULL THEN 'claimed'
                    ELSE 'active' END,
       picker_id = $3,
       lease_until = now() + make_interval(secs => $4),
       claimed_at = CASE WHEN job.picker_id = $3 AND job.state <> 'open' THEN job.claimed_at
                         ELSE now() END,
       done_at = NULL,
       run_id = CASE WHEN $7::uuid IS NOT NULL THEN $7::uuid
                     WHEN job.picker_id = $3 AND job.state <> 'open' THEN job.run_id END
 WHERE job.picker_id = $3 OR job.state IN ('open', 'done') OR job.lease_until <= now() OR $6
RETURNING state, picker_id, lease_until, true AS held, zone, claimed_at AS since, run_id;

-- name: extend
-- Every write of the holder extends the lease of everything held on the order; $3 is the state of
-- the jobs after it.
-- $1 order_id, $2 picker_id, $3 state, $4 lease seconds
UPDATE pick_job
   SET state = $3,
       lease_until = now() + make_interval(secs => $4),
       done_at = CASE WHEN $3 = 'done' THEN now() END
 WHERE order_id = $1 AND picker_id = $2 AND state IN ('claimed', 'active', 'paused')
RETURNING state, picker_id, lease_until, state <> 'done' AS held, zone, claimed_at AS since, run_id;

-- name: release
-- $1 order_id, $2 picker_id, $3 zone or null for everything
UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL, run_id = NULL
 WHERE order_id = $1 AND picker_id = $2 AND ($3::text IS NULL OR zone = $3);

-- name: end_zones
-- Who has walked a zone is free, while somebody else still has lines to find: the last zone's picker
-- keeps the order until it is ready.
-- $1 order_id, $2 zones that have open lines, at least one
UPDATE pick_job SET state = 'done', done_at = now()
 WHERE order_id = $1 AND state IN ('claimed', 'active', 'paused')
   AND zone <> '' AND zone <> ALL ($2::text[]);

-- name: busy
-- Another order in this person's hands, its lease run out or not. $3 are orders that do not count.
-- $1 picker_id, $2 store_id, $3 order ids
SELECT order_id, run_id
  FROM pick_job
 WHERE picker_id = $1 AND store_id = $2 AND state IN ('claimed', 'active', 'paused')
   AND order_id <> ALL ($3::uuid[])
 LIMIT 1;

-- name: own
-- What this person has in hand, the most urgent first.
-- $1 picker_id, $2 store_id
SELECT job.order_id, job.zone
  FROM pick_job AS job JOIN orders ON orders.id = job.order_id
 WHERE job.picker_id = $1 AND job.store_id = $2 AND job.state IN ('claimed', 'active', 'paused')
 ORDER BY orders.due_at, orders.number, orders.id, job.zone
 LIMIT 1;

-- name: next
-- The most urgent orders nobody holds, or whose lines of a zone nobody holds; one that another
-- picker is claiming right now is skipped.
-- $1 store_id, $2 zone, $3 limit
SELECT orders.id
  FROM orders
 WHERE orders.store_id = $1
   AND orders.state IN ('accepted', 'picking', 'picked')
   AND NOT EXISTS (SELECT FROM pick_job AS job
                    WHERE job.order_id = orders.id AND job.state IN ('claimed', 'active', 'paused')
                      AND job.lease_until > now() AND ($2 = '' OR job.zone IN ('', $2)))
   AND ($2 = '' OR EXISTS (SELECT FROM order_line AS line
                            WHERE line.order_id = orders.id AND line.zone = $2
                              AND line.state = 'todo'))
 ORDER BY orders.due_at, orders.number, orders.id
 LIMIT $3
   FOR UPDATE OF orders SKIP LOCKED;

-- name: begin_operation
-- A second request with the same key waits here for the first one's transaction to end.
-- $1 picker_id, $2 key, $3 request_hash
INSERT INTO operation (picker_id, key, request_hash, status, body)
VALUES ($1, $2, $3, 0, '')
ON CONFLICT (picker_id, key) DO NOTHING
RETURNING key;

-- name: operation
-- $1 picker_id, $2 key
SELECT request_hash, status, etag, body FROM operation WHERE picker_id = $1 AND key = $2;

-- name: finish_operation
-- $1 picker_id, $2 key, $3 status, $4 etag, $5 body
UPDATE operation SET status = $3, etag = $4, body = $5 WHERE picker_id = $1 AND key = $2;

-- name: keep_refused_scan
-- Only on an order of the picker's own shop; the same scan sent again is the same row.
-- $1 id, $2 order_id, $3 line_id, $4 picker_id, $5 store_id, $6 raw, $7 outcome
INSERT INTO scan (id, order_id, line_id, picker_id, raw, outcome)
SELECT $1, orders.id,
       (SELECT line.id FROM order_line AS line WHERE line.id = $3 AND line.order_id = orders.id),
       $4, $6, $7
  FROM orders
 WHERE orders.id = $2 AND orders.store_id = $5
ON CONFLICT (id) DO NOTHING;

-- name: keep_scan
-- $1 id, $2 order_id, $3 line_id, $4 picker_id, $5 raw, $6 outcome, $7 pieces, $8 grams
INSERT INTO scan (id, order_id, line_id, picker_id, raw, outcome, pieces, grams)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
