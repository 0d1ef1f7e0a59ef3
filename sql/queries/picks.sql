-- name: job
-- $1 order_id
SELECT job.state, job.picker_id, picker.badge, picker.name, job.lease_until,
       coalesce(job.state IN ('claimed', 'active', 'paused') AND job.lease_until > now(), false)
           AS held
  FROM pick_job AS job LEFT JOIN picker ON picker.id = job.picker_id
 WHERE job.order_id = $1;

-- name: claim
-- Free, run out, or mine already: one statement decides. No row comes back when somebody holds it.
-- $1 order_id, $2 store_id, $3 picker_id, $4 lease seconds
INSERT INTO pick_job AS job (order_id, store_id, state, picker_id, lease_until, claimed_at)
VALUES ($1, $2, 'claimed', $3, now() + make_interval(secs => $4), now())
ON CONFLICT (order_id) DO UPDATE
   SET state = CASE WHEN job.picker_id = $3 AND job.state <> 'open' THEN job.state
                    ELSE 'claimed' END,
       picker_id = $3,
       lease_until = now() + make_interval(secs => $4),
       claimed_at = CASE WHEN job.picker_id = $3 THEN job.claimed_at ELSE now() END
 WHERE job.state IN ('open', 'claimed', 'active', 'paused')
   AND (job.picker_id = $3 OR job.state = 'open' OR job.lease_until <= now())
RETURNING order_id;

-- name: extend
-- Every write of the holder extends the lease; $3 is the job's state after it.
-- $1 order_id, $2 picker_id, $3 state, $4 lease seconds
UPDATE pick_job
   SET state = $3,
       lease_until = now() + make_interval(secs => $4),
       done_at = CASE WHEN $3 = 'done' THEN now() END
 WHERE order_id = $1 AND picker_id = $2;

-- name: release
-- $1 order_id, $2 picker_id
UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL
 WHERE order_id = $1 AND picker_id = $2;

-- name: next
-- Mine before new, the most urgent first; one that another picker is claiming right now is skipped.
-- $1 store_id, $2 picker_id
SELECT orders.id
  FROM orders LEFT JOIN pick_job AS job ON job.order_id = orders.id
 WHERE orders.store_id = $1
   AND orders.state IN ('accepted', 'picking', 'picked')
   AND (job.order_id IS NULL OR job.state = 'open' OR job.picker_id = $2
        OR (job.state IN ('claimed', 'active', 'paused') AND job.lease_until <= now()))
 ORDER BY job.picker_id IS NOT DISTINCT FROM $2 DESC, orders.due_at, orders.id
 LIMIT 1
   FOR UPDATE OF orders SKIP LOCKED;

-- name: shop_queue
-- $1 store_id, $2 picker_id, $3 scope: open, mine, store; $4 limit
SELECT orders.id, orders.number, orders.external_id, orders.state, orders.version, orders.due_at,
       (SELECT count(*) FROM order_line AS line WHERE line.order_id = orders.id) AS lines,
       picker.badge, picker.name
  FROM orders
  LEFT JOIN pick_job AS job
         ON job.order_id = orders.id AND job.state IN ('claimed', 'active', 'paused')
            AND job.lease_until > now()
  LEFT JOIN picker ON picker.id = job.picker_id
 WHERE orders.store_id = $1
   AND orders.state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over')
   AND CASE $3
       WHEN 'mine' THEN job.picker_id = $2
       WHEN 'open' THEN orders.state IN ('accepted', 'picking', 'picked') AND job.order_id IS NULL
       ELSE true END
 ORDER BY orders.due_at, orders.id
 LIMIT $4;

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

-- name: keep_scan
-- $1 id, $2 order_id, $3 line_id, $4 picker_id, $5 raw, $6 outcome, $7 pieces, $8 grams
INSERT INTO scan (id, order_id, line_id, picker_id, raw, outcome, pieces, grams)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);
