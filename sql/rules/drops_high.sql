-- rule: drops_high
-- about: store
-- topic: quality
-- unit: percent
-- warn: 5
-- critical: 10
-- clear: 4
-- least: 50
-- for: 60
-- ru: много товаров не находят
-- ru: сегодня не нашли {value} % позиций ({dropped} из {cases})
-- ru: главная причина: {why}
-- ru: чего не нашли: {goods}
-- ru: что делать: проверить полки и остатки, убрать с витрины то, чего нет
-- en: many goods are not found
-- en: today {value} % of the lines were not found ({dropped} of {cases})
-- en: main reason: {why}
-- en: what was not found: {goods}
-- en: to do: check shelves and stock, take off the storefront what is not there
-- Lines of which nothing was found among those ordered, of the orders picked since midnight in the
-- store; why, and which goods, is looked up only where it is too many.
WITH high AS MATERIALIZED (
    SELECT today.store_id, today.day, today.lines AS cases, today.dropped,
           round(100.0 * today.dropped / today.lines, 1) AS value
      FROM store_today($1) AS today
     WHERE today.lines > 0 AND round(100.0 * today.dropped / today.lines, 1) >= $2
)
SELECT high.store_id, high.cases, high.dropped, high.value, most.why, most.goods
  FROM high
 CROSS JOIN LATERAL (
    WITH gone AS (
        SELECT line.reason, left(line.name, 40) AS name
          FROM order_hour AS hour
          JOIN order_line AS line ON line.order_id = hour.order_id AND line.state = 'dropped'
         WHERE hour.store_id = high.store_id AND hour.hour >= high.day AND hour.dropped > 0
           AND line.replaces IS NULL
           AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')
    )
    SELECT (SELECT reason FROM gone GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 1) AS why,
           (SELECT string_agg(often.name || ' ×' || often.times, ', ')
              FROM (SELECT name, count(*) AS times FROM gone
                     GROUP BY name ORDER BY count(*) DESC, name LIMIT 3) AS often) AS goods
  ) AS most;
