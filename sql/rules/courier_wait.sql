-- rule: courier_wait
-- about: store
-- topic: quality
-- unit: minutes
-- warn: 2
-- critical: 5
-- clear: 1.5
-- least: 5
-- for: 60
-- ru: курьеры ждут заказы
-- ru: в среднем {value} мин · дольше всех {longest} мин
-- ru: за два часа выдано: {cases}, из них с ожиданием: {waited}
-- ru: что делать: узнать, чего ждут: сборки, пакетов или выдачи
-- en: couriers wait for orders
-- en: {value} min on average · the longest {longest} min
-- en: handed over in two hours: {cases}, of them had to wait: {waited}
-- en: to do: find out what they wait for: picking, bags or the hand-over
-- How long couriers who took an order in the last two hours had waited for it, once they were there
-- and the order was due: who comes early waits for nobody's fault. Only orders whose courier was
-- announced say anything.
WITH stepped AS MATERIALIZED (  -- few rows, as the planner then knows
    SELECT store_id, due_at, courier_arrived_at, handed_over_at
      FROM orders
     WHERE greatest(picking_at, picked_at, ready_at, handed_over_at)
           > $1 - interval '120 minutes'
)
SELECT waits.*
  FROM (
    SELECT taken.store_id, count(*) AS cases, round(max(taken.waited)) AS longest,
           count(*) FILTER (WHERE taken.waited > 0) AS waited,
           round(avg(taken.waited), 1) AS value
      FROM (
        SELECT orders.store_id,
               greatest(0, extract(epoch FROM orders.handed_over_at - greatest(
                   orders.due_at, orders.courier_arrived_at)) / 60) AS waited
          FROM stepped AS orders
         WHERE orders.handed_over_at > $1 - interval '120 minutes'
           AND orders.handed_over_at <= $1
           AND orders.courier_arrived_at IS NOT NULL
      ) AS taken
     GROUP BY taken.store_id
  ) AS waits
 WHERE waits.value >= $2;
