-- name: picker_by_badge
-- Locks the row: two guesses at one badge are counted one after the other.
-- $1 badge
SELECT picker.id, picker.badge, picker.name, picker.store_id, picker.pin_hash,
       picker.locked_until > now() AS locked, store.code AS store, store.name AS store_name,
       store.timezone
  FROM picker JOIN store ON store.id = picker.store_id
 WHERE picker.badge = $1 AND picker.active
   FOR UPDATE OF picker;

-- name: count_failure
-- Every $2 wrong PINs in a row lock the badge: $3 seconds, then twice as long each time, up to an
-- hour. Only a right PIN starts the count anew.
-- $1 id, $2 most, $3 seconds
UPDATE picker
   SET failures = least(failures, 32000) + 1,
       locked_until = CASE WHEN (failures + 1) % $2 = 0
                           THEN now() + make_interval(
                               secs => least($3 * 2 ^ least((failures + 1) / $2 - 1, 10), 3600))
                           ELSE locked_until END
 WHERE id = $1;

-- name: open_session
-- $1 token_hash, $2 picker_id, $3 device_id, $4 seconds
WITH forgiven AS (
    UPDATE picker SET failures = 0 WHERE id = $2
)
INSERT INTO picker_session (token_hash, picker_id, device_id, expires_at)
VALUES ($1, $2, $3, now() + make_interval(secs => $4))
RETURNING expires_at;

-- name: by_session
-- $1 token_hash
SELECT picker.id, picker.badge, picker.name, picker.store_id, store.code AS store,
       store.name AS store_name, store.timezone
  FROM picker_session AS session
  JOIN picker ON picker.id = session.picker_id
  JOIN store ON store.id = picker.store_id
 WHERE session.token_hash = $1 AND session.ended_at IS NULL AND session.expires_at > now()
   AND picker.active;

-- name: end_session
-- $1 token_hash
UPDATE picker_session SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL;
