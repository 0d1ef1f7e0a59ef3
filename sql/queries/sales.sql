-- Sales: delivered orders become documents in batches. A batch is one transaction: it takes its turn,
-- locks orders, says what holds them back, and issues the others.

-- name: begin
-- The database's time, by which a run knows what it has looked at.
SELECT now();

-- name: take_turn
-- Several runs wait for each other here, while they hold no order. Nothing is right only by it: a
-- counter's row is locked by whoever counts on; it keeps that lock short.
SELECT pg_advisory_xact_lock(7305023);

-- name: plan
-- Until the transaction ends plans are made once, as they are long and the same for all batches, and
-- read no large table whole, also where nobody has counted its rows yet (after a restore, an upgrade
-- of the server).
SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
       set_config('enable_seqscan', 'off', true);

-- name: pick
-- Delivered orders without a document, the longest delivered first; what somebody else has in hand
-- is skipped, and so is what was held since the run began: each is looked at once. `lines`: how many
-- an order has, as a batch takes no more of them than it can do quickly.
-- $1 limit, $2 and $3 delivered_at and id of the last one before, $4 when the run began
SELECT orders.id, orders.delivered_at,
       (SELECT count(*) FROM order_line WHERE order_line.order_id = orders.id) AS lines
  FROM orders
 WHERE orders.sale_due AND orders.delivered_at >= $2 AND (orders.delivered_at, orders.id) > ($2, $3)
   AND NOT EXISTS (SELECT FROM sale_hold
                    WHERE sale_hold.order_id = orders.id AND sale_hold.checked_at >= $4)
   AND NOT EXISTS (SELECT FROM store_away WHERE store_away.store_id = orders.store_id)
 ORDER BY orders.delivered_at, orders.id
 LIMIT $1
   FOR UPDATE OF orders SKIP LOCKED;

-- name: issue
-- Every one of these orders is held, with what holds it back written down, or becomes a sale. What is
-- known of an order goes along with its lines: nothing is joined whose number the planner has to guess.
-- $1 orders of this transaction in the order of their numbers, $2 ids for documents, $3 ids for the
-- timeline, $4 actor, $5 trace_id
WITH due AS MATERIALIZED (  -- an order that has its sale already has nothing due
    SELECT it.nth, it.id, it.told_id, orders.id AS order_id, orders.store_id, orders.account_id,
           orders.currency, orders.delivered_at, orders.discount AS off, orders.delivery_fee,
           orders.paid_total, orders.paid_at >= coalesce(
               orders.picked_at, orders.handed_over_at, orders.delivered_at) AS paid_for_picked,
           coalesce((account.rules ->> 'sum_tolerance')::bigint, 0) AS tolerance,
           store.merchant_id, merchant.series,
           (orders.delivered_at AT TIME ZONE store.timezone)::date AS issued_on,
           ARRAY(SELECT problem FROM sale_waiver
                  WHERE sale_waiver.order_id = orders.id) AS waived
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
           WITH ORDINALITY AS it (order_id, id, told_id, nth)
      JOIN orders ON orders.id = it.order_id
      JOIN account ON account.id = orders.account_id
      JOIN store ON store.id = orders.store_id
      JOIN merchant ON merchant.id = store.merchant_id
     WHERE (SELECT document.id FROM document WHERE document.order_id = orders.id
               AND document.kind = 'sale' LIMIT 1) IS NULL
), rate AS MATERIALIZED (  -- of each day in hand: codes and their percents
    SELECT issued_on, array_agg(code) AS codes, array_agg(percent) AS percents
      FROM (SELECT DISTINCT ON (vat_rate.code, day.issued_on) day.issued_on, vat_rate.code,
                   vat_rate.percent
              FROM (SELECT DISTINCT issued_on FROM due) AS day
              JOIN vat_rate ON vat_rate.valid_from <= day.issued_on
             ORDER BY vat_rate.code, day.issued_on, vat_rate.valid_from DESC) AS latest
     GROUP BY issued_on
), part AS (
    SELECT due.id, due.order_id, due.off, rate.codes, rate.percents, it.nth, it.line_id,
           'goods' AS kind, it.sku, it.name, it.unit, it.pieces, it.grams, it.unit_grams, it.price,
           it.total, it.full_total,
           CASE WHEN it.vat = 'unknown' THEN coalesce(product.vat, 'unknown')
                ELSE it.vat END AS code,
           product.sku IS NOT NULL AS known, it.open,
           coalesce(it.barcode, product.barcodes[1]) AS barcode, it.marks, it.unmarked
      FROM due
      JOIN rate USING (issued_on)
     CROSS JOIN LATERAL (  -- order by order: its lines lie sorted in their index
        SELECT row_number() OVER (ORDER BY position) AS nth, sold_goods.*
          FROM sold_goods WHERE sold_goods.order_id = due.order_id) AS it
      LEFT JOIN LATERAL (  -- LIMIT: by both columns of the key
        SELECT sku, vat, barcodes FROM product
         WHERE product.merchant_id = due.merchant_id AND product.sku = it.sku LIMIT 1
      ) AS product ON true
    UNION ALL
    SELECT due.id, due.order_id, 0, rate.codes, rate.percents,
           1 + (SELECT count(*) FROM sold_goods WHERE sold_goods.order_id = due.order_id), NULL,
           'delivery', 'delivery', it.name, 'piece', 1, NULL, NULL, it.total, it.total, it.total,
           it.vat, true, false, NULL, '{}', 0
      FROM due
      JOIN rate USING (issued_on)
      JOIN sold_delivery AS it ON it.order_id = due.order_id
), line AS MATERIALIZED (  -- VAT is inside: total × rate ÷ (100 + rate), half up
    SELECT part.id, order_id, off, total, known, open, unmarked, rate.place IS NOT NULL AS taxable,
           CASE WHEN rate.percent IS NULL THEN 0 ELSE
               (2 * total * rate.percent + 100 + rate.percent)
               / (2 * (100 + rate.percent)) END AS vat,
           nth, rate.percent, pieces, grams, unit_grams, price, line_id, full_total, kind, sku, name,
           unit, code, barcode, marks
      FROM part
     CROSS JOIN LATERAL (SELECT array_position(codes, code) AS place) AS it
     CROSS JOIN LATERAL (SELECT it.place, percents[it.place] AS percent) AS rate
), goods AS MATERIALIZED (
    SELECT order_id, coalesce(sum(total) FILTER (WHERE kind = 'goods'), 0) AS goods,
           sum(total) AS total, sum(vat) AS vat
      FROM line GROUP BY order_id
), odd AS MATERIALIZED (
    SELECT line.*, due.waived, due.issued_on
      FROM line JOIN due USING (order_id)
     WHERE line.open OR NOT line.known OR NOT line.taxable OR line.unmarked > 0
), untold AS MATERIALIZED (
    -- A payment says something when it was told after the order was picked (or, if nobody said so,
    -- went out); the delivery may be in it, and what a receiver refused was paid for and is given back.
    SELECT due.order_id, due.waived, it.ours, due.paid_total AS theirs
      FROM due
      LEFT JOIN goods USING (order_id)
     CROSS JOIN LATERAL (SELECT coalesce(goods.goods, 0) - due.off AS ours) AS it
     WHERE it.ours < 0
        OR due.paid_for_picked AND due.paid_total <> it.ours AND NOT EXISTS (
               SELECT FROM unnest(ARRAY[0, due.delivery_fee]) AS fee
                CROSS JOIN unnest(ARRAY[0, (
                    SELECT sum(CASE WHEN gone.unit = 'piece' THEN gone.price * gone.refused
                                    ELSE (2 * gone.price * gone.picked_grams + gone.unit_grams)
                                         / (2 * gone.unit_grams) - coalesce(gone.total, 0) END)
                      FROM order_line AS gone
                     WHERE gone.order_id = due.order_id AND gone.refused > 0)]) AS refused
                WHERE abs(due.paid_total - it.ours - fee - refused) <= due.tolerance)
), unnamed AS MATERIALIZED (  -- an ERP that takes forms in which both sides are named
    SELECT due.order_id, due.waived, need.nth, need.name
      FROM due
      JOIN (
        SELECT merchant_id, bool_or(form = 'upd') AS invoice, bool_or(form LIKE 'upd%') AS signed
          FROM erp_destination
         WHERE removed_at IS NULL AND 'sale' = ANY (kinds)
           AND form IN ('upd', 'upd_dop', 'enterprise')
         GROUP BY merchant_id) AS erp USING (merchant_id)
      JOIN merchant ON merchant.id = due.merchant_id
      JOIN account ON account.id = due.account_id
      LEFT JOIN order_contact AS contact ON contact.order_id = due.order_id
     CROSS JOIN LATERAL (  -- a business that ordered for itself is the buyer
        SELECT merchant.requisites AS seller,
               CASE WHEN trim(coalesce(contact.customer ->> 'inn', '')) = '' THEN account.buyer
                    ELSE jsonb_build_object(
                        'inn', contact.customer ->> 'inn', 'kpp', contact.customer ->> 'kpp',
                        'legal_name', contact.customer ->> 'name',
                        'address', contact.customer ->> 'legalAddress') END AS buyer) AS party
     CROSS JOIN LATERAL (VALUES
        (1::bigint, 'seller.legal_name', party.seller ->> 'legal_name', true),
        (2, 'seller.inn', party.seller ->> 'inn', true),
        (3, 'seller.kpp', party.seller ->> 'kpp', erp.invoice AND length(party.seller ->> 'inn') = 10),
        (4, 'seller.address', party.seller ->> 'address', erp.invoice),
        (5, 'seller.signer', party.seller ->> 'signer',
         erp.signed AND length(party.seller ->> 'inn') = 10),
        (6, 'seller.signer_post', party.seller ->> 'signer_post',
         erp.signed AND length(party.seller ->> 'inn') = 10),
        (7, 'buyer.legal_name', party.buyer ->> 'legal_name', true),
        (8, 'buyer.inn', party.buyer ->> 'inn', true),
        (9, 'buyer.kpp', party.buyer ->> 'kpp', erp.invoice AND length(party.buyer ->> 'inn') = 10),
        (10, 'buyer.address', party.buyer ->> 'address', erp.invoice)
     ) AS need (nth, name, value, wanted)
     WHERE need.wanted AND trim(coalesce(need.value, '')) = ''
), problem AS (
    SELECT order_id, waived, 'sum' AS problem, 0::bigint AS nth, jsonb_build_object(
               'ours', to_char(ours / 100, 'FM999999999990.00'),
               'theirs', to_char(theirs / 100.0, 'FM999999999990.00')) AS facts
      FROM untold
    UNION ALL
    SELECT order_id, waived, 'composition', nth, jsonb_build_object('line', name)
      FROM odd WHERE open
    UNION ALL
    SELECT order_id, waived, 'goods', nth, jsonb_build_object('sku', sku, 'line', name)
      FROM odd WHERE NOT known
    UNION ALL
    SELECT order_id, waived, 'vat', nth,
           jsonb_build_object('line', name, 'code', code, 'on', issued_on)
      FROM odd WHERE NOT taxable AND (known OR 'goods' = ANY (waived))
    UNION ALL
    SELECT order_id, waived, 'marks', nth,
           jsonb_build_object('line', name, 'missing', unmarked)
      FROM odd WHERE unmarked > 0
    UNION ALL
    SELECT order_id, waived, 'requisites', nth, jsonb_build_object('missing', name) FROM unnamed
), ranked AS (
    SELECT problem.*, row_number() OVER (PARTITION BY order_id, problem ORDER BY nth) AS place,
           count(*) OVER (PARTITION BY order_id, problem) AS all_of_kind
      FROM problem WHERE problem = 'vat' OR NOT problem = ANY (waived)
), held AS MATERIALIZED (  -- five of a kind tell enough
    SELECT order_id, jsonb_agg(
               jsonb_build_object('problem', problem) || facts
               || CASE WHEN place = 5 AND all_of_kind > 5
                       THEN jsonb_build_object('more', all_of_kind - 5) ELSE '{}' END
               ORDER BY problem, nth) AS problems
      FROM ranked WHERE place <= 5 GROUP BY order_id
), kept AS (
    INSERT INTO sale_hold (order_id, store_id, account_id, problems)
    SELECT held.order_id, due.store_id, due.account_id, held.problems
      FROM held JOIN due USING (order_id)
    ON CONFLICT (order_id) DO UPDATE SET problems = excluded.problems, checked_at = now()
), mended AS (
    DELETE FROM sale_hold
     WHERE order_id = ANY ($1::uuid[]) AND order_id NOT IN (SELECT order_id FROM held)
), settled AS (
    UPDATE orders SET sale_due = false
     WHERE id = ANY ($1::uuid[]) AND id NOT IN (SELECT order_id FROM held)
), cut AS MATERIALIZED (
    -- What comes off the whole order, spread over its goods by their totals: kopecks left over go to
    -- the largest remainders.
    SELECT id, (line).nth, it.cut, (line).total - it.cut AS total,
           CASE WHEN (line).percent IS NULL THEN 0 ELSE
               (2 * ((line).total - it.cut) * (line).percent + 100 + (line).percent)
               / (2 * (100 + (line).percent)) END AS vat, line
      FROM (
        SELECT share.*, sum(part) OVER (PARTITION BY id) AS parts,
               row_number() OVER (PARTITION BY id ORDER BY rest DESC, nth) AS place
          FROM (
            SELECT whole.*, coalesce(div(off * total, nullif(goods, 0)), 0) AS part,
                   coalesce(mod(off * total, nullif(goods, 0)), 0) AS rest
              FROM (
                SELECT line, line.id, line.nth, line.total, sum(line.total) OVER of_order AS goods,
                       least(line.off, sum(line.total) OVER of_order) AS off
                  FROM line
                 WHERE line.off > 0
                WINDOW of_order AS (PARTITION BY line.id)) AS whole
          ) AS share
      ) AS spread
     CROSS JOIN LATERAL (
        SELECT (part + CASE WHEN place <= off - parts THEN 1 ELSE 0 END)::bigint AS cut) AS it
), sold AS MATERIALIZED (
    SELECT due.*, extract(year FROM issued_on)::smallint AS year,
           row_number() OVER (PARTITION BY merchant_id, extract(year FROM issued_on) ORDER BY nth)
               AS place,
           count(*) OVER (PARTITION BY merchant_id, extract(year FROM issued_on)) AS many
      FROM due
     WHERE order_id NOT IN (SELECT order_id FROM held)
), counted AS (
    INSERT INTO document_counter AS counter (merchant_id, series, year, last)
    SELECT DISTINCT merchant_id, series, year, many FROM sold ORDER BY merchant_id, series, year
    ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = counter.last + excluded.last
    RETURNING merchant_id, year, last
), head AS MATERIALIZED (
    SELECT sold.*, it.serial, series || to_char(sold.year % 100, 'FM00') || '-'
               || lpad(it.serial::text, greatest(6, length(it.serial::text)), '0') AS number,
           coalesce(goods.total - least(sold.off, goods.goods), 0) AS total,
           CASE WHEN sold.off > 0
                THEN coalesce((SELECT sum(cut.vat) FROM cut WHERE cut.id = sold.id), 0)
                     + coalesce((SELECT sum(line.vat) FROM line
                                  WHERE line.id = sold.id AND line.off = 0), 0)
                ELSE coalesce(goods.vat, 0) END AS vat
      FROM sold
      JOIN counted USING (merchant_id, year)
     CROSS JOIN LATERAL (SELECT (counted.last - sold.many + sold.place)::integer AS serial) AS it
      LEFT JOIN goods USING (order_id)
), issued AS (
    INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year, serial,
                          number, issued_on, occurred_at, currency, total, vat_total)
    SELECT id, merchant_id, store_id, account_id, order_id, 'sale', series, year, serial, number,
           issued_on, delivered_at, currency, total, vat
      FROM head
), written AS (
    INSERT INTO document_line (document_id, position, sku, name, unit, pieces, grams, unit_grams,
                               price, total, vat_code, vat_percent, vat, marks, kind, line_id,
                               barcode, discount)
    SELECT id, nth, sku, name, unit, pieces, grams, unit_grams, price, total, code, percent, vat,
           marks, kind, line_id, barcode, greatest(full_total - total, 0)
      FROM line
     WHERE off = 0 AND order_id NOT IN (SELECT order_id FROM held)
    UNION ALL
    SELECT id, nth, (line).sku, (line).name, (line).unit, (line).pieces, (line).grams,
           (line).unit_grams, (line).price, total, (line).code, (line).percent, vat, (line).marks,
           (line).kind, (line).line_id, (line).barcode,
           greatest((line).full_total - (line).total, 0) + cut
      FROM cut
     WHERE (line).order_id NOT IN (SELECT order_id FROM held)
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT told_id, order_id, store_id, 'document', $4, $5,
           jsonb_build_object('kind', 'sale', 'number', number, 'total', total)
      FROM head
)
SELECT id FROM head ORDER BY nth;

-- name: hold
-- An order by itself that breaks what issues it.
-- $1 order_id, $2 problems
INSERT INTO sale_hold (order_id, store_id, account_id, problems)
SELECT id, store_id, account_id, $2 FROM orders WHERE id = $1
ON CONFLICT (order_id) DO UPDATE SET problems = excluded.problems, checked_at = now();

-- name: forget
-- Nothing is held back of an order that has nothing due.
DELETE FROM sale_hold USING orders
 WHERE orders.id = sale_hold.order_id AND NOT orders.sale_due;

-- name: holds
-- What is held back, the longest first.
-- $1 store code or null, $2 limit
SELECT sale_hold.order_id, orders.number, orders.external_id, store.code AS store,
       account.code AS account, orders.delivered_at, sale_hold.since, sale_hold.checked_at,
       sale_hold.problems
  FROM sale_hold
  JOIN orders ON orders.id = sale_hold.order_id
  JOIN store ON store.id = sale_hold.store_id
  JOIN account ON account.id = sale_hold.account_id
 WHERE $1::text IS NULL OR store.code = $1
 ORDER BY sale_hold.since, sale_hold.order_id
 LIMIT $2;

-- name: waive
-- No row comes back when this does not hold the order, or somebody let it pass already.
-- $1 order_id, $2 problem, $3 actor, $4 reason, $5 id for the timeline, $6 trace_id
WITH waived AS (
    INSERT INTO sale_waiver (order_id, problem, actor, reason)
    SELECT order_id, $2, $3, $4
      FROM sale_hold
     WHERE order_id = $1 AND problems @> jsonb_build_array(jsonb_build_object('problem', $2::text))
    ON CONFLICT DO NOTHING
    RETURNING order_id, problem, actor, reason
)
INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
SELECT $5, orders.id, orders.store_id, 'waiver', waived.actor, $6,
       jsonb_build_object('problem', waived.problem, 'reason', waived.reason)
  FROM waived JOIN orders ON orders.id = waived.order_id
RETURNING order_id;
