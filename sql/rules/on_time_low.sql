-- rule: on_time_low
-- about: store
-- topic: quality
-- unit: percent
-- bad: below
-- warn: 95
-- critical: 90
-- clear: 96
-- least: 10
-- for: 60
-- ru: заказы не готовы к сроку
-- ru: вовремя {value} % · за два часа готово {cases}, с опозданием {late}
-- ru: в среднем опаздывают на {minutes} мин
-- ru: что делать: проверить, хватает ли сборщиков на смене (/store)
-- en: orders are not ready on time
-- en: on time {value} % · made ready in two hours {cases}, late {late}
-- en: late ones by {minutes} min on average
-- en: to do: see whether there are enough pickers on shift (/store)
-- Of the orders made ready in the last two hours, how many were so when they were due. What is not
-- ready at all is order_late's. A paused store's orders are late because somebody paused it.
WITH stepped AS MATERIALIZED (  -- few rows, as the planner then knows
    SELECT store_id, due_at, ready_at
      FROM orders
     WHERE greatest(picking_at, picked_at, ready_at, handed_over_at)
           > $1 - interval '120 minutes'
)
SELECT low.*
  FROM (
    SELECT orders.store_id, count(*) AS cases,
           count(*) FILTER (WHERE orders.ready_at > orders.due_at) AS late,
           round(avg(extract(epoch FROM orders.ready_at - orders.due_at) / 60)
                 FILTER (WHERE orders.ready_at > orders.due_at)) AS minutes,
           round(100.0 * count(*) FILTER (WHERE orders.ready_at <= orders.due_at) / count(*), 1)
               AS value
      FROM stepped AS orders JOIN store ON store.id = orders.store_id AND NOT store.paused
     WHERE orders.ready_at > $1 - interval '120 minutes' AND orders.ready_at <= $1
     GROUP BY orders.store_id
  ) AS low
 WHERE low.value < $2;
