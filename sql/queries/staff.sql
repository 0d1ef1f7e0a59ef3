-- Administration of a store's people and handhelds.

-- name: people
-- $1 store_id, none: every store
SELECT picker.id, picker.badge, picker.name, picker.role, picker.active,
       picker.locked_until > now() AS locked, store.code AS store,
       shift.started_at AS on_shift_since
  FROM picker
  JOIN store ON store.id = picker.store_id
  LEFT JOIN shift ON shift.picker_id = picker.id AND shift.ended_at IS NULL
 WHERE $1::uuid IS NULL OR picker.store_id = $1
 ORDER BY store.code, picker.active DESC, picker.name, picker.badge;

-- name: person
-- Locked: what is decided about a person is decided one after the other.
-- $1 id
SELECT picker.id, picker.badge, picker.name, picker.role, picker.active, picker.store_id
  FROM picker WHERE picker.id = $1
   FOR NO KEY UPDATE;

-- name: person_by_badge
-- $1 badge
SELECT id FROM picker WHERE badge = $1;

-- name: add_person
-- $1 id, $2 store_id, $3 badge, $4 name, $5 role, $6 pin_hash
INSERT INTO picker (id, store_id, badge, name, role, pin_hash) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (badge) DO NOTHING
RETURNING id;

-- name: change_person
-- A new PIN ends the lock of the old one; where the PIN stays, so do its failures.
-- $1 id, $2 name, $3 role, $4 active, $5 pin_hash or none
UPDATE picker
   SET name = $2, role = $3, active = $4, pin_hash = coalesce($5, pin_hash),
       failures = CASE WHEN $5 IS NULL THEN failures ELSE 0 END,
       locked_until = CASE WHEN $5 IS NULL THEN locked_until ELSE '-infinity' END
 WHERE id = $1;

-- name: end_sessions
-- $1 picker_id
UPDATE picker_session SET ended_at = now() WHERE picker_id = $1 AND ended_at IS NULL;

-- name: devices
-- $1 store_id, none: every store
SELECT device.id, device.name, device.registered_at, device.registered_by, device.revoked_at,
       device.client_version, device.seen_at, store.code AS store,
       (SELECT count(*) FROM picker_session AS session
         WHERE session.device = device.id AND session.ended_at IS NULL
           AND session.expires_at > now()) AS sessions
  FROM device JOIN store ON store.id = device.store_id
 WHERE $1::uuid IS NULL OR device.store_id = $1
 ORDER BY store.code, device.revoked_at IS NOT NULL, device.name, device.id;

-- name: add_device
-- $1 id, $2 store_id, $3 code_hash, $4 name, $5 registered_by
INSERT INTO device (id, store_id, code_hash, name, registered_by) VALUES ($1, $2, $3, $4, $5);

-- name: revoke_device
-- No row: no such handheld; the second time changes nothing.
-- $1 id, $2 store_id, none: any store
UPDATE device SET revoked_at = coalesce(revoked_at, now())
 WHERE id = $1 AND ($2::uuid IS NULL OR store_id = $2)
RETURNING store_id, revoked_at = now() AS now;

-- name: end_device_sessions
-- After the handheld's row is locked: a sign-in that was under way is seen and ended too.
-- $1 device
UPDATE picker_session SET ended_at = now() WHERE device = $1 AND ended_at IS NULL;

-- name: stores
-- $1 code, $2 merchant's name, none: any
SELECT store.id FROM store JOIN merchant ON merchant.id = store.merchant_id
 WHERE store.code = $1 AND ($2::text IS NULL OR merchant.name = $2);

-- name: note
-- $1 id, $2 actor, $3 act, $4 picker_id, $5 device_id, $6 store_id, $7 detail, $8 trace_id
INSERT INTO staff_change (id, actor, act, picker_id, device_id, store_id, detail, trace_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: history
-- What was done to the person with this badge, or by them; the newest first.
-- $1 badge, none: everybody; $2 most
SELECT change.at, change.actor, change.act, coalesce(picker.badge, '') AS badge,
       coalesce(picker.name, device.name) AS whom, store.code AS store, change.detail,
       change.trace_id
  FROM staff_change AS change
  JOIN store ON store.id = change.store_id
  LEFT JOIN picker ON picker.id = change.picker_id
  LEFT JOIN device ON device.id = change.device_id
 WHERE $1::text IS NULL OR picker.badge = $1 OR change.actor = $1
 ORDER BY change.at DESC, change.id DESC
 LIMIT $2;
