-- What the smoke order of a deploy looks at: its own account, and nothing else.

-- name: order
-- How far an order is.
-- $1 account_id, $2 external_id
SELECT id, state FROM orders WHERE account_id = $1 AND external_id = $2;

-- name: delivery
-- What became of what was told last about it.
-- $1 account_id, $2 fifo_key
SELECT state, reason, last_error FROM queue_item
 WHERE queue = 'inbox' AND account_id = $1 AND fifo_key = $2
 ORDER BY seq DESC LIMIT 1;

-- name: leftovers
-- Orders that a run left behind which did not live to see their end.
-- $1 account_id, $2 seconds that a run takes at most
SELECT external_id FROM orders
 WHERE account_id = $1 AND state IN ('received', 'accepted', 'picking', 'picked', 'ready')
   AND received_at < now() - make_interval(secs => $2);

-- name: idle
-- Somebody whom no run has; two runs at once get two.
-- $1 store_id
SELECT id FROM picker WHERE store_id = $1 AND NOT active
 ORDER BY badge LIMIT 1
   FOR NO KEY UPDATE SKIP LOCKED;

-- name: forgotten
-- Those whom a run did not send home.
-- $1 store_id, $2 seconds that a run takes at most
SELECT id FROM picker
 WHERE store_id = $1 AND active
   AND NOT EXISTS (SELECT FROM staff_change
                    WHERE picker_id = picker.id AND at > now() - make_interval(secs => $2));

-- name: shop
-- $1 account's code
SELECT account.id, account_store.store_id
  FROM account JOIN account_store ON account_store.account_id = account.id
 WHERE account.code = $1 AND account.removed_at IS NULL;
