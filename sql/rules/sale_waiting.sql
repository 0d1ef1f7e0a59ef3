-- rule: sale_waiting
-- about: order
-- topic: documents
-- unit: minutes
-- warn: 130
-- critical: 190
-- ru: документа реализации нет
-- ru: доставлен {delivered_at}
-- en: has no sales document
-- en: delivered {delivered_at}
-- A delivered order without its sales document although two hourly runs have passed.
SELECT waiting.*
  FROM (
    SELECT orders.id AS order_id, orders.delivered_at,
           floor(extract(epoch FROM $1 - orders.delivered_at) / 60) AS value
      FROM orders
     WHERE orders.sale_due
  ) AS waiting
 WHERE waiting.value >= $2;
