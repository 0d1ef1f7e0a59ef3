-- name: lock_by_external
-- $1 account_id, $2 external_id
SELECT * FROM orders WHERE account_id = $1 AND external_id = $2 FOR UPDATE;

-- name: by_external
-- $1 account_id, $2 external_id
SELECT * FROM orders WHERE account_id = $1 AND external_id = $2;

-- name: lock
-- $1 id
SELECT * FROM orders WHERE id = $1 FOR UPDATE;

-- name: read
-- $1 id
SELECT * FROM orders WHERE id = $1;

-- name: lines
-- $1 order id
SELECT * FROM order_line WHERE order_id = $1 ORDER BY position;

-- name: insert
-- No row comes back when another worker placed the same order first.
-- $1 id, $2 store_id, $3 account_id, $4 number, $5 external_id, $6 external_uuid, $7 state,
-- $8 requested_total, $9 payment_methods, $10 replacement_policy, $11 comment, $12 business,
-- $13 planned, $14 delivery_from, $15 delivery_to, $16 due_at, $17 trace_id, $18 version,
-- $19 authorised_total, $20 pickup, $21 delivery_fee, $22 discount, $23 currency
INSERT INTO orders (id, store_id, account_id, number, external_id, external_uuid, state,
                    requested_total, payment_methods, replacement_policy, comment, business,
                    planned, delivery_from, delivery_to, due_at, trace_id, version,
                    authorised_total, pickup, delivery_fee, discount, currency)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21, $22, $23)
ON CONFLICT (account_id, external_id) DO NOTHING
RETURNING id;

-- name: insert_contact
-- $1 order_id, $2 customer, $3 address
INSERT INTO order_contact (order_id, customer, address) VALUES ($1, $2, $3);

-- name: update
-- $1 id, $2 state, $3 version, $4 requested_total, $5 final_total, $6 paid_total,
-- $7 payment_state, $8 replacement_policy, $9 comment, $10 planned, $11 delivery_from,
-- $12 delivery_to, $13 due_at, $14 courier, $15 implied, $16 cancelled_by, $17 cancel_reason,
-- $18 sale_due, $19 authorised_total, $20 bag_count, $21 putback, $22 reopened,
-- $23 agreed_total, $24 pickup, $25 delivery_fee, $26 discount
UPDATE orders
   SET state = $2, version = $3, requested_total = $4, final_total = $5, paid_total = $6,
       payment_state = $7, replacement_policy = $8, comment = $9, planned = $10,
       delivery_from = $11, delivery_to = $12, due_at = $13, courier = $14, implied = $15,
       cancelled_by = $16, cancel_reason = $17, sale_due = $18,
       authorised_total = $19, bag_count = $20, putback = $21, reopened = $22,
       agreed_total = $23, pickup = $24, delivery_fee = $25, discount = $26, changed_at = now(),
       accepted_at = CASE WHEN $2 = 'accepted' THEN coalesce(accepted_at, now())
                          ELSE accepted_at END,
       picking_at = CASE WHEN $2 = 'picking' THEN coalesce(picking_at, now())
                         ELSE picking_at END,
       picked_at = CASE WHEN $2 = 'picked' THEN coalesce(picked_at, now()) ELSE picked_at END,
       ready_at = CASE WHEN $2 = 'ready' THEN coalesce(ready_at, now()) ELSE ready_at END,
       handed_over_at = CASE WHEN $2 = 'handed_over' THEN coalesce(handed_over_at, now())
                             ELSE handed_over_at END,
       delivered_at = CASE WHEN $2 = 'delivered' THEN coalesce(delivered_at, now())
                           ELSE delivered_at END,
       courier_arrived_at = CASE WHEN $14 = 'arrived' THEN coalesce(courier_arrived_at, now())
                                 ELSE courier_arrived_at END,
       paid_at = CASE WHEN $6 IS DISTINCT FROM paid_total THEN now() ELSE paid_at END,
       ended_at = CASE WHEN $2 IN ('rejected', 'cancelled', 'returned')
                       THEN coalesce(ended_at, now()) ELSE ended_at END
 WHERE id = $1;

-- name: save_lines
-- The columns stand once more in order_rows.line_values.
-- $1 lines as a JSON list
INSERT INTO order_line (
    id, order_id, store_id, position, external_id, name, unit, unit_grams, price,
    requested_pieces, requested_grams, barcodes, plu, vat, marked, state, picked_pieces,
    picked_grams, total, reason, shelf_empty, marks, category, temperature, zone, aisle, shelf,
    rank, postponed, min_age, restriction, photo_url, wish, wish_skus, replaces, decide_by,
    override_by, refused, refused_reason, mark_uses, list_price, ref)
SELECT
    id, order_id, store_id, position, external_id, name, unit, unit_grams, price,
    requested_pieces, requested_grams, barcodes, plu, vat, marked, state, picked_pieces,
    picked_grams, total, reason, shelf_empty, marks, category, temperature, zone, aisle, shelf,
    rank, postponed, min_age, restriction, photo_url, wish, wish_skus, replaces, decide_by,
    override_by, refused, refused_reason, mark_uses, list_price, ref
  FROM jsonb_populate_recordset(NULL::order_line, $1)
ON CONFLICT (id) DO UPDATE
   SET unit = excluded.unit, unit_grams = excluded.unit_grams, price = excluded.price,
       requested_pieces = excluded.requested_pieces, requested_grams =
       excluded.requested_grams, state = excluded.state, picked_pieces =
       excluded.picked_pieces, picked_grams = excluded.picked_grams, total = excluded.total,
       reason = excluded.reason, shelf_empty = excluded.shelf_empty, marks = excluded.marks,
       mark_uses = excluded.mark_uses, marked = excluded.marked, wish = excluded.wish,
       wish_skus = excluded.wish_skus, min_age = excluded.min_age,
       restriction = excluded.restriction,
       postponed = excluded.postponed, decide_by = excluded.decide_by, override_by =
       excluded.override_by, refused = excluded.refused,
       refused_reason = excluded.refused_reason, list_price = excluded.list_price,
       ref = excluded.ref;

-- name: browse
-- $1 limit, $2 state or null, $3 store code or null
SELECT orders.number, orders.external_id, orders.state, orders.version, orders.due_at,
       orders.requested_total, orders.final_total, orders.received_at, account.code AS account,
       store.code AS store
  FROM orders
  JOIN account ON account.id = orders.account_id
  JOIN store ON store.id = orders.store_id
 WHERE ($2::text IS NULL OR orders.state = $2) AND ($3::text IS NULL OR store.code = $3)
 ORDER BY orders.id DESC
 LIMIT $1;

-- name: find_id
-- By our number, the marketplace's number, or the id itself.
-- $1 text, $2 the text as an id or null
SELECT id FROM orders WHERE number = $1 OR external_id = $1 OR id = $2
 ORDER BY id DESC LIMIT 1;

-- name: names
-- $1 id
SELECT account.code AS account, account.adapter AS marketplace, store.code AS store
  FROM orders
  JOIN account ON account.id = orders.account_id
  JOIN store ON store.id = orders.store_id
 WHERE orders.id = $1;

-- name: same_merchant
-- $1 store_id, $2 another store_id
SELECT EXISTS (SELECT FROM store AS one JOIN store AS other USING (merchant_id)
                WHERE one.id = $1 AND other.id = $2);
