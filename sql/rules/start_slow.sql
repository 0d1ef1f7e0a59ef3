-- rule: start_slow
-- about: store
-- topic: quality
-- unit: minutes
-- warn: 7
-- critical: 15
-- clear: 6
-- least: 5
-- for: 60
-- ru: сборку начинают поздно
-- ru: за последний час половина заказов ждала начала {value} мин и дольше · дольше всех {longest} мин
-- ru: начато заказов: {cases}
-- ru: что делать: проверить, хватает ли сборщиков на смене (/store)
-- en: picking begins late
-- en: in the last hour half of the orders waited {value} min or longer · the longest {longest} min
-- en: orders begun: {cases}
-- en: to do: see whether there are enough pickers on shift (/store)
-- How long orders that were begun in the last hour had waited for it: the median. A planned order
-- begins to wait two hours before it is due. In a paused store nothing may be begun.
WITH stepped AS MATERIALIZED (  -- few rows, as the planner then knows
    SELECT store_id, accepted_at, due_at, picking_at
      FROM orders
     WHERE greatest(picking_at, picked_at, ready_at, handed_over_at)
           > $1 - interval '60 minutes'
)
SELECT slow.*
  FROM (
    SELECT begun.store_id, count(*) AS cases, round(max(begun.waited)) AS longest,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY begun.waited)::numeric, 1) AS value
      FROM (
        SELECT orders.store_id,
               greatest(0, extract(epoch FROM orders.picking_at - greatest(
                   orders.accepted_at, orders.due_at - interval '2 hours')) / 60) AS waited
          FROM stepped AS orders
         WHERE orders.picking_at > $1 - interval '60 minutes' AND orders.picking_at <= $1
           AND orders.accepted_at IS NOT NULL
      ) AS begun
      JOIN store ON store.id = begun.store_id AND NOT store.paused
     GROUP BY begun.store_id
  ) AS slow
 WHERE slow.value >= $2;
