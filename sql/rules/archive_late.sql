-- rule: archive_late
-- about: hub
-- topic: hub
-- unit: seconds
-- warn: 300
-- critical: 1800
-- ru: журнал базы данных не попадает в архив
-- ru: последний кусок принят {value} с назад, отказов с тех пор: {failures}
-- ru: что делать: проверить машину копий (docs/backups.ru.md); сейчас потеря базы — потеря всего, что новее
-- en: the database's log does not get into the archive
-- en: the last piece was taken {value} s ago, refused since then: {failures}
-- en: to do: look at the machine with the backups (docs/backups.md); losing the database now loses all that is newer
-- Seconds since the archive took a piece of the write-ahead log, while it refuses the next one; nothing where there
-- is no archive. One that hangs and refuses nothing is found by the hourly check of role backup.
SELECT late.*
  FROM (
    SELECT 'archive' AS subject, failed_count AS failures,
           floor(extract(epoch FROM $1 - coalesce(last_archived_time, stats_reset))) AS value
      FROM pg_stat_archiver
     WHERE last_failed_time > coalesce(last_archived_time, '-infinity')
  ) AS late
 WHERE late.value >= $2;
