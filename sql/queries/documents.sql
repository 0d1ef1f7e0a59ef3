-- name: browse
-- $1 from, $2 to (dates, both included)
SELECT id FROM document WHERE issued_on BETWEEN $1 AND $2 ORDER BY issued_on, serial, id;

-- name: of_order
-- $1 order_id
SELECT id FROM document WHERE order_id = $1 ORDER BY created_at, id;

-- name: heads
-- Whom goods are sold to: customer, who ordered for a business of his own, or else the account's
-- buyer. Of all others nothing is read that is personal.
-- Everybody is called as when the document was issued.
-- $1 ids
SELECT document.id, document.kind, document.number, document.issued_on, document.currency,
       document.total, document.vat_total, document.created_at, document.occurred_at,
       document.reason, document.nth, document.detail, document.order_id,
       merchant.name AS merchant, party_at(merchant.id, document.created_at) AS seller,
       account.code AS account, party_at(account.id, document.created_at) AS buyer,
       CASE WHEN orders.business THEN jsonb_build_object(
           'inn', coalesce(contact.customer ->> 'inn', ''),
           'kpp', coalesce(contact.customer ->> 'kpp', ''),
           'name', coalesce(contact.customer ->> 'name', ''),
           'legalAddress', coalesce(contact.customer ->> 'legalAddress', '')) END AS customer,
       coalesce(store.timezone, 'Europe/Moscow') AS timezone, orders.received_at AS ordered_at,
       store.code AS store, store.name AS store_name, party_at(store.id, document.created_at) AS warehouse,
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
