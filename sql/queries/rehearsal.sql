-- A chain's made-up orders, for measuring (app/bench). Nothing here is asked by the hub itself.

-- name: stores
-- The stores of an account.
-- $1 account code
SELECT DISTINCT account_store.store_id AS id, account.id AS account_id
  FROM account
  JOIN account_store ON account_store.account_id = account.id
 WHERE account.code = $1
 ORDER BY account_store.store_id;

-- name: pickers
-- $1 ids, $2 store ids, $3 badges
INSERT INTO picker (id, store_id, badge, name, pin_hash)
SELECT one.id, one.store_id, one.badge, 'Сборщик ' || one.badge, ''
  FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS one(id, store_id, badge);

-- name: sessions
-- $1 token hashes, $2 picker ids
INSERT INTO picker_session (token_hash, picker_id, expires_at)
SELECT one.token_hash, one.picker_id, now() + interval '14 hours'
  FROM unnest($1::bytea[], $2::uuid[]) AS one(token_hash, picker_id);

-- name: open_orders
-- Accepted orders that came within the last hours and are due in some hours, the stores in turn.
-- Ids begin with the time, as all of ours do, so that what is new lies together.
-- $1 store ids, $2 account_id, $3 how many
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total, due_at,
                    delivery_from, delivery_to, accepted_at)
SELECT overlay(md5('open' || n)
               PLACING lpad(to_hex((extract(epoch FROM came.at) * 1000)::bigint), 12, '0') || '7'
               FROM 1 FOR 13)::uuid,
       ($1::uuid[])[1 + n % cardinality($1::uuid[])], $2, 'R-' || n, 'RO' || n, 'accepted', 300000,
       came.at + interval '10 hours', came.at + interval '11 hours', came.at + interval '13 hours',
       came.at
  FROM generate_series(1, $3::integer) AS n,
       LATERAL (SELECT now() - ($3 - n) * interval '4 seconds' AS at) AS came
 ORDER BY n;

-- name: open_lines
-- So many lines for each of them, from a list of goods that is gone through in turn.
-- $1 account_id, $2 goods as a JSON list, $3 lines of an order
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, unit_grams,
                        price, requested_pieces, requested_grams, barcodes, plu, vat, aisle, rank)
SELECT overlay(md5(orders.id::text || n) PLACING left(replace(orders.id::text, '-', ''), 13)
               FROM 1 FOR 13)::uuid,
       orders.id, orders.store_id, n, goods.sku, goods.name, goods.unit, goods.grams,
       goods.price, CASE WHEN goods.grams IS NULL THEN 2 ELSE 1 END, goods.grams,
       ARRAY[goods.barcode], goods.plu, 'reduced', goods.aisle, goods.rank
  FROM orders
 CROSS JOIN generate_series(1, $3::integer) AS n
  JOIN (SELECT row_number() OVER () - 1 AS nth, each.*
          FROM jsonb_to_recordset($2) AS each(sku text, name text, unit text, grams integer,
               price bigint, barcode text, plu text, aisle text, rank integer)) AS goods
    ON goods.nth = (substr(orders.number, 3)::integer * 7 + n) % jsonb_array_length($2)
 WHERE orders.account_id = $1 AND orders.external_id LIKE 'RO%'
 ORDER BY orders.id, n;

-- name: finished_orders
-- Delivered and cancelled orders of the last months, the oldest first; ids as they would be.
-- $1 store ids, $2 account_id, $3 how many
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total,
                    final_total, due_at, received_at, accepted_at, picking_at, picked_at, ready_at,
                    handed_over_at, delivered_at, ended_at, changed_at, version)
SELECT overlay(md5('finished' || n)
               PLACING lpad(to_hex((extract(epoch FROM came.at) * 1000)::bigint), 12, '0') || '7'
               FROM 1 FOR 13)::uuid,
       ($1::uuid[])[1 + n % cardinality($1::uuid[])], $2, 'F-' || n, 'FO' || n,
       CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'delivered' END, 300000, 290000,
       came.at + interval '2 hours', came.at, came.at, came.at, came.at, came.at, came.at,
       CASE WHEN n % 10 <> 0 THEN came.at + interval '3 hours' END,
       CASE WHEN n % 10 = 0 THEN came.at + interval '3 hours' END,
       came.at + interval '3 hours', 20
  FROM generate_series(1, $3::integer) AS n,
       LATERAL (SELECT now() - interval '6 hours' - ($3 - n) * interval '20 seconds' AS at) AS came
 ORDER BY n;

-- name: finished_lines
-- $1 account_id
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, price,
                        requested_pieces, barcodes, vat, state, picked_pieces, total)
SELECT overlay(orders.id::text PLACING '9' FROM 20 FOR 1)::uuid, id, store_id, 1, '300001',
       'Хлеб Бородинский, 400 г', 'piece', 5450, 2, '{4690003000017}', 'reduced', 'picked', 2, 10900
  FROM orders WHERE account_id = $1 AND external_id LIKE 'FO%'
 ORDER BY id;

-- name: finished_jobs
-- $1 account_id, $2 picker ids
INSERT INTO pick_job (order_id, store_id, state, picker_id, lease_until, claimed_at, done_at)
SELECT id, store_id, 'done',
       ($2::uuid[])[1 + substr(number, 3)::integer % cardinality($2::uuid[])],
       ready_at + interval '20 minutes', accepted_at, ready_at
  FROM orders WHERE account_id = $1 AND external_id LIKE 'FO%';

-- name: queue
-- The ids of the open ones.
-- $1 store_id
SELECT id FROM orders WHERE store_id = $1 AND external_id LIKE 'RO%' AND state = 'accepted'
 ORDER BY due_at;

-- name: touch
-- Changes that show in the feed and change nothing.
-- $1 order ids
UPDATE orders SET changed_at = now() WHERE id = ANY ($1::uuid[]);

-- name: told
-- $1 chat_id
SELECT sent_at FROM telegram_archive
 WHERE chat_id >= $1 AND kind = 'notice' AND outcome = 'sent' ORDER BY sent_at;
