-- rule: document_undelivered
-- about: hub
-- topic: documents
-- unit: minutes
-- warn: 30
-- critical: 240
-- ru: документы не доходят до учётной системы
-- ru: {erp} · ждёт документов: {waiting} · самый старый {value} мин
-- ru: последний ответ: {said}
-- ru: что делать: проверить учётную систему и её адрес; отправка повторяется сама
-- en: documents do not get to the ERP
-- en: {erp} · documents waiting: {waiting} · the oldest for {value} min
-- en: last answer: {said}
-- en: to do: look at the ERP and at its address; the hub tries again by itself
-- How long the oldest document has been on its way to an ERP. A paused one's wait on purpose; what it
-- refused or cannot be given as it is, and what waits for that, is document_refused's.
SELECT late.*
  FROM (
    SELECT destination.id::text AS subject, destination.merchant_id, destination.code AS erp,
           left(destination.trouble, 200) AS said, waiting.waiting,
           floor(extract(epoch FROM $1 - waiting.since) / 60) AS value
      FROM erp_destination AS destination
     CROSS JOIN LATERAL (
         SELECT count(*) AS waiting, min(item.created_at) AS since
           FROM erp_outbox AS item
          WHERE item.queue = 'erp_outbox' AND item.destination_id = destination.id
            AND item.state IN ('waiting', 'leased')) AS waiting
     WHERE destination.active AND destination.removed_at IS NULL
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
  ) AS late
 WHERE late.value >= $2;
