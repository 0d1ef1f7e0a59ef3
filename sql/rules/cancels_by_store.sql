-- rule: cancels_by_store
-- about: store
-- topic: quality
-- unit: percent
-- warn: 2
-- critical: 5
-- clear: 1.5
-- least: 20
-- for: 60
-- ru: магазин отменяет заказы
-- ru: сегодня {value} % ({cancelled} из {cases})
-- en: the store calls orders off
-- en: today {value} % ({cancelled} of {cases})
-- Orders the store called off, or the marketplace because the store did not react, among those that
-- came since midnight in the store. A single one is no share: it is an order.
SELECT high.*
  FROM (
    SELECT today.store_id, today.orders AS cases, today.cancelled_by_store AS cancelled,
           round(100.0 * today.cancelled_by_store / today.orders, 1) AS value
      FROM store_today($1) AS today
     WHERE today.orders > 0 AND today.cancelled_by_store > 1
  ) AS high
 WHERE high.value >= $2;
