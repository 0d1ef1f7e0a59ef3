-- rule: refused_share
-- about: account
-- topic: connection
-- unit: percent
-- warn: 2
-- critical: 5
-- least: 20
-- ru: хаб отказывает маркетплейсу
-- ru: из {cases} вебхуков за 15 минут: отклонено {refused}, не удалось принять {failed}
-- ru: что делать: отклонённые — сверить ключ; непринятые — журнал хаба и база данных
-- en: the hub turns the marketplace away
-- en: of {cases} webhooks in 15 minutes: {refused} refused, {failed} not taken
-- en: to do: refused: compare the key; not taken: read the hub's log, look at the database
-- 4xx and 5xx among all our answers of a quarter of an hour.
SELECT turned.*
  FROM (
    SELECT account_id, sum(refused) AS refused, sum(failed) AS failed,
           sum(answered + refused + failed) AS cases,
           round(100.0 * sum(refused + failed) / sum(answered + refused + failed), 1) AS value
      FROM hook_minute
     WHERE minute > $1 - interval '15 minutes' AND minute <= $1
     GROUP BY account_id
  ) AS turned
 WHERE turned.value >= $2;
