-- name: add
-- $1 id, $2 store_id, $3 order_id, $4 line_id, $5 picker_id, $6 text
INSERT INTO help_request (id, store_id, order_id, line_id, picker_id, text)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: open
-- The oldest first.
-- $1 store_id, $2 limit
SELECT help.id, help.order_id, orders.number, help.line_id, help.text, help.at, help.closed_at,
       picker.badge, picker.name
  FROM help_request AS help
  JOIN picker ON picker.id = help.picker_id
  LEFT JOIN orders ON orders.id = help.order_id
 WHERE help.store_id = $1 AND help.closed_at IS NULL
 ORDER BY help.at, help.id
 LIMIT $2;

-- name: one
-- $1 id, $2 store_id
SELECT help.id, help.order_id, orders.number, help.line_id, help.text, help.at, help.closed_at,
       picker.badge, picker.name
  FROM help_request AS help
  JOIN picker ON picker.id = help.picker_id
  LEFT JOIN orders ON orders.id = help.order_id
 WHERE help.id = $1 AND help.store_id = $2;

-- name: close
-- No row comes back when it was closed before.
-- $1 id, $2 closed_by
UPDATE help_request SET closed_at = now(), closed_by = $2 WHERE id = $1 AND closed_at IS NULL
RETURNING id;
