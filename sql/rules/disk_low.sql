-- rule: disk_low
-- about: hub
-- topic: hub
-- unit: percent
-- bad: below
-- warn: 15
-- critical: 5
-- clear: 17
-- ru: на диске кончается место
-- ru: машина {host} · свободно {value} % диска с данными хаба
-- ru: что делать: освободить место; без него база данных остановится
-- en: a disk runs full
-- en: machine {host} · {value} % of the disk with the hub's data is free
-- en: to do: make room; without it the database stops
-- The disk under HUB_DATA: room or names for files, whichever is less.
SELECT low.*
  FROM (
    SELECT host AS subject, host, floor(min(disk_free)) AS value
      FROM heartbeat
     WHERE pulsed_at > $1 - interval '2 minutes'
     GROUP BY host
  ) AS low
 WHERE low.value < $2;
