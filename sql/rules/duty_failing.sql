-- rule: duty_failing
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 15
-- ru: работа по расписанию не выполняется
-- ru: {duty}: не удаётся {value} мин · последний раз выполнена в {done_at}
-- ru: ошибка: {error}
-- ru: что делать: посмотреть журнал планировщика (scheduler)
-- en: a scheduled duty fails
-- en: {duty}: has failed for {value} min · last done at {done_at}
-- en: error: {error}
-- en: to do: read the scheduler's log
-- Duties of the calendar that were begun again and again and not done since: what they keep up to
-- date is old. (Without counted facts no rule of quality sees anything.) Monitoring itself is
-- monitor_late's; a duty that nobody begins any more is no duty, or its scheduler is away.
WITH RECURSIVE duty AS (
    (SELECT job FROM tick ORDER BY job LIMIT 1)
     UNION ALL
    SELECT (SELECT job FROM tick WHERE tick.job > duty.job ORDER BY job LIMIT 1)
      FROM duty WHERE duty.job IS NOT NULL
)
SELECT failing.*
  FROM (
    SELECT duty.job AS subject, duty.job AS duty, last.done_at, since.error,
           floor(extract(epoch FROM $1 - since.begun_at) / 60) AS value
      FROM duty
      LEFT JOIN LATERAL (
        SELECT due_at, finished_at AS done_at FROM tick
         WHERE job = duty.job AND state = 'done'
         ORDER BY due_at DESC LIMIT 1
           ) AS last ON true
     CROSS JOIN LATERAL (
        SELECT min(started_at) AS begun_at, max(started_at) AS tried_at,
               (array_agg(result ORDER BY due_at DESC) FILTER (WHERE state = 'failed'))[1] AS error
          FROM tick
         WHERE job = duty.job AND due_at > coalesce(last.due_at, '-infinity')
           ) AS since
     WHERE duty.job <> 'monitoring' AND since.tried_at > $1 - interval '2 hours'
  ) AS failing
 WHERE failing.value >= $2;
