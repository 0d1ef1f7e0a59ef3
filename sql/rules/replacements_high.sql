-- rule: replacements_high
-- about: store
-- topic: quality
-- unit: percent
-- warn: 8
-- critical: 15
-- clear: 7
-- least: 50
-- for: 60
-- ru: слишком много замен
-- ru: сегодня заменено {value} % позиций ({replaced} из {cases})
-- ru: что делать: проверить остатки, которые видит маркетплейс
-- en: too many replacements
-- en: today {value} % of the lines were replaced ({replaced} of {cases})
-- en: to do: check the stock that the marketplace sees
-- Lines that others stand for among those ordered, of the orders picked since midnight in the store.
SELECT high.*
  FROM (
    SELECT today.store_id, today.lines AS cases, today.replaced,
           round(100.0 * today.replaced / today.lines, 1) AS value
      FROM store_today($1) AS today
     WHERE today.lines > 0
  ) AS high
 WHERE high.value >= $2;
