-- Delivered orders in numbers, for measuring how documents are issued (app/bench). Nothing here is
-- asked by the hub itself.

-- name: goods
-- $1 merchant_id, $2 how many
INSERT INTO product (merchant_id, sku, name, barcodes, vat, marked)
SELECT $1, 'G' || n, 'Товар № ' || n, ARRAY[(4600000000000 + n)::text],
       (ARRAY['standard', 'reduced', 'none', 'reduced'])[1 + n % 4], n % 20 = 0
  FROM generate_series(0, $2::integer - 1) AS n;

-- name: orders
-- Delivered in the last weeks, the oldest first; what was paid is known. Ids begin with the time, as
-- all of ours do.
-- $1 store ids, $2 account_id, $3 how many
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total, due_at,
                    received_at, accepted_at, picking_at, picked_at, ready_at, paid_at,
                    handed_over_at, delivered_at, payment_state, version, sale_due)
SELECT overlay(md5('sold' || n)
               PLACING lpad(to_hex((extract(epoch FROM came.at) * 1000)::bigint), 12, '0') || '7'
               FROM 1 FOR 13)::uuid,
       ($1::uuid[])[1 + n % cardinality($1::uuid[])], $2, 'S-' || n, 'SO' || n, 'delivered', 0,
       came.at + interval '2 hours', came.at, came.at, came.at, came.at, came.at, came.at, came.at,
       came.at + interval '3 hours', 'paid', 20, true
  FROM generate_series(1, $3::integer) AS n,
       LATERAL (SELECT now() - interval '6 hours' - ($3 - n) * interval '20 seconds' AS at) AS came
 ORDER BY n;

-- name: lines
-- So many picked lines for each of these orders, every fifth of them weighed and every tenth with a
-- discount, and one that was not found.
-- $1 account_id, $2 lines of an order, $3 how many goods there are, $4 external_id from, $5 until
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, unit_grams,
                        price, list_price, requested_pieces, requested_grams, barcodes, vat,
                        marked, marks, state, picked_pieces, picked_grams, total)
SELECT overlay(md5(orders.id::text || n) PLACING left(replace(orders.id::text, '-', ''), 13)
               FROM 1 FOR 13)::uuid,
       orders.id, orders.store_id, n, 'G' || good.nth, 'Товар № ' || good.nth,
       CASE WHEN n % 5 = 0 THEN 'weight' ELSE 'piece' END, CASE WHEN n % 5 = 0 THEN 1000 END,
       it.price, CASE WHEN n % 10 = 1 THEN it.price + 1000 END, 2,
       CASE WHEN n % 5 = 0 THEN 1500 END, ARRAY[(4600000000000 + good.nth)::text],
       (ARRAY['standard', 'reduced', 'none', 'reduced'])[1 + good.nth % 4],
       good.nth % 20 = 0 AND n % 5 <> 0,
       CASE WHEN good.nth % 20 = 0 AND n % 5 <> 0
            THEN ARRAY['0104600000000000215' || md5(orders.id::text || n),
                       '0104600000000000216' || md5(orders.id::text || n)] ELSE '{}' END,
       CASE WHEN n = $2 + 1 THEN 'dropped' ELSE 'picked' END, CASE WHEN n <= $2 THEN 2 END,
       CASE WHEN n <= $2 AND n % 5 = 0 THEN 1450 END,
       CASE WHEN n > $2 THEN 0 WHEN n % 5 = 0 THEN (2 * it.price * 1450 + 1000) / 2000
            ELSE 2 * it.price END
  FROM orders
 CROSS JOIN generate_series(1, $2::integer + 1) AS n
 CROSS JOIN LATERAL (
    SELECT (substr(orders.number, 3)::integer * 7 + n * 131) % $3::integer AS nth) AS good
 CROSS JOIN LATERAL (SELECT 4990 + (good.nth * 37) % 30000 AS price) AS it
 WHERE orders.account_id = $1 AND substr(orders.number, 3)::integer BETWEEN $4 AND $5
 ORDER BY orders.id, n;

-- name: paid
-- What the lines come to, which is what was paid.
-- $1 account_id
UPDATE orders
   SET requested_total = sums.total, final_total = sums.total, paid_total = sums.total
  FROM (SELECT order_id, sum(total) AS total FROM order_line GROUP BY order_id) AS sums
 WHERE sums.order_id = orders.id AND orders.account_id = $1;

-- name: held
-- The oldest so many are of goods that nobody knows.
-- $1 account_id, $2 how many
UPDATE order_line SET external_id = 'X' || order_line.external_id
  FROM orders
 WHERE orders.id = order_line.order_id AND orders.account_id = $1
   AND substr(orders.number, 3)::integer <= $2;

-- name: found
-- What there is, and whether it is as it must be: numbers without gaps or doubles, every order once,
-- totals of lines.
SELECT count(*) AS documents, (SELECT count(*) FROM document_line) AS lines,
       (SELECT count(*) FROM sale_hold) AS held,
       (SELECT count(*) FROM orders WHERE sale_due) AS due,
       count(DISTINCT order_id) AS orders,
       coalesce((SELECT bool_and(first = 1 AND last = many) FROM (
           SELECT min(serial) AS first, max(serial) AS last, count(*) AS many
             FROM document GROUP BY merchant_id, series, year) AS of_series), true) AS gapless,
       coalesce(bool_and((total, vat_total) = (
           SELECT sum(line.total), sum(line.vat) FROM document_line AS line
            WHERE line.document_id = document.id)), true) AS sums
  FROM document;
