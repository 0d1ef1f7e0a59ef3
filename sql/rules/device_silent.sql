-- rule: device_silent
-- about: store
-- topic: orders
-- unit: count
-- warn: 1
-- critical: 3
-- ru: терминалы сборщиков молчат
-- ru: заказов у них: {value} · первый молчит с {silent_at}
-- ru: заказы: {orders}
-- ru: что делать: найти сборщика; другой может взять заказ
-- en: pickers' handhelds are silent
-- en: orders in their hands: {value} · the first is silent since {silent_at}
-- en: orders: {orders}
-- en: to do: find the picker; somebody else may take the order
-- Orders in a picker's hands whose handheld has said nothing for longer than its lease.
SELECT silent.*
  FROM (
    SELECT job.store_id, count(DISTINCT job.order_id) AS value, min(job.lease_until) AS silent_at,
           array_to_string((array_agg(DISTINCT orders.number))[1:5], ', ') AS orders
      FROM pick_job AS job JOIN orders ON orders.id = job.order_id
     WHERE job.state IN ('claimed', 'active', 'paused') AND job.lease_until <= $1
       AND orders.state IN ('accepted', 'picking', 'picked')
       AND NOT EXISTS (SELECT FROM pick_job AS other
                        WHERE other.order_id = job.order_id AND other.lease_until > $1
                          AND other.state IN ('claimed', 'active', 'paused'))
     GROUP BY job.store_id
  ) AS silent
 WHERE silent.value >= $2;
