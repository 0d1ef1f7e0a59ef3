-- rule: second_way_failing
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 5
-- ru: второй путь оповещения не работает
-- ru: {way}: {said}
-- ru: что делать: orderhub alarm test
-- en: the second way of telling people does not work
-- en: {way}: {said}
-- en: to do: orderhub alarm test
-- A way out beside Telegram whose last letters did not get out. It is only tried when there is
-- something to tell: what was long ago says nothing of today.
SELECT failing.*
  FROM (
    SELECT way AS subject, way, left(error, 200) AS said,
           floor(extract(epoch FROM $1 - failing_since) / 60) AS value
      FROM alarm_way
     WHERE failing_since IS NOT NULL AND due_at > $1 - interval '1 day'
  ) AS failing
 WHERE failing.value >= $2;
