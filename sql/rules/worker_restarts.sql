-- rule: worker_restarts
-- about: hub
-- topic: hub
-- unit: count
-- warn: 2
-- critical: 5
-- ru: процесс хаба падает снова и снова
-- ru: {role} · машина {host} · падений за 15 минут: {value}
-- ru: что делать: посмотреть его журнал и память машины
-- en: a process of the hub keeps dying
-- en: {role} · machine {host} · crashes in 15 minutes: {value}
-- en: to do: read its log, look at the machine's memory
-- Processes of the last quarter of an hour that ended without goodbye and have a successor.
SELECT died.*
  FROM (
    SELECT old.host || ':' || old.role AS subject, old.host, old.role, count(*) AS value
      FROM heartbeat AS old
     WHERE old.pulsed_at > $1 - interval '15 minutes'
       AND EXISTS (SELECT FROM heartbeat AS new
                    WHERE new.host = old.host AND new.role = old.role AND new.role <> 'web'
                      AND new.started_at > old.pulsed_at)
     GROUP BY old.host, old.role
  ) AS died
 WHERE died.value >= $2;
