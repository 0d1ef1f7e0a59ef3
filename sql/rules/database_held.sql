-- rule: database_held
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 30
-- critical: 120
-- ru: транзакция держит базу данных
-- ru: открыта {value} мин · кто: {who} · процесс {pid}
-- ru: что делать: закончить её (pg_terminate_backend); очереди от неё замедляются
-- en: a transaction holds the database up
-- en: open for {value} min · whose: {who} · process {pid}
-- en: to do: end it (pg_terminate_backend); queues get slow by it
-- The oldest transaction of this database: what it may still want to see cannot be cleaned away.
SELECT held.*
  FROM (
    SELECT 'transaction' AS subject, open.who, open.pid,
           floor(extract(epoch FROM $1 - open.since) / 60) AS value
      FROM (SELECT xact_start AS since, application_name AS who, pid
              FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()
               AND backend_type = 'client backend' AND xact_start IS NOT NULL
             UNION ALL
            SELECT prepared, 'PREPARE TRANSACTION', NULL
              FROM pg_prepared_xacts WHERE database = current_database()) AS open
     ORDER BY open.since
     LIMIT 1
  ) AS held
 WHERE held.value >= $2;
