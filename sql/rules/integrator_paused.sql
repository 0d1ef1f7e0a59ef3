-- rule: integrator_paused
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 0
-- critical: 1440
-- ru: своей системе больше не сообщают о заказах
-- ru: {integrator} · остановлена: ошибок подряд: {failures} · ждёт событий: {waiting}
-- ru: {integrator} · остановлена: ответ {answered} · ждёт событий: {waiting}
-- ru: последний ответ: {said}
-- ru: что делать: починить систему и сказать orderhub integrators resume {integrator}; что ждёт, хранится 30 дней
-- en: an own system is no longer told of orders
-- en: {integrator} · stopped: failures in a row: {failures} · events waiting: {waiting}
-- en: {integrator} · stopped: it answered {answered} · events waiting: {waiting}
-- en: last answer: {said}
-- en: to do: mend the system and say orderhub integrators resume {integrator}; what waits is kept for 30 days
-- A subscription that the hub paused by itself: nothing but failures for as long as is borne, or it
-- answered 410. One that a person paused is paused on purpose.
SELECT paused.*
  FROM (
    SELECT integrator.id::text AS subject, integrator.merchant_id, integrator.code AS integrator,
           left(integrator.trouble, 200) AS said,
           CASE integrator.pause_reason WHEN 'gone' THEN 'HTTP 410' END AS answered,
           CASE integrator.pause_reason WHEN 'failing' THEN integrator.failures END AS failures,
           (SELECT count(*) FROM event_outbox AS item
             WHERE item.queue = 'event_outbox' AND item.destination_id = integrator.id
               AND item.state IN ('waiting', 'leased', 'parked')) AS waiting,
           floor(extract(epoch FROM $1 - integrator.paused_at) / 60) AS value
      FROM integrator
     WHERE integrator.removed_at IS NULL AND integrator.pause_reason IN ('failing', 'gone')
  ) AS paused
 WHERE paused.value >= $2;
