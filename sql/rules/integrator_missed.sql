-- rule: integrator_missed
-- about: hub
-- topic: hub
-- unit: count
-- warn: 1
-- critical: 20
-- ru: своя система не приняла события о заказах
-- ru: {integrator} · не принято: {value} · первое {first_at}
-- ru: например: {type}: {said}
-- ru: что делать: починить систему и сказать orderhub integrators resend {integrator} --given-up
-- en: an own system did not take events of orders
-- en: {integrator} · not taken: {value} · the first at {first_at}
-- en: for example: {type}: {said}
-- en: to do: mend the system and say orderhub integrators resend {integrator} --given-up
-- Events of a week that were given up, while others were taken, and that nobody has resent.
SELECT missed.*
  FROM (
    SELECT integrator.id::text AS subject, integrator.merchant_id, integrator.code AS integrator,
           count(*) AS value, min(item.finished_at) AS first_at,
           (array_agg(event.type ORDER BY item.finished_at DESC))[1] AS type,
           left((array_agg(item.last_error ORDER BY item.finished_at DESC))[1], 200) AS said
      FROM integrator
      JOIN event_outbox AS item
        ON item.queue = 'event_outbox' AND item.destination_id = integrator.id
      JOIN integrator_delivery AS delivery ON delivery.id = item.id
      JOIN integrator_event AS event ON event.id = delivery.event_id
     WHERE integrator.removed_at IS NULL AND item.state = 'dead'
       AND item.finished_at > $1 - interval '7 days'
       AND NOT EXISTS (SELECT FROM event_outbox AS replay
                        WHERE replay.queue = 'event_outbox' AND replay.replay_of = item.id)
     GROUP BY integrator.id
  ) AS missed
 WHERE missed.value >= $2;
