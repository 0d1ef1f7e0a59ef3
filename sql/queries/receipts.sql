-- Data of fiscal receipts, for merchants who make them: what is due, and the documents that hold it.

-- name: note
-- A receipt is due when the account's merchant makes receipts, once for each kind; and a final one for
-- whoever took an advance, whatever the rule says by now.
-- $1 id, $2 order_id, $3 kind
INSERT INTO receipt_due (id, order_id, kind, occurred_at)
SELECT $1, orders.id, $3, now()
  FROM orders
  JOIN account ON account.id = orders.account_id
 WHERE orders.id = $2
   AND (account.rules ->> 'receipts' = 'merchant'
        OR $3 = 'receipt_final' AND EXISTS (
            SELECT FROM receipt_due AS advance
             WHERE advance.order_id = $2 AND advance.kind = 'receipt_advance'))
ON CONFLICT DO NOTHING;

-- name: give_advance_back
-- Money that was taken for an order which never arrives goes back; base_id stays open: the advance.
-- $1 id, $2 order_id
INSERT INTO receipt_due (id, order_id, kind, occurred_at)
SELECT $1, $2, 'receipt_return', now()
 WHERE EXISTS (SELECT FROM receipt_due WHERE order_id = $2 AND kind = 'receipt_advance')
ON CONFLICT DO NOTHING;

-- name: pick
-- What can be made now, one of a kind for each order, and no more than this transaction takes: an
-- advance when all its goods have a rate, a final receipt after the sale and the advance, a return
-- after what it gives back. What another run has in hand is left to it. (Scalar subqueries look at
-- one order; what is written with EXISTS may be read for all orders at once.) What broke since the
-- run began waits for the next one.
-- $1 limit, $2 when the run began
SELECT due.id
  FROM receipt_due AS due
 WHERE due.document_id IS NULL AND (due.tried_at IS NULL OR due.tried_at < $2)
   AND (SELECT count(*) FROM receipt_due AS other
         WHERE other.order_id = due.order_id AND other.kind = due.kind
           AND other.document_id IS NULL
           AND (other.occurred_at, other.id) < (due.occurred_at, due.id)) = 0
   AND (SELECT count(*) FROM orders JOIN store_away USING (store_id)
         WHERE orders.id = due.order_id) = 0
   AND CASE due.kind
       WHEN 'receipt_advance' THEN (
            SELECT count(*) FROM sale_line AS line
             WHERE line.order_id = due.order_id
               AND (SELECT count(*) FROM vat_rate WHERE vat_rate.code = line.vat_code) = 0) = 0
            AND (SELECT count(*) FROM order_line AS line
                   JOIN store ON store.id = line.store_id
                   LEFT JOIN product ON product.merchant_id = store.merchant_id
                                    AND product.sku = line.external_id
                  WHERE line.order_id = due.order_id AND line.vat = 'unknown'
                    AND (line.state IN ('picked', 'short')
                         OR line.state IN ('dropped', 'replaced') AND line.replaces IS NULL)
                    AND coalesce(product.vat, 'unknown') = 'unknown') = 0
       WHEN 'receipt_final' THEN
            (SELECT count(*) FROM document
              WHERE document.order_id = due.order_id AND document.kind = 'sale') > 0
            AND (SELECT count(*) FROM receipt_due AS advance
                  WHERE advance.order_id = due.order_id AND advance.kind = 'receipt_advance'
                    AND advance.document_id IS NULL) = 0
       ELSE (SELECT count(*) FROM receipt_due AS made
              WHERE made.order_id = due.order_id AND made.document_id IS NOT NULL
                AND made.kind = CASE WHEN due.base_id IS NULL THEN 'receipt_advance'
                                     ELSE 'receipt_final' END) > 0
       END
 ORDER BY due.occurred_at, due.id
 LIMIT $1
   FOR UPDATE OF due SKIP LOCKED;

-- name: broken
-- No document can be made of this receipt as its rows are.
-- $1 id, $2 what they break
UPDATE receipt_due SET tried_at = now(), broken = $2 WHERE id = $1;

-- name: issue
-- Receipts become documents: an advance for the goods as found when they were found before they
-- were paid (with what is refused later: it was paid for), as ordered otherwise; a final receipt for what the sale says; a return for what its
-- base says, or for all of the advance. An advance that was more than the sale goes back whole, and
-- the sale is paid for anew; one that was less is set off against it. A sale of which nothing is left
-- at the door needs no receipt: its row goes.
-- $1 ids of due receipts of this transaction, $2 actor, $3 trace_id
WITH due AS MATERIALIZED (
    SELECT it.id AS due_id, it.order_id, it.kind, it.base_id AS of_id, it.occurred_at,
           orders.store_id, orders.account_id, orders.currency, orders.discount,
           orders.payment_state = 'paid' AS paid,
           orders.payment_state <> 'paid' AND 'cash' = ANY (orders.payment_methods) AS cash,
           orders.picked_at <= it.occurred_at AS as_found,
           coalesce(it.occurred_at < orders.handed_over_at, true) AS before_refusals,
           it.kind = 'receipt_final' AND (SELECT count(*) FROM document_line
                                           WHERE document_line.document_id = sale.id) = 0 AS empty,
           coalesce(account.rules ->> 'tax_system', 'osn') AS tax_system,
           store.merchant_id, merchant.series || document_kind.suffix AS series,
           (it.occurred_at AT TIME ZONE store.timezone)::date AS issued_on,
           sale.id AS sale_id, advance.id AS advance_id, coalesce(advance.total, 0) AS advanced,
           coalesce(final.detail #>> '{payments,cash}', '0') <> '0' AS was_cash,
           advance.total > sale.total AS too_much, sale.total AS sold
      FROM receipt_due AS it
      JOIN orders ON orders.id = it.order_id
      JOIN account ON account.id = orders.account_id
      JOIN store ON store.id = orders.store_id
      JOIN merchant ON merchant.id = store.merchant_id
      JOIN document_kind ON document_kind.kind = it.kind
      LEFT JOIN document AS sale ON sale.order_id = it.order_id AND sale.kind = 'sale'
      LEFT JOIN document AS advance
             ON advance.order_id = it.order_id AND advance.kind = 'receipt_advance'
      LEFT JOIN document AS final
             ON final.order_id = it.order_id AND final.kind = 'receipt_final'
     WHERE it.id = ANY ($1::uuid[])
), numbered AS MATERIALIZED (
    SELECT due.*, gen_random_uuid() AS id, extract(year FROM issued_on)::smallint AS year,
           row_number() OVER series_of_year AS place,
           (SELECT 1 + count(*) FROM document AS same
             WHERE same.order_id = due.order_id AND same.kind = due.kind)::smallint AS nth,
           CASE kind WHEN 'receipt_advance' THEN NULL
                     WHEN 'receipt_final' THEN sale_id
                     ELSE coalesce(of_id, advance_id) END AS base_id,
           kind = 'receipt_advance' OR (kind = 'receipt_return' AND of_id IS NULL) AS prepaid,
           CASE WHEN kind = 'receipt_return' AND of_id IS NULL THEN -1 ELSE 1 END AS sign
      FROM due
     WHERE NOT empty
    WINDOW series_of_year AS (
        PARTITION BY merchant_id, series, extract(year FROM issued_on)
        ORDER BY occurred_at, due_id)
), counted AS (
    INSERT INTO document_counter AS counter (merchant_id, series, year, last)
    SELECT merchant_id, series, year, count(*) FROM numbered
     GROUP BY merchant_id, series, year
     ORDER BY merchant_id, series, year
    ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = counter.last + excluded.last
    RETURNING merchant_id, series, year, last
), wanted AS MATERIALIZED (
    SELECT numbered.id, it.*
      FROM numbered
     CROSS JOIN LATERAL (
        SELECT line.line_id, line.kind, line.position, line.sku, line.name, line.unit,
               line.pieces, line.grams, line.unit_grams, line.price, line.total, line.vat_code
          FROM sale_line AS line
         WHERE line.order_id = numbered.order_id
           AND (line.kind = 'delivery'
                OR numbered.as_found AND NOT numbered.before_refusals AND NOT line.open)
        UNION ALL
        SELECT line.id, 'goods', line.position, line.external_id, line.name, line.unit,
               coalesce(line.picked_pieces, 0), line.picked_grams, line.unit_grams, line.price,
               CASE WHEN line.unit_grams IS NULL THEN line.price * line.picked_pieces
                    ELSE (2 * line.price * line.picked_grams + line.unit_grams)
                         / (2 * line.unit_grams) END,
               CASE WHEN line.vat = 'unknown' THEN coalesce(product.vat, 'unknown')
                    ELSE line.vat END
          FROM order_line AS line
          LEFT JOIN product ON product.merchant_id = numbered.merchant_id
                           AND product.sku = line.external_id
         WHERE line.order_id = numbered.order_id
           AND numbered.as_found AND numbered.before_refusals
           AND line.state IN ('picked', 'short')
           AND CASE line.unit WHEN 'piece' THEN line.picked_pieces ELSE line.picked_grams END > 0
        UNION ALL
        SELECT line.id, 'goods', line.position, line.external_id, line.name, line.unit,
               line.requested_pieces, line.requested_grams, line.unit_grams, line.price,
               CASE WHEN line.unit_grams IS NULL THEN line.price * line.requested_pieces
                    ELSE (2 * line.price * line.requested_grams + line.unit_grams)
                         / (2 * line.unit_grams) END,
               CASE WHEN line.vat = 'unknown' THEN coalesce(product.vat, 'unknown')
                    ELSE line.vat END
          FROM order_line AS line
          LEFT JOIN product ON product.merchant_id = numbered.merchant_id
                           AND product.sku = line.external_id
         WHERE line.order_id = numbered.order_id AND numbered.as_found IS NOT TRUE
           AND line.replaces IS NULL
           AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS it
     WHERE numbered.kind = 'receipt_advance'
), shared AS (
    SELECT wanted.*, rate.percent,
           CASE wanted.kind WHEN 'goods' THEN least(numbered.discount, sums.goods) ELSE 0 END AS off,
           sums.goods
      FROM wanted
      JOIN numbered USING (id)
      JOIN (SELECT id, coalesce(sum(total) FILTER (WHERE kind = 'goods'), 0) AS goods
              FROM wanted GROUP BY id) AS sums USING (id)
      LEFT JOIN LATERAL (
          SELECT percent FROM vat_rate
           WHERE code = wanted.vat_code AND valid_from <= numbered.issued_on
           ORDER BY valid_from DESC LIMIT 1) AS rate ON true
), spread AS (
    SELECT shared.*,
           CASE WHEN off > 0 THEN (div(off * total, goods) + CASE WHEN
                    row_number() OVER (PARTITION BY id ORDER BY
                        CASE WHEN off > 0 THEN mod(off * total, goods) ELSE -1 END DESC,
                        position, line_id)
                    <= off - sum(CASE WHEN off > 0 THEN div(off * total, goods) ELSE 0 END)
                             OVER (PARTITION BY id) THEN 1 ELSE 0 END)::bigint
                ELSE 0 END AS cut
      FROM shared
), lines AS MATERIALIZED (
    SELECT id, sku, name, unit, pieces, grams, unit_grams, price, (total - cut)::bigint AS total,
           vat_code, percent AS vat_percent,
           CASE WHEN percent IS NULL THEN 0
                ELSE ((2 * (total - cut) * percent + 100 + percent)::bigint
                      / (2 * (100 + percent))) END AS vat,
           '{}'::text[] AS marks, kind, line_id, NULL AS barcode, cut AS discount, position
      FROM spread
    UNION ALL
    SELECT numbered.id, it.sku, it.name, it.unit, sign * it.pieces, sign * it.grams, it.unit_grams,
           it.price, sign * it.total, it.vat_code, it.vat_percent, sign * it.vat, it.marks, it.kind,
           it.line_id, it.barcode, sign * it.discount, it.position
      FROM numbered JOIN document_line AS it ON it.document_id = numbered.base_id
), totals AS (
    SELECT id, sum(total)::bigint AS total, sum(vat)::bigint AS vat FROM lines GROUP BY id
), paid AS (
    SELECT numbered.id, abs(coalesce(totals.total, 0)) AS amount,
           CASE WHEN kind = 'receipt_final' AND NOT coalesce(too_much, false) THEN advanced
                ELSE 0 END AS set_off
      FROM numbered LEFT JOIN totals USING (id)
), checks AS (
    SELECT lines.id, jsonb_object_agg(noted.code, jsonb_build_object(
               'part', noted.part, 'check_id', noted.check_id, 'checked_at', noted.checked_at))
               AS marks
      FROM lines
     CROSS JOIN LATERAL (  -- LIMIT: line by line
        SELECT mark_uses FROM order_line WHERE order_line.id = lines.line_id LIMIT 1) AS found
     CROSS JOIN LATERAL jsonb_to_recordset(found.mark_uses)
             AS noted(code text, part integer, check_id text, checked_at timestamptz)
     WHERE noted.code = ANY (lines.marks)
     GROUP BY lines.id
), issued AS (
    INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year,
                          serial, number, issued_on, currency, total, vat_total, base_id, nth,
                          occurred_at, detail, created_at)
    SELECT numbered.id, merchant_id, store_id, account_id, order_id, kind, series, year, at.serial,
           series || to_char(year % 100, 'FM00') || '-'
                  || lpad(at.serial::text, greatest(6, length(at.serial::text)), '0'),
           issued_on, currency, coalesce(totals.total, 0), coalesce(totals.vat, 0), base_id, nth,
           occurred_at, jsonb_build_object(
               'settlement', CASE kind WHEN 'receipt_return' THEN 'income_return'
                                       ELSE 'income' END,
               'method', CASE WHEN prepaid THEN 'full_prepayment' ELSE 'full_payment' END,
               'tax_system', tax_system,
               'payments', jsonb_build_object(
                   'advance_offset', set_off,
                   'cash', CASE WHEN ways.in_cash THEN amount - set_off ELSE 0 END,
                   'electronically', CASE WHEN ways.in_cash THEN 0 ELSE amount - set_off END),
               'marks', coalesce(checks.marks, '{}')), clock_timestamp()
      FROM numbered
      JOIN paid USING (id)
      JOIN counted USING (merchant_id, series, year)
     CROSS JOIN LATERAL (
          SELECT (kind = 'receipt_final' AND cash)
                 OR (kind = 'receipt_return' AND NOT prepaid AND was_cash) AS in_cash) AS ways
      JOIN LATERAL (
          SELECT (counted.last - max(same.place) + numbered.place)::integer AS serial
            FROM numbered AS same
           WHERE (same.merchant_id, same.series, same.year)
               = (numbered.merchant_id, numbered.series, numbered.year)) AS at ON true
      LEFT JOIN totals USING (id)
      LEFT JOIN checks USING (id)
    RETURNING id, order_id, store_id, kind, number, total
), written AS (
    INSERT INTO document_line (document_id, position, sku, name, unit, pieces, grams, unit_grams,
                               price, total, vat_code, vat_percent, vat, marks, kind, line_id,
                               barcode, discount)
    SELECT id, row_number() OVER (PARTITION BY id ORDER BY position, line_id), sku, name, unit,
           pieces, grams, unit_grams, price, total, vat_code, vat_percent, vat, marks, kind,
           line_id, barcode, discount
      FROM lines
), settled AS (
    UPDATE receipt_due SET document_id = numbered.id, broken = NULL FROM numbered
     WHERE receipt_due.id = numbered.due_id
), needless AS (
    DELETE FROM receipt_due USING due WHERE receipt_due.id = due.due_id AND due.empty
), returned AS (
    INSERT INTO receipt_due (id, order_id, kind, occurred_at)
    SELECT gen_random_uuid(), order_id, 'receipt_return', occurred_at
      FROM due WHERE kind = 'receipt_final' AND too_much
    ON CONFLICT DO NOTHING
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT gen_random_uuid(), order_id, store_id, 'document', $2, $3,
           jsonb_build_object('kind', kind, 'number', number, 'total', total)
      FROM issued
)
SELECT id FROM issued ORDER BY number;
