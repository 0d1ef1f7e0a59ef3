-- What accountants look up over a period: the register of documents, and the VAT in what was sold.

-- name: documents
-- $1 from, $2 until (dates, both included), $3 store code or null, $4 account code or null,
-- $5 kinds, $6 limit, $7 ids or null
SELECT document.id, document.kind, document.number, document.issued_on, merchant.name AS merchant,
       coalesce(store.code, '') AS store, account.code AS account,
       coalesce(orders.number, '') AS order_number, coalesce(base.number, '') AS base_number,
       document.currency, document.total, document.vat_total,
       (SELECT count(*) FROM document_line AS line WHERE line.document_id = document.id) AS lines
  FROM document
  JOIN merchant ON merchant.id = document.merchant_id
  JOIN account ON account.id = document.account_id
  LEFT JOIN store ON store.id = document.store_id
  LEFT JOIN orders ON orders.id = document.order_id
  LEFT JOIN document AS base ON base.id = document.base_id
 WHERE document.issued_on BETWEEN $1 AND $2
   AND ($3::text IS NULL OR store.code = $3) AND ($4::text IS NULL OR account.code = $4)
   AND document.kind = ANY ($5::text[]) AND ($7::uuid[] IS NULL OR document.id = ANY ($7))
 ORDER BY document.issued_on, document.series, document.serial, document.id
 LIMIT $6;

-- name: sums
-- What documents of some days come to, however many they are.
-- $1 from, $2 until (dates, both included), $3 store code or null, $4 account code or null, $5 kinds
SELECT count(*) AS documents, coalesce(sum(document.total), 0)::bigint AS total,
       coalesce(sum(document.vat_total), 0)::bigint AS vat
  FROM document
  JOIN account ON account.id = document.account_id
  LEFT JOIN store ON store.id = document.store_id
 WHERE document.issued_on BETWEEN $1 AND $2
   AND ($3::text IS NULL OR store.code = $3) AND ($4::text IS NULL OR account.code = $4)
   AND document.kind = ANY ($5::text[]);

-- name: later
-- $1 document_id
SELECT id, kind, number, issued_on, total FROM document
 WHERE base_id = $1 ORDER BY created_at, id;

-- name: vat
-- What of sales, corrections and returns has each rate, by day, store, account or document. Whoever
-- sells on commission finds the same goods in commission reports, which count for nothing here.
-- $1 from, $2 until, $3 store code or null, $4 account code or null, $5 by, $6 limit
SELECT merchant.name AS merchant,
       CASE $5::text WHEN 'day' THEN document.issued_on::text
                     WHEN 'store' THEN store.code
                     WHEN 'account' THEN account.code
                     ELSE document.number END AS key,
       CASE WHEN $5 = 'document' THEN document.issued_on END AS issued_on,
       CASE WHEN $5 = 'document' THEN document.kind END AS kind,
       CASE WHEN $5 = 'document' THEN coalesce(base.number, '') END AS base_number,
       line.vat_percent AS percent, grouping(line.vat_percent) = 1 AS whole,
       count(DISTINCT document.id) AS documents,
       sum(line.total)::bigint AS total, sum(line.vat)::bigint AS vat
  FROM document
  JOIN document_kind AS kind ON kind.kind = document.kind AND kind.sold
  JOIN document_line AS line ON line.document_id = document.id
  JOIN merchant ON merchant.id = document.merchant_id
  JOIN account ON account.id = document.account_id
  JOIN store ON store.id = document.store_id
  LEFT JOIN document AS base ON base.id = document.base_id
 WHERE document.issued_on BETWEEN $1 AND $2
   AND ($3::text IS NULL OR store.code = $3) AND ($4::text IS NULL OR account.code = $4)
 GROUP BY GROUPING SETS ((1, 2, 3, 4, 5, 6), (1, 2, 3, 4, 5))
 ORDER BY 1, 3, 2, 4, whole DESC, 6 DESC NULLS LAST
 LIMIT $6;
