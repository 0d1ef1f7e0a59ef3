-- rule: integrator_failing
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 60
-- critical: 1440
-- ru: события о заказах не доходят до своей системы
-- ru: {integrator} · ждёт событий: {waiting} · самое старое {value} мин
-- ru: последний ответ: {said}
-- ru: что делать: проверить систему и её адрес (orderhub integrators test {integrator}); отправка повторяется сама
-- en: events of orders do not get to an own system
-- en: {integrator} · events waiting: {waiting} · the oldest for {value} min
-- en: last answer: {said}
-- en: to do: look at the system and its address (orderhub integrators test {integrator}); the hub tries again by itself
-- How long the oldest event has been on its way to a subscription that is not paused.
SELECT late.*
  FROM (
    SELECT integrator.id::text AS subject, integrator.merchant_id, integrator.code AS integrator,
           left(coalesce(integrator.trouble, waiting.said), 200) AS said, waiting.waiting,
           floor(extract(epoch FROM $1 - waiting.since) / 60) AS value
      FROM integrator
     CROSS JOIN LATERAL (
         SELECT count(*) AS waiting, min(item.created_at) AS since, max(item.last_error) AS said
           FROM event_outbox AS item
          WHERE item.queue = 'event_outbox' AND item.destination_id = integrator.id
            AND item.state IN ('waiting', 'leased', 'parked')) AS waiting
     WHERE integrator.active AND integrator.removed_at IS NULL
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
  ) AS late
 WHERE late.value >= $2;
