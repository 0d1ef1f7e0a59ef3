-- rule: fill_low
-- about: store
-- topic: quality
-- unit: percent
-- bad: below
-- warn: 95
-- critical: 88
-- clear: 96
-- least: 50
-- for: 60
-- ru: заказы уходят неполными
-- ru: сегодня найдено или заменено {value} % позиций ({filled} из {cases})
-- ru: не нашли {dropped} · нашли не всё {short}
-- ru: что делать: проверить остатки, которые видит маркетплейс
-- en: orders leave incomplete
-- en: today {value} % of the lines were found or replaced ({filled} of {cases})
-- en: not found {dropped} · found in part {short}
-- en: to do: check the stock that the marketplace sees
-- Lines found in full or replaced among those ordered, of the orders picked since midnight in the
-- store: what a customer gets something for. A line counts once, whatever its quantity.
SELECT low.*
  FROM (
    SELECT today.store_id, today.lines AS cases, today.found + today.replaced AS filled,
           today.dropped, today.short,
           round(100.0 * (today.found + today.replaced) / today.lines, 1) AS value
      FROM store_today($1) AS today
     WHERE today.lines > 0
  ) AS low
 WHERE low.value < $2;
