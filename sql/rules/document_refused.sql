-- rule: document_refused
-- about: hub
-- topic: documents
-- unit: count
-- warn: 1
-- critical: 20
-- ru: документы не попали в учётную систему
-- ru: {erp} · отклонено: {refused} · первый {first_at}
-- ru: {erp} · нельзя составить: {unsaid}
-- ru: номера: {numbers}
-- ru: например: {said}
-- ru: что делать: исправить причину и отправить снова: /portal/documents
-- en: documents did not get into the ERP
-- en: {erp} · refused: {refused} · the first at {first_at}
-- en: {erp} · cannot be made: {unsaid}
-- en: numbers: {numbers}
-- en: for example: {said}
-- en: to do: mend the cause and send them again: /portal/documents
-- Documents that an ERP refused for good, or that were given up, and nobody has sent again since; and
-- those that lack something their form must say (requisites), which are tried again by themselves.
-- What follows them in the order of one sale waits, and is not counted.
SELECT refused.*
  FROM (
    SELECT destination.id::text AS subject, destination.merchant_id, destination.code AS erp,
           nullif(count(*) FILTER (WHERE NOT amiss.unsaid), 0) AS refused,
           nullif(count(*) FILTER (WHERE amiss.unsaid), 0) AS unsaid,
           min(amiss.at) FILTER (WHERE NOT amiss.unsaid) AS first_at, count(*) AS value,
           left((array_agg(amiss.said ORDER BY amiss.at DESC))[1], 200) AS said,
           array_to_string((array_agg(document.number ORDER BY amiss.at DESC))[1:5], ', ')
               AS numbers
      FROM erp_destination AS destination
     CROSS JOIN LATERAL (
         SELECT delivery.document_id, delivery.refused_at AS at, delivery.refusal AS said,
                false AS unsaid
           FROM erp_delivery AS delivery
          WHERE delivery.destination_id = destination.id AND delivery.refused_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM erp_delivery AS later
                             WHERE later.document_id = delivery.document_id
                               AND later.destination_id = delivery.destination_id
                               AND later.seq > delivery.seq)
         UNION ALL
         SELECT delivery.document_id, item.finished_at, item.last_error, false
           FROM erp_outbox AS item
           JOIN erp_delivery AS delivery ON delivery.id = item.id
          WHERE item.queue = 'erp_outbox' AND item.destination_id = destination.id
            AND item.state = 'dead' AND delivery.refused_at IS NULL
            AND delivery.acknowledged_at IS NULL
            AND NOT EXISTS (SELECT FROM erp_delivery AS later
                             WHERE later.document_id = delivery.document_id
                               AND later.destination_id = delivery.destination_id
                               AND later.seq > delivery.seq)
         UNION ALL
         SELECT delivery.document_id, item.created_at, item.last_error, true
           FROM erp_outbox AS item
           JOIN erp_delivery AS delivery ON delivery.id = item.id
          WHERE item.queue = 'erp_outbox' AND item.destination_id = destination.id
            AND item.state = 'parked'
            AND NOT EXISTS (SELECT FROM erp_outbox AS earlier
                             WHERE earlier.queue = 'erp_outbox' AND earlier.fifo_key = item.fifo_key
                               AND earlier.seq < item.seq
                               AND earlier.state IN ('waiting', 'leased', 'parked', 'dead'))
         ) AS amiss
      JOIN document ON document.id = amiss.document_id
     WHERE destination.removed_at IS NULL
     GROUP BY destination.id
  ) AS refused
 WHERE refused.value >= $2;
