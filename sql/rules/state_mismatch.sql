-- rule: state_mismatch
-- about: account
-- topic: quality
-- unit: count
-- warn: 1
-- critical: 3
-- ru: состояние заказов расходится с маркетплейсом
-- ru: за 15 минут: {value}
-- ru: у маркетплейса уже отданы, а у нас не готовы: {unready}
-- ru: у маркетплейса в пути, а у нас отменены: {cancelled}
-- ru: что делать: отмечать готовность и выдачу на терминале; сверить заказы с маркетплейсом
-- en: orders stand differently at the marketplace
-- en: in 15 minutes: {value}
-- en: gone for the marketplace, not ready here: {unready}
-- en: on the road for the marketplace, called off here: {cancelled}
-- en: to do: enter readiness and hand-over on the handheld; compare the orders with the marketplace
-- Orders of the last quarter of an hour of which a marketplace said what cannot be if they are what
-- we take them for: they left the store before they were ready here, or although they were called
-- off. Steps were not entered on a handheld, or a message of one side was lost.
WITH ahead AS (
    SELECT id AS order_id, coalesce(handed_over_at, delivered_at) AS at
      FROM orders
     WHERE implied AND coalesce(handed_over_at, delivered_at) > $1 - interval '15 minutes'
       AND coalesce(handed_over_at, delivered_at) <= $1
     UNION ALL
    SELECT order_id, at
      FROM timeline
     WHERE detail ? 'contradicts' AND at > $1 - interval '15 minutes' AND at <= $1
), each AS (
    SELECT orders.account_id, orders.number || ' (' || store.code || ')' AS number,
           orders.state = 'cancelled' AS off, max(ahead.at) AS at
      FROM ahead
      JOIN orders ON orders.id = ahead.order_id
      JOIN store ON store.id = orders.store_id
     GROUP BY orders.id, store.code
)
SELECT differ.*
  FROM (
    SELECT account_id, count(*) AS value,
           array_to_string((array_agg(number ORDER BY at DESC) FILTER (WHERE NOT off))[1:5], ', ')
               AS unready,
           array_to_string((array_agg(number ORDER BY at DESC) FILTER (WHERE off))[1:5], ', ')
               AS cancelled
      FROM each GROUP BY account_id
  ) AS differ
 WHERE differ.value >= $2;
