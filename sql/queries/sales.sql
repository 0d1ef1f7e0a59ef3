-- Sales: delivered orders become documents in batches. A batch is one transaction: it takes its turn,
-- locks orders, says what holds them back, and issues the others.

-- name: begin
-- The database's time, by which a run knows what it has looked at.
SELECT now();

-- name: take_turn
-- Several runs wait for each other here, while they hold no order. Nothing is right only by it: a
-- counter's row is locked by whoever counts on. It keeps that lock short.
SELECT pg_advisory_xact_lock(7305022);

-- name: pick
-- Delivered orders without a document, the longest delivered first; what somebody else has in hand
-- is skipped, and so is what was held since the run began: each is looked at once.
-- $1 limit, $2 and $3 delivered_at and id of the last one before, $4 when the run began
SELECT orders.id, orders.delivered_at
  FROM orders
 WHERE orders.sale_due AND orders.delivered_at >= $2 AND (orders.delivered_at, orders.id) > ($2, $3)
   AND NOT EXISTS (SELECT FROM sale_hold
                    WHERE sale_hold.order_id = orders.id AND sale_hold.checked_at >= $4)
 ORDER BY orders.delivered_at, orders.id
 LIMIT $1
   FOR UPDATE OF orders SKIP LOCKED;

-- name: examine
-- Which of these orders can be issued; the others get what holds them back written down, at most
-- five problems of a kind. A payment says something when it was told after the order was picked; what
-- a receiver refused was paid for and is given back, and the delivery may be in it or not.
-- An order with a sale already has nothing due.
-- $1 orders of this transaction
WITH sold AS MATERIALIZED (
    SELECT order_id FROM document WHERE order_id = ANY ($1::uuid[]) AND kind = 'sale'
), settled AS (
    UPDATE orders SET sale_due = false FROM sold WHERE orders.id = sold.order_id
), due AS MATERIALIZED (
    SELECT orders.id AS order_id, orders.store_id, orders.account_id, orders.paid_total,
           orders.paid_at >= orders.picked_at AS paid_for_picked, orders.discount,
           orders.delivery_fee, coalesce((account.rules ->> 'sum_tolerance')::bigint, 0) AS tolerance,
           (orders.delivered_at AT TIME ZONE store.timezone)::date AS issued_on,
           coalesce(waived.problems, '{}') AS waived
      FROM orders
      JOIN account ON account.id = orders.account_id
      JOIN store ON store.id = orders.store_id
      LEFT JOIN (SELECT order_id, array_agg(problem) AS problems FROM sale_waiver
                  WHERE order_id = ANY ($1::uuid[]) GROUP BY order_id) AS waived
             ON waived.order_id = orders.id
     WHERE orders.id = ANY ($1::uuid[]) AND NOT EXISTS (
           SELECT FROM sold WHERE sold.order_id = orders.id)
), line AS MATERIALIZED (
    SELECT due.waived, due.issued_on, it.order_id, it.kind, it.position, it.sku, it.name, it.total,
           it.vat_code, it.vat_known, it.goods_known, it.short_of,
           it.open AND NOT 'composition' = ANY (due.waived) AS open
      FROM sale_line AS it JOIN due USING (order_id)
     WHERE it.order_id = ANY ($1::uuid[])
), sums AS (
    SELECT due.*, of.goods - due.discount AS ours, of.goods, of.whole
      FROM due
     CROSS JOIN LATERAL (
        SELECT coalesce(sum(line.total) FILTER (WHERE line.kind = 'goods'), 0)::bigint AS goods,
               NOT coalesce(bool_or(line.open), false) AS whole
          FROM line WHERE line.order_id = due.order_id) AS of
), problem AS (
    SELECT sums.order_id, 'sum' AS problem, 0 AS position,
           jsonb_build_object(
               'ours', to_char(sums.ours / 100.0, 'FM999999999990.00'),
               'theirs', to_char(coalesce(sums.paid_total, 0) / 100.0, 'FM999999999990.00')) AS facts
      FROM sums
     WHERE sums.whole
       AND (sums.ours < 0
            OR sums.paid_for_picked
               AND least(abs(sums.paid_total - sums.ours),
                         abs(sums.paid_total - sums.ours - sums.delivery_fee)) > sums.tolerance
               AND NOT EXISTS (
                    SELECT FROM (
                        SELECT coalesce(sum(
                               CASE WHEN gone.unit = 'piece' THEN gone.price * gone.refused
                                    ELSE (2 * gone.price * gone.picked_grams + gone.unit_grams)
                                         / (2 * gone.unit_grams) - coalesce(gone.total, 0) END), 0)
                               AS refused
                          FROM order_line AS gone
                         WHERE gone.order_id = sums.order_id AND gone.refused > 0) AS back
                     WHERE least(
                         abs(sums.paid_total - sums.ours - back.refused),
                         abs(sums.paid_total - sums.ours - back.refused - sums.delivery_fee))
                         <= sums.tolerance))
    UNION ALL
    SELECT order_id, 'composition', position, jsonb_build_object('line', name)
      FROM line WHERE open
    UNION ALL
    SELECT order_id, 'goods', position, jsonb_build_object('sku', sku, 'line', name)
      FROM line WHERE NOT open AND NOT goods_known
    UNION ALL
    SELECT order_id, 'vat', position,
           jsonb_build_object('line', name, 'code', vat_code, 'on', issued_on)
      FROM line
     WHERE NOT open AND NOT vat_known AND (goods_known OR 'goods' = ANY (waived))
    UNION ALL
    SELECT order_id, 'marks', position, jsonb_build_object('line', name, 'missing', short_of)
      FROM line WHERE NOT open AND short_of > 0
), found AS (
    SELECT problem.*, row_number() OVER of_kind AS nth, count(*) OVER (
               PARTITION BY problem.order_id, problem.problem) AS of_kind
      FROM problem JOIN due USING (order_id)
     WHERE problem.problem = 'vat' OR NOT problem.problem = ANY (due.waived)
    WINDOW of_kind AS (PARTITION BY problem.order_id, problem.problem ORDER BY problem.position)
), held AS MATERIALIZED (
    SELECT order_id, jsonb_agg(
               jsonb_build_object('problem', problem) || facts
               || CASE WHEN nth = 5 AND of_kind > 5 THEN jsonb_build_object('more', of_kind - 5)
                       ELSE '{}' END ORDER BY problem, position) AS problems
      FROM found WHERE nth <= 5 GROUP BY order_id
), written AS (
    INSERT INTO sale_hold (order_id, store_id, account_id, problems)
    SELECT held.order_id, due.store_id, due.account_id, held.problems
      FROM held JOIN due USING (order_id)
    ON CONFLICT (order_id) DO UPDATE SET problems = excluded.problems, checked_at = now()
), mended AS (
    DELETE FROM sale_hold
     WHERE order_id = ANY ($1::uuid[]) AND NOT EXISTS (
           SELECT FROM held WHERE held.order_id = sale_hold.order_id)
)
SELECT it.order_id
  FROM unnest($1::uuid[]) WITH ORDINALITY AS it (order_id, nth)
  JOIN due USING (order_id)
 WHERE NOT EXISTS (SELECT FROM held WHERE held.order_id = it.order_id)
 ORDER BY it.nth;

-- name: issue
-- These orders become sales, numbered without gaps in this order. Prices contain VAT; its part of a
-- total is total × rate ÷ (100 + rate), rounded half up in integers. What comes off the whole order
-- is spread over its goods by their totals: kopecks left over go to the largest remainders.
-- $1 orders of this transaction, $2 ids for their documents, $3 ids for the timeline, $4 actor,
-- $5 trace_id
WITH due AS MATERIALIZED (
    SELECT it.order_id, it.id, it.told_id, orders.store_id, orders.account_id, orders.currency,
           orders.delivered_at, orders.discount, store.merchant_id,
           merchant.series || document_kind.suffix AS series, day.issued_on,
           extract(year FROM day.issued_on)::smallint AS year,
           'composition' = ANY (ARRAY(SELECT problem FROM sale_waiver
                                       WHERE sale_waiver.order_id = it.order_id)) AS as_ordered,
           row_number() OVER (PARTITION BY store.merchant_id, extract(year FROM day.issued_on)
                              ORDER BY it.nth) AS nth
      FROM unnest($1::uuid[], $2::uuid[], $3::uuid[])
           WITH ORDINALITY AS it (order_id, id, told_id, nth)
      JOIN orders ON orders.id = it.order_id
      JOIN store ON store.id = orders.store_id
      JOIN merchant ON merchant.id = store.merchant_id
      JOIN document_kind ON document_kind.kind = 'sale'
     CROSS JOIN LATERAL (
        SELECT (orders.delivered_at AT TIME ZONE store.timezone)::date AS issued_on) AS day
), counted AS (
    INSERT INTO document_counter AS counter (merchant_id, series, year, last)
    SELECT merchant_id, series, year, count(*) FROM due
     GROUP BY merchant_id, series, year
     ORDER BY merchant_id, series, year
    ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = counter.last + excluded.last
    RETURNING merchant_id, series, year, last
), numbered AS MATERIALIZED (
    SELECT due.*, (counted.last - max(due.nth) OVER (PARTITION BY due.merchant_id, due.year)
                   + due.nth)::integer AS serial
      FROM due JOIN counted USING (merchant_id, series, year)
), line AS (
    SELECT due.id, it.*, CASE it.kind WHEN 'goods' THEN due.discount ELSE 0 END AS off,
           sum(it.total) FILTER (WHERE it.kind = 'goods') OVER (PARTITION BY due.id) AS goods
      FROM sale_line AS it JOIN due USING (order_id)
     WHERE it.order_id = ANY ($1::uuid[]) AND (due.as_ordered OR NOT it.open)
), shared AS (
    SELECT line.*,
           CASE WHEN off > 0 AND goods > 0 THEN div(least(off, goods) * total, goods) ELSE 0 END AS part,
           CASE WHEN off > 0 AND goods > 0 THEN mod(least(off, goods) * total, goods) ELSE 0 END AS rest
      FROM line
), spread AS (
    SELECT shared.*, (part + CASE WHEN off > 0 AND row_number() OVER remainders
                                       <= least(off, goods) - sum(part) OVER (PARTITION BY id)
                                  THEN 1 ELSE 0 END)::bigint AS cut
      FROM shared
    WINDOW remainders AS (PARTITION BY id ORDER BY rest DESC, position, line_id)
), taxed AS MATERIALIZED (
    SELECT spread.*, total - cut AS net, coalesce(
               (2 * (total - cut) * vat_percent + 100 + vat_percent) / (2 * (100 + vat_percent)), 0)
               AS vat,
           row_number() OVER (PARTITION BY id ORDER BY position, line_id) AS nth
      FROM spread
), issued AS (
    INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year, serial,
                          number, issued_on, occurred_at, currency, total, vat_total)
    SELECT it.id, it.merchant_id, it.store_id, it.account_id, it.order_id, 'sale', it.series, it.year,
           it.serial, it.series || to_char(it.year % 100, 'FM00') || '-'
               || lpad(it.serial::text, greatest(6, length(it.serial::text)), '0'),
           it.issued_on, it.delivered_at, it.currency, coalesce(sums.net, 0), coalesce(sums.vat, 0)
      FROM numbered AS it
      LEFT JOIN (SELECT id, sum(net) AS net, sum(vat) AS vat FROM taxed GROUP BY id) AS sums USING (id)
     ORDER BY it.serial
    RETURNING id, order_id, number, total
), written AS (
    INSERT INTO document_line (document_id, position, sku, name, unit, pieces, grams, unit_grams, price,
                               total, vat_code, vat_percent, vat, marks, kind, line_id, barcode,
                               discount)
    SELECT id, nth, sku, name, unit, pieces, grams, unit_grams, price, net, vat_code, vat_percent, vat,
           marks, kind, line_id, barcode, discount + cut
      FROM taxed ORDER BY id, nth
), settled AS (
    UPDATE orders SET sale_due = false FROM due WHERE orders.id = due.order_id
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT due.told_id, due.order_id, due.store_id, 'document', $4, $5,
           jsonb_build_object('kind', 'sale', 'number', issued.number, 'total', issued.total)
      FROM issued JOIN due USING (id)
)
SELECT id FROM numbered ORDER BY merchant_id, year, serial;

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
