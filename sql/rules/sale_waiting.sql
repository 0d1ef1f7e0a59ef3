-- rule: sale_waiting
-- about: store
-- topic: documents
-- unit: minutes
-- warn: 70
-- critical: 130
-- ru: документы реализации не созданы
-- ru: доставлено без документа: {waiting} · самый ранний {delivered_at}
-- ru: заказы: {numbers}
-- ru: что делать: orderhub schedule list: прошёл ли запуск sales-documents
-- en: sales documents are missing
-- en: delivered without one: {waiting} · the earliest {delivered_at}
-- en: orders: {numbers}
-- en: to do: orderhub schedule list: whether sales-documents has run
-- Delivered orders without their sales document although an hourly run has passed; two of them when
-- it is critical. One incident for a store, however many orders: their cause is the same. What a run
-- has looked at and held back is told by sale_held.
SELECT waiting.*
  FROM (
    SELECT orders.store_id, count(*) AS waiting, min(orders.delivered_at) AS delivered_at,
           array_to_string((array_agg(orders.number ORDER BY orders.delivered_at))[1:5], ', ')
               AS numbers,
           floor(extract(epoch FROM $1 - min(orders.delivered_at)) / 60) AS value
      FROM orders
     WHERE orders.sale_due AND orders.final_total IS NOT NULL
       AND orders.delivered_at <= $1 - interval '1 minute' * $2
       AND NOT EXISTS (SELECT FROM sale_hold WHERE sale_hold.order_id = orders.id)
     GROUP BY orders.store_id
  ) AS waiting;
