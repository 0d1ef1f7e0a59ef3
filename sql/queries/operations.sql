-- What operations did to the lines of their orders, so that it can be taken back.

-- name: note
-- $1 picker_id, $2 key, $3 order_id, $4 verb, $5 version, $6 lines before, $7 lines after
UPDATE operation
   SET order_id = $3, verb = $4, version = $5, before = $6, after = $7
 WHERE picker_id = $1 AND key = $2;

-- name: last
-- The last change of an order's lines that still stands, whoever made it; or the one with this key.
-- $1 order_id, $2 key or null, $3 picker_id or null for anybody
SELECT operation.picker_id, operation.key, operation.verb, operation.before, operation.after,
       operation.undone_by, picker.badge
  FROM operation LEFT JOIN picker ON picker.id = operation.picker_id
 WHERE operation.order_id = $1 AND operation.before IS NOT NULL
   AND ($3::uuid IS NULL OR operation.picker_id = $3)
   AND CASE WHEN $2::text IS NULL THEN operation.undone_by IS NULL ELSE operation.key = $2 END
 ORDER BY operation.version DESC
 LIMIT 1;

-- name: undone
-- $1 picker_id, $2 key, $3 key of the operation that took it back
UPDATE operation SET undone_by = $3 WHERE picker_id = $1 AND key = $2;

-- name: forget
-- A key that did nothing is free again.
-- $1 picker_id, $2 key
DELETE FROM operation WHERE picker_id = $1 AND key = $2;
