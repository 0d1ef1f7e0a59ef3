-- rule: database_lag
-- about: hub
-- topic: hub
-- unit: seconds
-- warn: 30
-- critical: 300
-- clear: 10
-- ru: копия базы данных отстаёт
-- ru: {replica}: на {value} с
-- ru: что делать: проверить машину копии и сеть; переключаться на неё нельзя
-- en: a replica of the database is behind
-- en: {replica}: by {value} s
-- en: to do: look at its machine and the network; do not switch over to it
-- How far behind the replicas are that are connected; nothing without any. (Needs pg_monitor when
-- the hub's role did not start the replication.)
SELECT behind.*
  FROM (
    SELECT application_name AS subject, application_name AS replica,
           floor(extract(epoch FROM max(replay_lag))) AS value
      FROM pg_stat_replication
     WHERE state IN ('streaming', 'catchup')
     GROUP BY application_name
  ) AS behind
 WHERE behind.value >= $2;
