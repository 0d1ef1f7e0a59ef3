-- rule: worker_silent
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 1
-- critical: 3
-- ru: процесс хаба молчит
-- ru: {role} · машина {host} · последний раз в {heard_at}
-- ru: что делать: посмотреть его журнал, запустить снова
-- en: a process of the hub is silent
-- en: {role} · machine {host} · last heard at {heard_at}
-- en: to do: read its log, start it again
-- Web workers and schedulers that were heard within the last hour and have not said goodbye. One
-- that was started anew is the same one. While nobody reached the database, nobody was silent.
SELECT silent.*
  FROM (
    SELECT latest.host || ':' || latest.role AS subject, latest.host, latest.role, latest.heard_at,
           floor(extract(epoch FROM $1 - greatest(latest.heard_at, hub.reached_since)) / 60)
               AS value
      FROM (SELECT host, role, max(pulsed_at) AS heard_at
              FROM heartbeat
             WHERE pulsed_at > $1 - interval '1 hour'
             GROUP BY host, role) AS latest
     CROSS JOIN (SELECT min(reached_since) AS reached_since
                   FROM heartbeat
                  WHERE pulsed_at > $1 - interval '1 minute') AS hub
     WHERE hub.reached_since IS NOT NULL
  ) AS silent
 WHERE silent.value >= $2;
