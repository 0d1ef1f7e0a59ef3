-- name: add
-- $1 id, $2 rule, $3 subject, $4 merchant_id, $5 store_id, $6 account_id, $7 level, $8 reason,
-- $9 owner, $10 created_at, $11 until
INSERT INTO incident_mute (id, rule, subject, merchant_id, store_id, account_id, level, reason,
                           owner, created_at, until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: live
-- $1 now, $2 merchant_id or null for all
SELECT id, rule, subject, merchant_id, store_id, account_id, level, reason, owner, created_at,
       until, ended_at, ended_by
  FROM incident_mute
 WHERE ended_at IS NULL AND until > $1 AND ($2::uuid IS NULL OR merchant_id = $2)
 ORDER BY until, id;

-- name: end
-- One that nobody has ended, and that is not over.
-- $1 id, $2 now, $3 who
UPDATE incident_mute SET ended_at = $2, ended_by = $3
 WHERE id = $1 AND ended_at IS NULL AND until > $2
RETURNING rule;
