-- What the lines of an order come to in its sales document: one place that says what is sold.

-- Goods that were picked and not refused, with what replaced others instead of it; the delivery when
-- the merchant sells it. `total` is before the order's own discount; `open` lines have no outcome and
-- stand as ordered: they count once somebody said so (sale_waiver, composition). `vat_known`: there
-- is a rate for the code on the day; a code nobody said is the catalogue's of today. `short_of`: how
-- many marks are missing.
CREATE VIEW sale_line AS
SELECT part.order_id, part.line_id, part.kind, part.position, part.sku, part.name, part.unit,
       part.pieces, part.grams, part.unit_grams, part.price, part.total,
       greatest(0, part.list_total - part.total) AS discount, code.vat AS vat_code,
       rate.percent AS vat_percent, rate.code IS NOT NULL AS vat_known,
       part.kind = 'delivery' OR product.sku IS NOT NULL AS goods_known, part.open,
       coalesce(part.barcode, product.barcodes[1]) AS barcode, part.marks, part.short_of
  FROM (
    SELECT line.order_id, line.id AS line_id, 'goods' AS kind, line.position,
           line.external_id AS sku, line.name, line.unit, it.pieces, it.grams, line.unit_grams,
           line.price, cost.total, cost.list_total, line.vat, it.open,
           line.barcodes[1] AS barcode, line.marks,
           CASE WHEN line.marked AND line.unit = 'piece' THEN greatest(0,
               it.pieces - cardinality(line.marks) + (
                   SELECT coalesce(ceil(sum(1000 - (use.value ->> 'part')::integer) / 1000.0), 0)
                     FROM jsonb_array_elements(line.mark_uses) AS use
                    WHERE use.value ->> 'code' = ANY (line.marks))::integer)
                ELSE 0 END AS short_of
      FROM order_line AS line
     CROSS JOIN LATERAL (
        SELECT line.state IN ('todo', 'proposed') AS open,
               CASE WHEN line.state IN ('todo', 'proposed') THEN line.requested_pieces
                    ELSE coalesce(line.picked_pieces, 0)
                         - CASE line.unit WHEN 'piece' THEN line.refused ELSE 0 END END AS pieces,
               CASE WHEN line.state IN ('todo', 'proposed') THEN line.requested_grams
                    ELSE line.picked_grams
                         - CASE line.unit WHEN 'weight' THEN line.refused ELSE 0 END END AS grams
     ) AS it
     CROSS JOIN LATERAL (
        SELECT CASE WHEN it.open OR line.total IS NULL THEN
                   CASE WHEN line.unit_grams IS NULL THEN line.price * it.pieces
                        ELSE (2 * line.price * it.grams + line.unit_grams)
                             / (2 * line.unit_grams) END
                    ELSE line.total END AS total,
               CASE WHEN line.unit_grams IS NULL THEN line.list_price * it.pieces
                    ELSE (2 * line.list_price * it.grams + line.unit_grams)
                         / (2 * line.unit_grams) END AS list_total
     ) AS cost
     WHERE (line.state IN ('picked', 'short')
            AND CASE line.unit WHEN 'weight' THEN it.grams ELSE it.pieces END > 0)
        OR (it.open AND line.replaces IS NULL
            AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn'))
    UNION ALL
    SELECT orders.id, NULL, 'delivery', 32767, 'delivery', 'Доставка', 'piece', 1, NULL, NULL,
           orders.delivery_fee, orders.delivery_fee, NULL,
           coalesce(account.rules ->> 'delivery_vat', 'standard'), false, NULL, '{}', 0
      FROM orders JOIN account ON account.id = orders.account_id
     WHERE orders.delivery_fee > 0 AND account.rules ->> 'delivery_by' = 'merchant'
  ) AS part
  JOIN orders ON orders.id = part.order_id
  JOIN store ON store.id = orders.store_id
  LEFT JOIN product ON product.merchant_id = store.merchant_id AND product.sku = part.sku
                   AND part.kind = 'goods'
 CROSS JOIN LATERAL (
    SELECT CASE WHEN part.vat = 'unknown' THEN coalesce(product.vat, 'unknown')
                ELSE part.vat END AS vat) AS code
  LEFT JOIN LATERAL (
    SELECT vat_rate.code, vat_rate.percent FROM vat_rate
     WHERE vat_rate.code = code.vat
       AND vat_rate.valid_from <= (orders.delivered_at AT TIME ZONE store.timezone)::date
     ORDER BY vat_rate.valid_from DESC LIMIT 1) AS rate ON true;
