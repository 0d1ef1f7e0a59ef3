-- rule: ack_slow
-- about: account
-- topic: connection
-- unit: percent
-- warn: 50
-- critical: 80
-- least: 20
-- ru: хаб медленно отвечает маркетплейсу
-- ru: 95 % ответов быстрее {p95_ms} мс, маркетплейс ждёт {limit_ms} мс
-- ru: всего ответов за 5 минут: {cases}
-- ru: что делать: посмотреть нагрузку базы данных и процессов хаба (/metrics)
-- en: the hub answers the marketplace slowly
-- en: 95 % of answers are faster than {p95_ms} ms, the marketplace waits for {limit_ms} ms
-- en: answers in 5 minutes: {cases}
-- en: to do: look at the load of the database and of the hub's processes (/metrics)
-- How much of the marketplace's patience (the account's rule answer_seconds, 5 where it says none) answers to
-- its webhooks take: the 95th percentile of 5 minutes, from the steps of app/domain/answer_times.py.
WITH step AS (
    SELECT hook.account_id, part.n - 1 AS step, sum(part.answers) AS answers
      FROM hook_minute AS hook
     CROSS JOIN LATERAL unnest(hook.times) WITH ORDINALITY AS part (answers, n)
     WHERE hook.minute > $1 - interval '5 minutes' AND hook.minute <= $1
     GROUP BY hook.account_id, part.n
), upto AS (
    SELECT account_id, step, answers, sum(answers) OVER steps AS upto,
           sum(answers) OVER (PARTITION BY account_id) AS cases
      FROM step
    WINDOW steps AS (PARTITION BY account_id ORDER BY step)
), slow AS (
    SELECT DISTINCT ON (account_id) account_id, cases,
           CASE WHEN step = 0 THEN 0 ELSE power(2, (step - 1) / 3.0) END AS from_ms,
           power(2, step / 3.0) AS upto_ms, (0.95 * cases - upto + answers) / answers AS share
      FROM upto
     WHERE answers > 0 AND upto >= 0.95 * cases
     ORDER BY account_id, step
)
SELECT answered.*
  FROM (
    SELECT slow.account_id, slow.cases, round(said.p95_ms) AS p95_ms, said.limit_ms,
           round((100 * said.p95_ms / said.limit_ms)::numeric, 1) AS value
      FROM slow
      JOIN account ON account.id = slow.account_id
     CROSS JOIN LATERAL (
        SELECT slow.from_ms + slow.share * (slow.upto_ms - slow.from_ms) AS p95_ms,
               1000 * coalesce(nullif((account.rules->>'answer_seconds')::float8, 0), 5) AS limit_ms) AS said
  ) AS answered
 WHERE answered.value >= $2;
