-- rule: news_repeated
-- about: account
-- topic: connection
-- unit: percent
-- warn: 10
-- clear: 5
-- least: 100
-- silenced by: refused_share ack_slow
-- ru: маркетплейс повторяет вебхуки
-- ru: за час с {began_at}: повторов {repeats} из {cases} ({value} %)
-- ru: ничего не потеряно: повторы не обрабатываются · наши ответы до него не доходят или опаздывают
-- en: the marketplace repeats its webhooks
-- en: in the hour from {began_at}: {repeats} repeats of {cases} ({value} %)
-- en: nothing is lost: a repeat is not processed · our answers reach it late or not at all
-- Of what we answered with success in the last full hour, how much was here already. An account
-- whose marketplace always sends everything twice needs a limit of its own.
WITH span AS (
    SELECT date_trunc('hour', $1, 'UTC') - interval '1 hour' AS began,
           date_trunc('hour', $1, 'UTC') AS ended
), answers AS (
    SELECT hook.account_id, span.began, sum(hook.answered) AS answered
      FROM span JOIN hook_minute AS hook ON hook.minute >= span.began AND hook.minute < span.ended
     WHERE EXISTS (SELECT FROM fact_mark WHERE name = 'accounts' AND until >= span.ended)
     GROUP BY hook.account_id, span.began
)
SELECT repeated.*
  FROM (
    SELECT answers.account_id, answers.began AS began_at, answers.answered AS cases,
           answers.answered - coalesce(hour.deliveries, 0) AS repeats,
           round(100.0 * (answers.answered - coalesce(hour.deliveries, 0)) / answers.answered, 1)
               AS value
      FROM answers
      LEFT JOIN account_hour AS hour
             ON hour.account_id = answers.account_id AND hour.hour = answers.began
     WHERE answers.answered > 0
  ) AS repeated
 WHERE repeated.value >= $2;
