-- rule: found_low
-- about: store
-- topic: quality
-- unit: percent
-- bad: below
-- warn: 93
-- critical: 85
-- clear: 94
-- least: 50
-- for: 60
-- ru: находят мало из заказанного
-- ru: сегодня найдено полностью {value} % позиций ({found} из {cases})
-- ru: заменено {replaced} · не нашли {dropped} · нашли не всё {short}
-- ru: что делать: проверить остатки, которые видит маркетплейс
-- en: little of what is ordered is found
-- en: today {value} % of the lines were found in full ({found} of {cases})
-- en: replaced {replaced} · not found {dropped} · found in part {short}
-- en: to do: check the stock that the marketplace sees
-- Lines picked in full among those ordered, of the orders picked since midnight in the store.
SELECT low.*
  FROM (
    SELECT today.store_id, today.lines AS cases, today.found, today.short, today.replaced,
           today.dropped, round(100.0 * today.found / today.lines, 1) AS value
      FROM store_today($1) AS today
     WHERE today.lines > 0
  ) AS low
 WHERE low.value < $2;
