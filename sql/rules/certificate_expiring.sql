-- rule: certificate_expiring
-- about: hub
-- topic: hub
-- unit: days
-- bad: below
-- warn: 21
-- critical: 7
-- ru: сертификат HTTPS скоро кончится
-- ru: машина {host} · действует до {until}, осталось дней: {value}
-- ru: что делать: обновить; без него не придут заказы и не войдут сборщики
-- en: the HTTPS certificate ends soon
-- en: machine {host} · good until {until}, days left: {value}
-- en: to do: renew it; without it no orders come and no picker signs in
-- Days until the gateway's certificate ends, as the scheduler read it within the last hour.
SELECT ending.*
  FROM (
    SELECT host AS subject, host,
           to_char(ends_at AT TIME ZONE 'Europe/Moscow', 'DD.MM.YYYY') AS until,
           floor(extract(epoch FROM ends_at - $1) / 86400) AS value
      FROM watched_expiry
     WHERE what = 'certificate' AND seen_at > $1 - interval '1 hour'
  ) AS ending
 WHERE ending.value < $2;
