-- rule: after_sale_waiting
-- about: order
-- topic: documents
-- unit: minutes
-- warn: 70
-- critical: 1440
-- ru: возврат, исправление или чек без документа
-- ru: ждёт: {kinds} · первый с {since_at}
-- ru: мешает: {broken}
-- ru: без ставки НДС: {untaxed} — указать её в каталоге
-- ru: что делать: orderhub schedule list: прошёл ли запуск sales-documents; мешает строка — исправить её
-- en: a return, a correction or a receipt without its document
-- en: waiting: {kinds} · the first since {since_at}
-- en: in the way: {broken}
-- en: no VAT rate: {untaxed} — give it in the catalogue
-- en: to do: orderhub schedule list: whether sales-documents has run; if a row is in the way, mend it
-- What follows a sale, and advances, still without a document although an hourly run has passed. While
-- the sale itself waits, its own incident tells, and nothing can follow it.
SELECT waiting.*, (
       SELECT string_agg(line.name, ', ' ORDER BY line.position)
         FROM order_line AS line
         JOIN store ON store.id = line.store_id
         LEFT JOIN product ON product.merchant_id = store.merchant_id
                          AND product.sku = line.external_id
        WHERE line.order_id = waiting.order_id AND waiting.advance AND line.vat = 'unknown'
          AND coalesce(product.vat, 'unknown') = 'unknown') AS untaxed
  FROM (
    SELECT it.order_id, min(it.since) AS since_at, max(it.broken) AS broken,
           string_agg(DISTINCT it.kind, ', ') AS kinds,
           bool_or(it.kind = 'receipt_advance') AS advance,
           floor(extract(epoch FROM $1 - min(it.since)) / 60) AS value
      FROM (
        (SELECT order_id, kind, created_at AS since, broken
           FROM sale_change WHERE document_id IS NULL ORDER BY seq LIMIT 2000)
        UNION ALL
        (SELECT order_id, kind, created_at, broken
           FROM receipt_due WHERE document_id IS NULL ORDER BY occurred_at, id LIMIT 2000)
      ) AS it
      JOIN orders ON orders.id = it.order_id
     WHERE NOT orders.sale_due AND it.since <= $1 - interval '1 minute' * $2
     GROUP BY it.order_id
  ) AS waiting;
