-- rule: clock_skew
-- about: hub
-- topic: hub
-- unit: seconds
-- warn: 1
-- critical: 5
-- clear: 0.5
-- for: 30
-- ru: часы машины идут неверно
-- ru: машина {host} · спешат на {ahead} с · отстают на {behind} с
-- ru: что делать: проверить chrony (NTP) на ней и на машине базы данных
-- en: a machine's clock is wrong
-- en: machine {host} · {ahead} s fast · {behind} s slow
-- en: to do: look at chrony (NTP) there and on the database's machine
-- Each machine's clock against the database's, by its process that was nearest to the database; what
-- the way there and back may have falsified is taken off.
SELECT skewed.*
  FROM (
    SELECT near.host AS subject, near.host,
           CASE WHEN near.skew_ms > 0 THEN round(near.skew_ms::numeric / 1000, 1) END AS ahead,
           CASE WHEN near.skew_ms < 0 THEN round(-near.skew_ms::numeric / 1000, 1) END AS behind,
           round(((abs(near.skew_ms) - near.reach_ms / 2) / 1000)::numeric, 1) AS value
      FROM (SELECT DISTINCT ON (host) host, skew_ms, reach_ms
              FROM heartbeat
             WHERE pulsed_at > $1 - interval '2 minutes'
             ORDER BY host, reach_ms) AS near
  ) AS skewed
 WHERE skewed.value >= $2;
