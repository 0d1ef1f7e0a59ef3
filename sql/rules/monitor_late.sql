-- rule: monitor_late
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 2
-- critical: 5
-- mute: 60
-- ru: мониторинг не работает
-- ru: последний раз все правила проверены в {looked_at}
-- ru: правила ещё не проверялись ни разу{never}
-- ru: что делать: запустить планировщик хаба (scheduler), посмотреть его журнал
-- en: monitoring does not run
-- en: all rules were last looked at at {looked_at}
-- en: the rules have never been looked at{never}
-- en: to do: start the hub's scheduler, read its log
-- Minutes since monitoring last went over all rules. A web worker asks this one when the scheduler
-- is late (app/actions/watcher.py). What counts begins when the hub has reached its database: nobody
-- could look before. Without a web worker there is nobody to say it. What lies ahead was by a clock that
-- has been put back since.
SELECT late.*
  FROM (
    SELECT 'monitor' AS subject, last.looked_at, CASE WHEN last.looked_at IS NULL THEN '.' END AS never,
           floor(extract(epoch FROM $1 - greatest(last.looked_at, hub.reached_since)) / 60) AS value
      FROM (SELECT min(reached_since) AS reached_since
              FROM heartbeat
             WHERE role LIKE 'web%' AND pulsed_at > $1 - interval '1 minute') AS hub
      LEFT JOIN LATERAL (
        SELECT finished_at AS looked_at FROM tick
         WHERE job = 'monitoring' AND state = 'done' AND due_at < $1 + interval '1 minute'
         ORDER BY due_at DESC LIMIT 1
           ) AS last ON true
     WHERE hub.reached_since IS NOT NULL
  ) AS late
 WHERE late.value >= $2;
