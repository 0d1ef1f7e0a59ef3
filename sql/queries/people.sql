-- name: picker_by_badge
-- Locks the row: two guesses at one badge are counted one after the other. Its key stays free, so
-- that a write which only refers to this person need not wait.
-- $1 badge
SELECT picker.id, picker.badge, picker.name, picker.role, picker.store_id, picker.pin_hash,
       picker.locked_until > now() AS locked, store.devices = 'registered' AS needs_device,
       store.merchant_id, store.code AS store, store.name AS store_name, store.timezone,
       store.shifts = 'required' AS needs_shift,
       EXISTS (SELECT FROM shift WHERE shift.picker_id = picker.id AND shift.ended_at IS NULL
                  AND NOT EXISTS (SELECT FROM shift_pause AS pause
                                   WHERE pause.shift_id = shift.id AND pause.ended_at IS NULL))
           AS on_shift
  FROM picker JOIN store ON store.id = picker.store_id
 WHERE picker.badge = $1 AND picker.active
   FOR NO KEY UPDATE OF picker;

-- name: employee
-- The application vouches for its people: whether they are at work is kept there, not in our shifts.
-- $1 merchant_id, $2 badge
SELECT picker.id, picker.badge, picker.name, picker.role, picker.store_id, store.merchant_id,
       store.code AS store, store.name AS store_name, store.timezone,
       false AS needs_shift, true AS on_shift
  FROM picker JOIN store ON store.id = picker.store_id
 WHERE store.merchant_id = $1 AND picker.badge = $2 AND picker.active;

-- name: device_by_code
-- Locks the row, as a badge's: a sign-in and a revocation come one after the other.
-- $1 code_hash
SELECT id, store_id, revoked_at IS NOT NULL AS revoked, locked_until > now() AS locked
  FROM device WHERE code_hash = $1
   FOR NO KEY UPDATE;

-- name: any_needs_device
SELECT EXISTS (SELECT FROM store WHERE devices = 'registered');

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

-- name: count_device_failure
-- The same for a handheld that tries one badge after the other.
-- $1 id, $2 most, $3 seconds
UPDATE device
   SET failures = least(failures, 32000) + 1,
       locked_until = CASE WHEN (failures + 1) % $2 = 0
                           THEN now() + make_interval(
                               secs => least($3 * 2 ^ least((failures + 1) / $2 - 1, 10), 3600))
                           ELSE locked_until END
 WHERE id = $1;

-- name: forgive
-- $1 id
UPDATE picker SET failures = 0 WHERE id = $1 AND failures > 0;

-- name: open_session
-- $1 token_hash, $2 picker_id, $3 device_id, $4 seconds, $5 device, $6 client_version
WITH forgiven AS (
    UPDATE picker SET failures = 0 WHERE id = $2
), seen AS (
    UPDATE device SET failures = 0, seen_at = now(), client_version = $6 WHERE id = $5
)
INSERT INTO picker_session (token_hash, picker_id, device_id, expires_at, device)
VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5)
RETURNING expires_at;

-- name: by_session
-- Asked on every call: one row by its key, and what belongs to it by theirs. `news`: a registered
-- handheld that was not noted within a minute, or runs another version now.
-- $1 token_hash, $2 client_version
SELECT picker.id, picker.badge, picker.name, picker.role, picker.store_id,
       store.merchant_id, store.code AS store, store.name AS store_name, store.timezone,
       store.shifts = 'required' AS needs_shift,
       shift.id IS NOT NULL AND pause.shift_id IS NULL AS on_shift,
       session.device, away.state AS away,
       device.id IS NOT NULL AND (device.seen_at < now() - interval '1 minute'
           OR device.client_version <> $2) AS news
  FROM picker_session AS session
  JOIN picker ON picker.id = session.picker_id
  JOIN store ON store.id = picker.store_id
  LEFT JOIN store_away AS away ON away.store_id = picker.store_id
  LEFT JOIN device ON device.id = session.device
  LEFT JOIN shift ON shift.picker_id = picker.id AND shift.ended_at IS NULL
  LEFT JOIN shift_pause AS pause ON pause.shift_id = shift.id AND pause.ended_at IS NULL
 WHERE session.token_hash = $1 AND session.ended_at IS NULL AND session.expires_at > now()
   AND picker.active AND device.revoked_at IS NULL
   AND (store.devices = 'any' OR device.store_id = picker.store_id);

-- name: device_seen
-- $1 id, $2 client_version
UPDATE device SET seen_at = now(), client_version = $2 WHERE id = $1;

-- name: end_session
-- $1 token_hash
UPDATE picker_session SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL;
