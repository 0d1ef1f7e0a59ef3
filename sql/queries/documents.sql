-- name: issue_sales
-- Up to $1 delivered orders become sales documents, with numbers without gaps, in one statement:
-- all of it happens or nothing. Orders another run has in hand are skipped. Prices contain VAT;
-- its part of a total is total × rate ÷ (100 + rate), rounded half up in integers.
-- $1 limit, $2 actor, $3 trace_id
WITH due AS MATERIALIZED (
    SELECT orders.id AS order_id, orders.store_id, orders.account_id, orders.currency,
           orders.delivered_at, store.merchant_id, merchant.series,
           (orders.delivered_at AT TIME ZONE store.timezone)::date AS issued_on
      FROM orders
      JOIN store ON store.id = orders.store_id
      JOIN merchant ON merchant.id = store.merchant_id
     WHERE orders.sale_due AND orders.state = 'delivered' AND orders.final_total IS NOT NULL
     ORDER BY orders.delivered_at, orders.id
     LIMIT $1
       FOR UPDATE OF orders SKIP LOCKED
), numbered AS MATERIALIZED (
    SELECT due.*, gen_random_uuid() AS id, extract(year FROM issued_on)::smallint AS year,
           row_number() OVER series_of_year AS nth
      FROM due
    WINDOW series_of_year AS (
        PARTITION BY merchant_id, series, extract(year FROM issued_on)
        ORDER BY delivered_at, order_id)
), counted AS (
    INSERT INTO document_counter AS counter (merchant_id, series, year, last)
    SELECT merchant_id, series, year, count(*) FROM numbered
     GROUP BY merchant_id, series, year
     ORDER BY merchant_id, series, year
    ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = counter.last + excluded.last
    RETURNING merchant_id, series, year, last
), lines AS MATERIALIZED (
    SELECT numbered.id AS document_id, line.*, rate.percent,
           CASE WHEN rate.percent IS NULL THEN 0
                ELSE (2 * line.total * rate.percent + 100 + rate.percent)
                     / (2 * (100 + rate.percent)) END AS vat_part,
           row_number() OVER (PARTITION BY numbered.id ORDER BY line.position) AS nth
      FROM numbered
      JOIN order_line AS line ON line.order_id = numbered.order_id
      JOIN LATERAL (
          SELECT vat_rate.percent FROM vat_rate
           WHERE vat_rate.code = line.vat AND vat_rate.valid_from <= numbered.issued_on
           ORDER BY vat_rate.valid_from DESC LIMIT 1) AS rate ON true
     WHERE line.state IN ('picked', 'short')
       AND line.refused < CASE line.unit WHEN 'weight' THEN line.picked_grams
                                         ELSE line.picked_pieces END
), sums AS (
    SELECT document_id, sum(total) AS total, sum(vat_part) AS vat FROM lines GROUP BY document_id
), issued AS (
    INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year,
                          serial, number, issued_on, currency, total, vat_total)
    SELECT numbered.id, merchant_id, store_id, account_id, order_id, 'sale', series, year,
           place.serial, series || to_char(year % 100, 'FM00') || '-' || lpad(place.serial::text, greatest(6, length(place.serial::text)), '0'),
           issued_on, currency, coalesce(sums.total, 0), coalesce(sums.vat, 0)
      FROM numbered
      JOIN counted USING (merchant_id, series, year)
      JOIN LATERAL (
          SELECT (counted.last - max(same.nth) + numbered.nth)::integer AS serial
            FROM numbered AS same
           WHERE (same.merchant_id, same.series, same.year)
               = (numbered.merchant_id, numbered.series, numbered.year)) AS place ON true
      LEFT JOIN sums ON sums.document_id = numbered.id
    RETURNING id, order_id, store_id, number, total
), written AS (
    INSERT INTO document_line (document_id, position, sku, name, unit, pieces, grams, unit_grams,
                               price, total, vat_code, vat_percent, vat, marks)
    SELECT document_id, nth, external_id, name, unit,
           picked_pieces - CASE unit WHEN 'piece' THEN refused ELSE 0 END,
           picked_grams - CASE unit WHEN 'weight' THEN refused ELSE 0 END, unit_grams, price, total, vat, percent, vat_part, marks
      FROM lines
), settled AS (
    UPDATE orders SET sale_due = false FROM issued WHERE orders.id = issued.order_id
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT gen_random_uuid(), order_id, store_id, 'document', $2, $3,
           jsonb_build_object('kind', 'sale', 'number', number, 'total', total)
      FROM issued
)
SELECT count(*) FROM issued;

-- name: browse
-- $1 from, $2 to (dates, both included)
SELECT id FROM document WHERE issued_on BETWEEN $1 AND $2 ORDER BY issued_on, serial, id;

-- name: of_order
-- $1 order_id
SELECT id FROM document WHERE order_id = $1 ORDER BY created_at, id;

-- name: heads
-- Whom goods are sold to: customer, who ordered for a business of his own, or else the account's
-- buyer. Of all others nothing is read that is personal.
-- $1 ids
SELECT document.id, document.kind, document.number, document.issued_on, document.currency,
       document.total, document.vat_total, document.created_at, document.occurred_at,
       document.reason, document.nth, document.detail, document.order_id,
       merchant.name AS merchant, merchant.requisites AS seller,
       account.code AS account, account.buyer,
       CASE WHEN orders.business THEN jsonb_build_object(
           'inn', coalesce(contact.customer ->> 'inn', ''),
           'kpp', coalesce(contact.customer ->> 'kpp', ''),
           'name', coalesce(contact.customer ->> 'name', ''),
           'legalAddress', coalesce(contact.customer ->> 'legalAddress', '')) END AS customer,
       coalesce(store.timezone, 'Europe/Moscow') AS timezone, orders.received_at AS ordered_at,
       store.code AS store, store.name AS store_name, store.requisites AS warehouse,
       orders.number AS order_number, orders.external_id AS order_external_id,
       base.id AS base_id, base.kind AS base_kind, base.number AS base_number,
       base.issued_on AS base_issued_on
  FROM document
  JOIN merchant ON merchant.id = document.merchant_id
  JOIN account ON account.id = document.account_id
  LEFT JOIN store ON store.id = document.store_id
  LEFT JOIN orders ON orders.id = document.order_id
  LEFT JOIN order_contact AS contact ON contact.order_id = orders.id AND orders.business
  LEFT JOIN document AS base ON base.id = document.base_id
 WHERE document.id = ANY ($1::uuid[]);

-- name: lines
-- $1 document ids
SELECT document_id, position, sku, name, unit, pieces, grams, unit_grams, price, total, vat_code,
       vat_percent, vat, marks, kind, line_id, barcode, discount, before_pieces, before_grams,
       before_price, before_total, before_vat
  FROM document_line WHERE document_id = ANY ($1::uuid[]) ORDER BY document_id, position;
