-- What the lines of an order come to in its sales document: one place that says what is sold.

-- Of each line of goods: what was picked and not refused, with what replaced others instead of it.
-- `open` lines have no outcome and stand as ordered: they count once somebody said so (sale_waiver,
-- composition). Of a line and what is only proposed for it the line counts; once somebody agreed, what
-- stands for it does. `total` is before the order's own discount, `full_total` before any.
-- `unmarked`: how many marks are missing.
CREATE VIEW sold_goods AS
SELECT line.order_id, line.id AS line_id, line.position, line.external_id AS sku, line.name,
       line.unit, it.pieces, it.grams, line.unit_grams, line.price,
       CASE WHEN it.open OR line.total IS NULL THEN cost.total ELSE line.total END AS total,
       cost.full_total, line.vat, it.open, line.barcodes[1] AS barcode, line.marks,
       CASE WHEN line.marked AND line.unit = 'piece' THEN it.pieces - cardinality(line.marks) + (
                SELECT coalesce(ceil(sum(1000 - (use.value ->> 'part')::integer) / 1000.0), 0)
                  FROM jsonb_array_elements(line.mark_uses) AS use
                 WHERE use.value ->> 'code' = ANY (line.marks))::integer
            ELSE 0 END AS unmarked
  FROM order_line AS line
 CROSS JOIN LATERAL (
    SELECT line.state IN ('todo', 'proposed') AS open,
           CASE WHEN line.state IN ('todo', 'proposed') THEN line.requested_pieces
                WHEN line.unit = 'piece' THEN line.picked_pieces - line.refused
                ELSE coalesce(line.picked_pieces, 0) END AS pieces,
           CASE WHEN line.state IN ('todo', 'proposed') THEN line.requested_grams
                WHEN line.unit = 'weight' THEN line.picked_grams - line.refused END AS grams
 ) AS it
 CROSS JOIN LATERAL (
    SELECT CASE WHEN line.unit = 'piece' THEN line.price * it.pieces
                ELSE (2 * line.price * it.grams + line.unit_grams) / (2 * line.unit_grams) END
               AS total,
           CASE WHEN line.unit = 'piece' THEN line.list_price * it.pieces
                ELSE (2 * line.list_price * it.grams + line.unit_grams) / (2 * line.unit_grams) END
               AS full_total
 ) AS cost
 WHERE line.state IN ('picked', 'short')
       AND line.refused < CASE line.unit WHEN 'piece' THEN line.picked_pieces
                                         ELSE line.picked_grams END
    OR (line.state = 'todo' OR line.state = 'proposed' AND line.replaces IS NULL)
       AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn');

-- The delivery, when the merchant sells it: a line of its own.
CREATE VIEW sold_delivery AS
SELECT orders.id AS order_id, orders.delivery_fee AS total, 'Доставка' AS name,
       coalesce(account.rules ->> 'delivery_vat', 'standard') AS vat
  FROM orders JOIN account ON account.id = orders.account_id
 WHERE orders.delivery_fee > 0 AND account.rules ->> 'delivery_by' = 'merchant';

-- Both, with their rates of VAT on the day of delivery; a code that nobody said is the catalogue's.
CREATE VIEW sale_line AS
SELECT part.order_id, part.line_id, part.kind, part.position, part.sku, part.name, part.unit,
       part.pieces, part.grams, part.unit_grams, part.price, part.total, code.vat AS vat_code,
       rate.percent AS vat_percent, part.open, part.marks
  FROM (
    SELECT order_id, line_id, 'goods' AS kind, position, sku, name, unit, pieces, grams, unit_grams,
           price, total, vat, open, marks
      FROM sold_goods
    UNION ALL
    SELECT order_id, NULL, 'delivery', 32767, 'delivery', name, 'piece', 1, NULL, NULL, total, total,
           vat, false, '{}'
      FROM sold_delivery
  ) AS part
  JOIN orders ON orders.id = part.order_id
  JOIN store ON store.id = orders.store_id
  LEFT JOIN product ON product.merchant_id = store.merchant_id AND product.sku = part.sku
                   AND part.kind = 'goods'
 CROSS JOIN LATERAL (
    SELECT CASE WHEN part.vat = 'unknown' THEN coalesce(product.vat, 'unknown')
                ELSE part.vat END AS vat) AS code
  LEFT JOIN LATERAL (
    SELECT vat_rate.percent FROM vat_rate
     WHERE vat_rate.code = code.vat
       AND vat_rate.valid_from <= (orders.delivered_at AT TIME ZONE store.timezone)::date
     ORDER BY vat_rate.valid_from DESC LIMIT 1) AS rate ON true;
