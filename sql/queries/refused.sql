-- Who was turned away at the door, and why.

-- name: page
-- The newest first. Each filter has its index; the place goes by time and id.
-- $1 account or null, $2 reason or null, $3 word or null, $4 since, $5 until, $6 before this time,
-- $7 before this id at this time, $8 limit
SELECT id, at, account, reason, word, size, peer, headers, trace_id
  FROM inbox_refused
 WHERE at >= $4 AND at < $5 AND (at, id) < ($6, $7)
   AND ($1::text IS NULL OR account = $1)
   AND ($2::text IS NULL OR reason = $2)
   AND ($3::text IS NULL OR word = $3)
 ORDER BY at DESC, id DESC
 LIMIT $8;

-- name: own_plans
-- In this transaction every question is planned for what it asks.
SET LOCAL plan_cache_mode = force_custom_plan;
