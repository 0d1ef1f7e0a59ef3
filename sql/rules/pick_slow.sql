-- rule: pick_slow
-- about: store
-- topic: quality
-- unit: times
-- warn: 1.3
-- critical: 2
-- clear: 1.2
-- least: 5
-- for: 60
-- ru: собирают медленнее обычного
-- ru: ×{value} к обычному времени · за последний час собрано заказов: {cases}
-- ru: половина заказов {minutes} мин и дольше · обычно {usual_minutes} мин
-- ru: на позицию {line_seconds} с · обычно {usual_line_seconds} с
-- ru: что делать: спросить в магазине, что мешает
-- en: picking is slower than usual
-- en: ×{value} the usual time · orders picked in the last hour: {cases}
-- en: half of the orders {minutes} min or longer · usually {usual_minutes} min
-- en: per line {line_seconds} s · usually {usual_line_seconds} s
-- en: to do: ask the store what is in the way
-- Orders picked in the last hour against the store's own last 14 days. Slow is what is slow both by
-- the order and by the line: large orders take longer, small ones take longer per line, and neither
-- says anything of the pickers; nor does one order that took for ever. A store that has not yet picked 30 orders has no usual pace.
WITH stepped AS MATERIALIZED (  -- few rows, as the planner then knows
    SELECT id, store_id, picking_at, picked_at
      FROM orders
     WHERE greatest(picking_at, picked_at, ready_at, handed_over_at)
           > $1 - interval '60 minutes'
), picked AS (
    SELECT orders.store_id, array_agg(orders.id) AS ids, count(*) AS cases,
           percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM orders.picked_at - orders.picking_at)) AS median
      FROM stepped AS orders
     WHERE orders.picked_at > $1 - interval '60 minutes' AND orders.picked_at <= $1
       AND orders.picking_at IS NOT NULL
     GROUP BY orders.store_id
), long AS MATERIALIZED (
    SELECT picked.*, pace.pick_seconds, pace.line_seconds
      FROM picked JOIN store_pace AS pace ON pace.store_id = picked.store_id
     WHERE pace.orders >= 30 AND picked.median >= $2 * pace.pick_seconds
)
SELECT slow.*
  FROM (
    SELECT long.store_id, long.cases, round(long.median / 60) AS minutes,
           round(long.pick_seconds / 60.0) AS usual_minutes,
           round(counted.line_seconds::numeric) AS line_seconds,
           round(long.line_seconds) AS usual_line_seconds,
           round(least(long.median / long.pick_seconds,
                       counted.line_seconds / long.line_seconds)::numeric, 2) AS value
      FROM long
     CROSS JOIN LATERAL (
         SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY each.seconds / each.lines) AS line_seconds
           FROM (SELECT extract(epoch FROM orders.picked_at - orders.picking_at) AS seconds,
                        count(*) AS lines
                   FROM orders JOIN order_line AS line ON line.order_id = orders.id
                  WHERE orders.id = ANY (long.ids) AND line.replaces IS NULL
                    AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')
                  GROUP BY orders.id) AS each) AS counted
     WHERE counted.line_seconds IS NOT NULL
  ) AS slow
 WHERE slow.value >= $2;
