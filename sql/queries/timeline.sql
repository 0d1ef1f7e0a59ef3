-- name: add
-- $1 id, $2 order_id, $3 store_id, $4 kind, $5 actor, $6 trace_id, $7 detail
INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: read
-- By id: they were made one after the other under the lock of the order; `at` is when their
-- transactions began.
-- $1 order_id
SELECT at, kind, actor, trace_id, detail FROM timeline WHERE order_id = $1 ORDER BY id;
