-- Marketplaces' own reports beside our documents.

-- name: account
-- $1 code
SELECT id, merchant_id FROM account WHERE code = $1;

-- name: add
-- Nothing comes back when the report, or the file, is there already.
-- $1 id, $2 merchant_id, $3 account_id, $4 kind, $5 number, $6 first, $7 last, $8 sha256, $9 name,
-- $10 by
INSERT INTO settlement (id, merchant_id, account_id, kind, number, first, last, sha256, name,
                        imported_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: same
-- $1 account_id, $2 kind, $3 number, $4 sha256
SELECT id, number, sha256 FROM settlement
 WHERE account_id = $1 AND kind = $2 AND (number = $3 OR sha256 = $4)
 ORDER BY number = $3 DESC
 LIMIT 1;

-- name: list
-- $1 account code or null, $2 id or null, $3 limit
SELECT it.id, account.code AS account, merchant.name AS merchant, it.kind, it.number, it.first,
       it.last, it.name, it.sha256, it.imported_by, it.imported_at, it.matched, it.differing,
       it.blocking, it.checked_at, it.accepted_by, it.accepted_why, document.number AS document,
       sums.rows, sums.sold, sums.returned, sums.fee
  FROM settlement AS it
  JOIN account ON account.id = it.account_id
  JOIN merchant ON merchant.id = it.merchant_id
  LEFT JOIN document ON document.id = it.document_id
 CROSS JOIN LATERAL (
     SELECT count(*) AS rows,
            coalesce(sum(amount) FILTER (WHERE deal = 'sale'), 0)::bigint AS sold,
            coalesce(sum(amount) FILTER (WHERE deal = 'return'), 0)::bigint AS returned,
            coalesce(sum(fee), 0)::bigint AS fee
       FROM settlement_row WHERE settlement_id = it.id) AS sums
 WHERE ($1::text IS NULL OR account.code = $1) AND ($2::uuid IS NULL OR it.id = $2)
 ORDER BY it.last DESC, it.imported_at DESC
 LIMIT $3;

-- name: compare
-- Both sides of every order (or, in a report of commission, of each of its goods), as things stood at
-- the end of the report's days: all reports of this kind until then against all our documents. A
-- name is an order's by its marketplace before it is one by our own number. What matches is one row,
-- which counts it as `theirs`.
-- $1 settlement_id
WITH it AS MATERIALIZED (
    SELECT id, account_id, kind, first, last, kind = 'commission' AS by_goods
      FROM settlement WHERE id = $1
), spoken AS MATERIALIZED (
    SELECT DISTINCT row.order_ref FROM settlement_row AS row
     WHERE row.settlement_id = $1 AND row.deal <> 'fee'
), known AS MATERIALIZED (
    SELECT coalesce(named.id, numbered.id) AS id, min(spoken.order_ref) AS order_ref,
           coalesce(named.id, numbered.id)::text AS key,
           coalesce(named.external_id, numbered.external_id) AS external_id,
           coalesce(named.number, numbered.number) AS number,
           coalesce(named.delivered_at, numbered.delivered_at) AS delivered_at
      FROM it CROSS JOIN spoken
      LEFT JOIN orders AS named ON named.account_id = it.account_id
                               AND named.external_id = spoken.order_ref
      LEFT JOIN orders AS numbered ON numbered.account_id = it.account_id
                                  AND numbered.number = spoken.order_ref AND named.id IS NULL
     GROUP BY 1, 3, 4, 5, 6, CASE WHEN coalesce(named.id, numbered.id) IS NULL
                                  THEN spoken.order_ref END
), called AS MATERIALIZED (
    SELECT order_ref AS name, coalesce(key, order_ref) AS key FROM known WHERE id IS NULL
     UNION SELECT external_id, key FROM known WHERE id IS NOT NULL
     UNION SELECT known.number, known.key FROM known
            WHERE id IS NOT NULL
              AND NOT EXISTS (SELECT FROM orders AS other
                               WHERE other.account_id = (SELECT account_id FROM it)
                                 AND other.external_id = known.number AND other.id <> known.id)
), theirs AS MATERIALIZED (
    SELECT called.key, CASE WHEN it.by_goods THEN row.sku ELSE '' END AS sku,
           max(row.name) AS name, sum(row.amount)::bigint AS amount,
           CASE WHEN bool_and(row.milli IS NOT NULL) THEN sum(row.milli)::bigint END AS milli,
           count(*) FILTER (WHERE row.deal = 'sale') AS sales
      FROM it
      JOIN settlement AS said ON said.account_id = it.account_id AND said.kind = it.kind
                             AND (said.id = it.id OR said.last < it.last
                                  OR (said.last = it.last AND said.id < it.id))
      JOIN settlement_row AS row ON row.settlement_id = said.id AND row.deal <> 'fee'
      JOIN called ON called.name = row.order_ref
     GROUP BY 1, 2
), ours AS MATERIALIZED (
    SELECT known.key, CASE WHEN it.by_goods THEN line.sku ELSE '' END AS sku,
           max(line.name) AS name, bool_or(line.kind = 'goods') AS goods,
           coalesce(sum(line.total) FILTER (WHERE document.issued_on <= it.last), 0)::bigint AS amount,
           coalesce(sum(coalesce(line.grams, line.pieces * 1000))
                    FILTER (WHERE document.issued_on <= it.last), 0)::bigint AS milli
      FROM it CROSS JOIN known
      JOIN document ON document.order_id = known.id
                   AND document.kind IN ('sale', 'correction', 'return')
      JOIN document_line AS line ON line.document_id = document.id
     GROUP BY 1, 2
), documented AS MATERIALIZED (
    SELECT known.key FROM known
     WHERE EXISTS (SELECT FROM document WHERE document.order_id = known.id AND kind = 'sale')
), both_sides AS (
    SELECT coalesce(theirs.key, ours.key) AS key, coalesce(theirs.sku, ours.sku) AS sku,
           theirs.name AS their_name, ours.name AS our_name, ours.key IS NOT NULL AS sold,
           coalesce(theirs.amount, 0) AS theirs, coalesce(ours.amount, 0) AS ours,
           CASE WHEN theirs.key IS NULL THEN 0 ELSE theirs.milli END AS their_milli,
           ours.milli AS our_milli, coalesce(theirs.sales, 0) AS sales
      FROM theirs FULL JOIN ours ON ours.key = theirs.key AND ours.sku = theirs.sku
     WHERE theirs.key IS NOT NULL OR (ours.goods AND (ours.amount <> 0 OR ours.milli <> 0))
), told AS MATERIALIZED (
    -- By day and shop's zone the two sides may be a little apart, but not this much.
    SELECT DISTINCT row.order_ref
      FROM it
      JOIN settlement AS said ON said.account_id = it.account_id AND said.kind = it.kind
                             AND said.last >= it.first - 3
      JOIN settlement_row AS row ON row.settlement_id = said.id AND row.deal <> 'fee'
), silent AS (
    SELECT orders.external_id AS order_ref, orders.number,
           (SELECT sum(every.total)::bigint FROM document AS every
             WHERE every.order_id = sale.order_id AND every.issued_on <= it.last
               AND every.kind IN ('sale', 'correction', 'return')) AS amount
      FROM it
      JOIN document AS sale ON sale.account_id = it.account_id AND sale.kind = 'sale'
                           AND sale.issued_on BETWEEN it.first AND it.last
      JOIN orders ON orders.id = sale.order_id
     WHERE NOT EXISTS (SELECT FROM told WHERE told.order_ref = orders.external_id)
       AND NOT EXISTS (SELECT FROM told WHERE told.order_ref = orders.number)
), judged AS MATERIALIZED (
    SELECT CASE WHEN known.id IS NULL THEN 'unknown_order'
                WHEN known.delivered_at IS NULL THEN 'not_delivered'
                WHEN documented.key IS NULL THEN 'no_document'
                WHEN it.by_goods AND NOT side.sold THEN 'goods'
                WHEN side.theirs = side.ours
                     THEN CASE WHEN it.by_goods AND side.their_milli <> side.our_milli
                               THEN 'quantity' ELSE 'match' END
                WHEN side.sales > 1 AND side.ours > 0 AND side.theirs = side.ours * side.sales
                     THEN 'twice'
                ELSE 'sum' END AS finding,
           known.order_ref, coalesce(known.number, '') AS order_number, side.sku,
           CASE WHEN it.by_goods THEN coalesce(nullif(side.their_name, ''), side.our_name, '')
                ELSE '' END AS name, side.theirs, side.ours, side.their_milli, side.our_milli
      FROM it CROSS JOIN both_sides AS side
      JOIN known ON coalesce(known.key, known.order_ref) = side.key
      LEFT JOIN documented ON documented.key = side.key
)
SELECT * FROM judged WHERE finding <> 'match'
UNION ALL
SELECT 'match', '', '', '', '', count(*), 0, NULL, NULL FROM judged WHERE finding = 'match'
UNION ALL
SELECT 'not_reported', order_ref, number, '', '', 0, amount, NULL, NULL FROM silent
 WHERE amount <> 0
 ORDER BY 1, 2, 4;

-- name: looked
-- What was accepted is what differed then: with anything else nobody has accepted it.
-- $1 id, $2 matched, $3 differing, $4 blocking, $5 what differs
WITH fresh AS (
    SELECT EXISTS (SELECT unnest($5::text[]) EXCEPT SELECT unnest(accepted_what)) AS any
      FROM settlement WHERE id = $1
)
UPDATE settlement
   SET matched = $2, differing = $3, blocking = $4, checked_at = now(),
       accepted_by = CASE WHEN NOT fresh.any THEN accepted_by END,
       accepted_why = CASE WHEN NOT fresh.any THEN accepted_why END,
       accepted_at = CASE WHEN NOT fresh.any THEN accepted_at END,
       accepted_what = CASE WHEN fresh.any THEN '{}' ELSE accepted_what END
  FROM fresh
 WHERE id = $1;

-- name: open
-- What a later look may find otherwise; the reports of a quarter, and commission without document.
SELECT id FROM settlement
 WHERE ((differing > 0 AND imported_at > now() - interval '100 days')
        OR (kind = 'commission' AND document_id IS NULL))
   AND NOT EXISTS (SELECT FROM account_away WHERE account_away.account_id = settlement.account_id)
 ORDER BY last, id;

-- name: accept
-- $1 id, $2 by, $3 why, $4 what differs
UPDATE settlement
   SET accepted_by = $2, accepted_why = $3, accepted_at = now(), accepted_what = $4
 WHERE id = $1 AND accepted_by IS NULL
RETURNING id;

-- name: drop
-- A report of which no document was made may be taken back.
-- $1 id
DELETE FROM settlement WHERE id = $1 AND document_id IS NULL RETURNING id;

-- name: lock
-- The report to make a document of, unless somebody has made it or is making it.
-- $1 id
SELECT id, account_id FROM settlement
 WHERE id = $1 AND kind = 'commission' AND document_id IS NULL
   AND NOT EXISTS (SELECT FROM account_away WHERE account_away.account_id = settlement.account_id)
   FOR UPDATE SKIP LOCKED;

-- name: issue
-- One document of what the report says was sold and given back, by goods; prices, units and rates are
-- those of our own documents of the same orders; a row of which we have none stops it all. Of what has
-- no quantity it is that of our sale, or as much of it as of its sum. VAT of a sum below zero is that of
-- the sum without its sign.
-- $1 settlement_id, $2 document id, $3 detail
WITH it AS MATERIALIZED (
    SELECT settlement.*, merchant.series || kind.suffix AS own_series,
           extract(year FROM settlement.last)::smallint AS year
      FROM settlement
      JOIN merchant ON merchant.id = settlement.merchant_id
      JOIN document_kind AS kind ON kind.kind = 'commission'
     WHERE settlement.id = $1
), counted AS (
    INSERT INTO document_counter AS counter (merchant_id, series, year, last)
    SELECT merchant_id, own_series, year, 1 FROM it
    ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = counter.last + 1
    RETURNING last
), sold AS MATERIALIZED (
    SELECT row.sku, coalesce(nullif(row.name, ''), line.name) AS name, line.unit, line.unit_grams,
           line.price, line.vat_code, line.vat_percent, line.barcode, row.amount,
           coalesce(row.milli, CASE row.deal WHEN 'sale' THEN 1 ELSE -1 END * line.step
               * round(line.milli * coalesce(abs(row.amount)::numeric / nullif(line.total, 0), 1)
                       / line.step)) AS milli
      FROM it
      JOIN settlement_row AS row ON row.settlement_id = it.id AND row.deal <> 'fee'
      LEFT JOIN orders AS named ON named.account_id = it.account_id
                               AND named.external_id = row.order_ref
      LEFT JOIN orders AS numbered ON numbered.account_id = it.account_id
                                  AND numbered.number = row.order_ref AND named.id IS NULL
      LEFT JOIN LATERAL (
          SELECT line.name, line.unit, line.unit_grams, line.price, line.vat_code,
                 line.vat_percent, line.barcode,
                 CASE line.unit WHEN 'piece' THEN 1000 ELSE 1 END AS step,
                 sum(greatest(line.total, 0)) OVER own AS total,
                 sum(greatest(coalesce(line.grams, line.pieces * 1000), 0)) OVER own AS milli
            FROM document
            JOIN document_line AS line ON line.document_id = document.id AND line.sku = row.sku
           WHERE document.order_id = coalesce(named.id, numbered.id)
             AND document.kind IN ('sale', 'correction', 'return')
          WINDOW own AS (PARTITION BY document.kind)
           ORDER BY document.kind = 'sale' DESC, document.kind = 'correction' DESC,
                    document.nth, line.position
           LIMIT 1) AS line ON true
), grouped AS MATERIALIZED (
    SELECT sku, max(name) AS name, unit, unit_grams, price, vat_code, vat_percent,
           max(barcode) AS barcode, sum(amount)::bigint AS total, sum(milli)::bigint AS milli,
           row_number() OVER (ORDER BY sku, unit, unit_grams, price, vat_code, vat_percent) AS nth
      FROM sold
     GROUP BY sku, unit, unit_grams, price, vat_code, vat_percent
), taxed AS MATERIALIZED (
    SELECT grouped.*,
           CASE WHEN vat_percent IS NULL THEN 0
                ELSE sign(total)::bigint * ((2 * abs(total) * vat_percent + 100 + vat_percent)
                                            / (2 * (100 + vat_percent))) END AS vat
      FROM grouped
), issued AS (
    INSERT INTO document (id, merchant_id, account_id, kind, series, year, serial, number,
                          issued_on, currency, total, vat_total, detail)
    SELECT $2, merchant_id, account_id, 'commission', own_series, year, counted.last,
           own_series || to_char(year % 100, 'FM00') || '-'
           || lpad(counted.last::text, greatest(6, length(counted.last::text)), '0'),
           it.last, 'RUB', coalesce((SELECT sum(total) FROM taxed), 0),
           coalesce((SELECT sum(vat) FROM taxed), 0), $3
      FROM it, counted
    RETURNING id, number
), written AS (
    INSERT INTO document_line (document_id, position, sku, name, unit, pieces, grams, unit_grams,
                               price, total, vat_code, vat_percent, vat, marks, barcode)
    SELECT $2, nth, sku, name, unit,
           CASE unit WHEN 'piece' THEN round(milli / 1000.0)::integer ELSE 0 END,
           CASE unit WHEN 'weight' THEN milli::integer END, unit_grams, price, total, vat_code,
           vat_percent, vat, '{}', barcode
      FROM taxed
), settled AS (
    UPDATE settlement SET document_id = $2 WHERE id = $1
)
SELECT number FROM issued;
