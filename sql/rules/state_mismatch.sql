-- rule: state_mismatch
-- about: account
-- topic: quality
-- unit: count
-- warn: 1
-- critical: 3
-- ru: состояние заказов расходится с маркетплейсом
-- ru: за 15 минут: {value} · заказы: {numbers}
-- ru: маркетплейс считает их отданными, а у нас они не готовы
-- en: orders stand differently at the marketplace
-- en: in 15 minutes: {value} · orders: {numbers}
-- en: for the marketplace they have left the store, here they were not ready
-- Orders of the last quarter of an hour that a marketplace said were taken or delivered before they
-- were ready here: steps were not entered on a handheld, or its news are of another order.
SELECT differ.*
  FROM (
    SELECT orders.account_id, count(*) AS value,
           array_to_string((array_agg(orders.number || ' (' || store.code || ')' ORDER BY
               coalesce(orders.handed_over_at, orders.delivered_at) DESC))[1:5], ', ') AS numbers
      FROM orders JOIN store ON store.id = orders.store_id
     WHERE orders.implied
       AND coalesce(orders.handed_over_at, orders.delivered_at) > $1 - interval '15 minutes'
       AND coalesce(orders.handed_over_at, orders.delivered_at) <= $1
     GROUP BY orders.account_id
  ) AS differ
 WHERE differ.value >= $2;
