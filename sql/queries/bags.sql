-- name: of_order
-- $1 order_id
SELECT id, position, code, temperature, state, place FROM bag WHERE order_id = $1 ORDER BY position;

-- name: open
-- No row comes back when a live bag of the store has this code.
-- $1 id, $2 order_id, $3 store_id, $4 position, $5 code, $6 temperature, $7 state
INSERT INTO bag (id, order_id, store_id, position, code, temperature, state)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (store_id, code) WHERE state IN ('open', 'sealed', 'staged') DO NOTHING
RETURNING id;

-- name: move
-- $1 id, $2 state, $3 place or null
UPDATE bag SET state = $2, place = $3 WHERE id = $1;

-- name: owner
-- Whose live bag has this code.
-- $1 store_id, $2 code
SELECT orders.id, orders.number
  FROM bag JOIN orders ON orders.id = bag.order_id
 WHERE bag.store_id = $1 AND bag.code = $2 AND bag.state IN ('open', 'sealed', 'staged');

-- name: lock_place
-- Bags come to one place one after the other, so that its capacity holds.
-- $1 store_id, $2 place
SELECT FROM store_place WHERE store_id = $1 AND code = $2 FOR UPDATE;

-- name: taken
-- How many bags of other orders stand there.
-- $1 store_id, $2 place, $3 order_id
SELECT count(*) FROM bag
 WHERE store_id = $1 AND place = $2 AND state = 'staged' AND order_id <> $3;

-- name: putbacks
-- Orders whose goods wait to go back to the shelves.
-- $1 store_id, $2 limit
SELECT id FROM orders WHERE store_id = $1 AND putback = 'due' ORDER BY changed_at LIMIT $2;
