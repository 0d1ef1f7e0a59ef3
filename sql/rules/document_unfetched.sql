-- rule: document_unfetched
-- about: hub
-- topic: documents
-- unit: days
-- warn: 1
-- critical: 3
-- ru: учётная система не забирает документы
-- ru: {erp} · не подтверждено документов: {waiting} · самый старый от {since_at}
-- ru: что делать: проверить обмен на стороне учётной системы
-- en: the ERP does not fetch its documents
-- en: {erp} · documents not acknowledged: {waiting} · the oldest of {since_at}
-- en: to do: look at the exchange on the ERP's side
-- How long the oldest document has waited for an ERP that fetches by itself to acknowledge it: most
-- of them come once a night. What it refused is document_refused's.
SELECT late.*
  FROM (
    SELECT destination.id::text AS subject, destination.merchant_id, destination.code AS erp,
           waiting.waiting, waiting.since AS since_at,
           trunc(extract(epoch FROM $1 - waiting.since) / 86400, 1) AS value
      FROM erp_destination AS destination
     CROSS JOIN LATERAL (
         SELECT count(*) AS waiting, min(delivery.created_at) AS since
           FROM erp_delivery AS delivery
          WHERE delivery.destination_id = destination.id AND delivery.pulled
            AND delivery.acknowledged_at IS NULL AND delivery.refused_at IS NULL) AS waiting
     WHERE destination.way = 'pull' AND destination.active AND destination.removed_at IS NULL
  ) AS late
 WHERE late.value >= $2;
