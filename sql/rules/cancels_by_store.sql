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
-- ru: главная причина: {why} · последние: {numbers}
-- ru: что делать: узнать причину в магазине; нет товара — поправить остатки
-- en: the store calls orders off
-- en: today {value} % ({cancelled} of {cases})
-- en: main reason: {why} · the latest: {numbers}
-- en: to do: ask the store why; goods that are not there: mend the stock
-- Orders the store called off, or the marketplace because the store did not react, among those that
-- came since midnight in the store. A single one is no share: it is an order.
WITH high AS MATERIALIZED (
    SELECT today.store_id, today.day, today.orders AS cases,
           today.cancelled_by_store AS cancelled,
           round(100.0 * today.cancelled_by_store / today.orders, 1) AS value
      FROM store_today($1) AS today
     WHERE today.orders > 0 AND today.cancelled_by_store > 1
       AND round(100.0 * today.cancelled_by_store / today.orders, 1) >= $2
)
SELECT high.store_id, high.cases, high.cancelled, high.value, most.why, most.numbers
  FROM high
 CROSS JOIN LATERAL (
    WITH off AS (
        SELECT orders.number, orders.cancel_reason, orders.ended_at
          FROM order_hour AS hour JOIN orders ON orders.id = hour.order_id
         WHERE hour.store_id = high.store_id AND hour.hour >= high.day
           AND hour.cancelled_by_store > 0
    )
    SELECT (SELECT cancel_reason FROM off
             GROUP BY cancel_reason ORDER BY count(*) DESC, cancel_reason LIMIT 1) AS why,
           (SELECT array_to_string((array_agg(number ORDER BY ended_at DESC))[1:5], ', ') FROM off)
               AS numbers
  ) AS most;
