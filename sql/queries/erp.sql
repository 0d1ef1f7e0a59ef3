-- How documents get to ERPs, one delivery after the other.

-- name: delivery
-- A claimed delivery with its document and destination. settled: whoever wrote it into the books told
-- so already. held_by: an earlier document of the order that this ERP has not got and that nobody
-- brings it any more by itself: what comes after it waits.
-- $1 id
SELECT delivery.id AS delivery_id, delivery.message_id, delivery.document_id, delivery.cause,
       delivery.created_at AS delivered_since, delivery.acknowledged_at IS NOT NULL AS settled,
       document.kind, document.number, document.issued_on, document.order_id, document.store_id,
       destination.id, destination.merchant_id, destination.code, destination.way,
       destination.form, destination.language, destination.kinds, destination.settings,
       destination.sealed, destination.active, destination.removed_at IS NOT NULL AS removed,
       (SELECT other.number
          FROM document AS other
          JOIN erp_delivery AS earlier
            ON earlier.document_id = other.id AND earlier.destination_id = delivery.destination_id
         WHERE other.order_id = document.order_id AND other.id <> document.id
           AND earlier.cause = 'issued' AND delivery.cause IN ('issued', 'replayed')
           AND earlier.seq < coalesce(
               (SELECT first.seq FROM erp_delivery AS first
                 WHERE first.document_id = delivery.document_id AND first.cause = 'issued'
                   AND first.destination_id = delivery.destination_id), delivery.seq)
           AND NOT EXISTS (
               SELECT FROM erp_delivery AS got
                WHERE got.document_id = other.id
                  AND got.destination_id = delivery.destination_id
                  AND (got.sent_at IS NOT NULL OR got.acknowledged_at IS NOT NULL))
         ORDER BY earlier.seq LIMIT 1) AS held_by
  FROM erp_delivery AS delivery
  JOIN document ON document.id = delivery.document_id
  JOIN erp_destination AS destination ON destination.id = delivery.destination_id
 WHERE delivery.id = $1;

-- name: attempt
-- $1 delivery_id, $2 attempt, $3 destination_id, $4 ms, $5 status, $6 outcome, $7 said
INSERT INTO erp_attempt (delivery_id, attempt, destination_id, ms, status, outcome, said)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: sent
-- $1 id, $2 sha256, $3 the ERP's number or null
UPDATE erp_delivery
   SET sent_at = now(), sha256 = $2, erp_number = coalesce($3, erp_number),
       acknowledged_at = CASE WHEN $3::text IS NULL THEN acknowledged_at
                              ELSE coalesce(acknowledged_at, now()) END,
       refused_at = NULL, refusal = NULL
 WHERE id = $1;

-- name: made
-- The file is there for an ERP that fetches.
-- $1 id, $2 sha256
UPDATE erp_delivery SET sha256 = $2 WHERE id = $1;

-- name: refused
-- $1 id, $2 what was said
UPDATE erp_delivery SET refused_at = now(), refusal = $2
 WHERE id = $1 AND acknowledged_at IS NULL;

-- name: resend
-- Deliveries by hand of these documents, in this order, to one destination of theirs or to all that
-- take their kind, instead of what is buried. One that still waits there is not doubled.
-- $1 document ids, $2 code or null, $3 cause, $4 actor, $5 reason, $6 trace_id
WITH wanted AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, destination.id AS destination_id, document.id AS document_id,
           destination.id || ':' || coalesce(document.order_id, document.id) AS fifo_key,
           destination.way = 'pull' AS pulled, given.place
      FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, place)
      JOIN document ON document.id = given.id
      JOIN erp_destination AS destination
        ON destination.merchant_id = document.merchant_id AND destination.removed_at IS NULL
       AND document.kind = ANY (destination.kinds)
       AND ($2::text IS NULL OR destination.code = $2)
     WHERE NOT EXISTS (
           SELECT FROM erp_delivery AS waiting
             JOIN queue_item AS item ON item.queue = 'erp_outbox' AND item.id = waiting.id
            WHERE waiting.document_id = document.id AND waiting.destination_id = destination.id
              AND item.state IN ('waiting', 'leased', 'parked')
              AND waiting.acknowledged_at IS NULL)
), delivery AS (
    INSERT INTO erp_delivery (id, destination_id, document_id, message_id, cause, actor, reason,
                              pulled)
    SELECT id, destination_id, document_id, id, $3, $4, $5, pulled FROM wanted ORDER BY place
), queued AS (
    INSERT INTO queue_item (queue, id, destination_id, fifo_key, trace_id)
    SELECT 'erp_outbox', id, destination_id, fifo_key, $6
      FROM wanted ORDER BY place
), dug_up AS (
    UPDATE erp_outbox AS item SET state = 'superseded', reason = $3
      FROM wanted
      JOIN erp_delivery AS old
        ON old.document_id = wanted.document_id AND old.destination_id = wanted.destination_id
     WHERE item.queue = 'erp_outbox' AND item.id = old.id AND item.state = 'dead'
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT gen_random_uuid(), document.order_id, document.store_id, 'erp', $4, $6,
           jsonb_build_object('outcome', $3, 'number', document.number,
                              'destination', destination.code, 'reason', $5)
      FROM wanted
      JOIN document ON document.id = wanted.document_id
      JOIN erp_destination AS destination ON destination.id = wanted.destination_id
     WHERE document.order_id IS NOT NULL
)
SELECT wanted.id, destination.code
  FROM wanted JOIN erp_destination AS destination ON destination.id = wanted.destination_id
 ORDER BY wanted.place, destination.code;

-- name: hasten
-- What waits for these documents to be brought is due now.
-- $1 document ids, $2 code or null
UPDATE erp_outbox AS item
   SET due_at = now(), attempts = 0
  FROM erp_delivery AS delivery
  JOIN erp_destination AS destination ON destination.id = delivery.destination_id
 WHERE delivery.document_id = ANY ($1::uuid[])
   AND ($2::text IS NULL OR destination.code = $2)
   AND item.queue = 'erp_outbox' AND item.id = delivery.id
   AND item.state IN ('waiting', 'parked') AND delivery.acknowledged_at IS NULL
RETURNING item.id, destination.code;

-- name: period
-- Documents of a period that one destination takes, in the order of their numbers.
-- $1 code, $2 from, $3 to (dates, both included), $4 after how many, $5 limit
SELECT document.id
  FROM document
  JOIN erp_destination AS destination
    ON destination.merchant_id = document.merchant_id AND destination.removed_at IS NULL
   AND document.kind = ANY (destination.kinds)
 WHERE destination.code = $1 AND document.issued_on BETWEEN $2 AND $3
 ORDER BY document.created_at, document.serial, document.id
OFFSET $4 LIMIT $5;

-- name: counted
-- How many documents of a period one destination takes.
-- $1 code, $2 from, $3 to (dates, both included)
SELECT count(*)
  FROM document
  JOIN erp_destination AS destination
    ON destination.merchant_id = document.merchant_id AND destination.removed_at IS NULL
   AND document.kind = ANY (destination.kinds)
 WHERE destination.code = $1 AND document.issued_on BETWEEN $2 AND $3;

-- name: of_document
-- Every delivery of a document, the latest last.
-- $1 document_id
SELECT delivery.id, destination.code AS destination, destination.way, delivery.cause,
       delivery.actor, delivery.reason, delivery.created_at, delivery.sent_at,
       delivery.acknowledged_at, delivery.erp_number, delivery.refused_at, delivery.refusal,
       item.state, item.attempts, item.last_error, delivery.pulled
  FROM erp_delivery AS delivery
  JOIN erp_destination AS destination ON destination.id = delivery.destination_id
  LEFT JOIN queue_item AS item ON item.queue = 'erp_outbox' AND item.id = delivery.id
 WHERE delivery.document_id = $1
 ORDER BY delivery.seq;

-- name: attempts_of_document
-- $1 document_id
SELECT attempt.delivery_id, destination.code AS destination, attempt.attempt, attempt.at,
       attempt.ms, attempt.status, attempt.outcome, attempt.said
  FROM erp_delivery AS delivery
  JOIN erp_attempt AS attempt ON attempt.delivery_id = delivery.id
  JOIN erp_destination AS destination ON destination.id = delivery.destination_id
 WHERE delivery.document_id = $1
 ORDER BY attempt.at;

-- name: find_documents
-- Documents that somebody means: by id, by number, or by what we or the marketplace call their order.
-- Each way has its index: numbers are unique for a merchant.
-- $1 text, $2 the same as an id or null
SELECT document.id
  FROM document
  JOIN (SELECT id FROM document WHERE id = $2
        UNION
        SELECT numbered.id FROM merchant
          JOIN document AS numbered ON numbered.merchant_id = merchant.id AND numbered.number = $1
        UNION
        SELECT of_order.id FROM orders
          JOIN document AS of_order ON of_order.order_id = orders.id
         WHERE orders.number = $1 OR orders.external_id = $1) AS meant USING (id)
 ORDER BY document.created_at, document.id;

-- name: latest
-- The latest documents, and what became of them at each ERP.
-- $1 limit
WITH latest AS MATERIALIZED (
    SELECT * FROM document ORDER BY issued_on DESC, id DESC LIMIT $1
)
SELECT latest.id, latest.number, latest.kind, latest.issued_on, latest.total, latest.created_at,
       orders.number AS "order", there.at_erp
  FROM latest
  LEFT JOIN orders ON orders.id = latest.order_id
  LEFT JOIN LATERAL (
      SELECT string_agg(code || ': ' || CASE WHEN refusal IS NOT NULL THEN '✗ ' || left(refusal, 60)
                                             WHEN erp_number IS NOT NULL THEN erp_number
                                             WHEN acknowledged_at IS NOT NULL
                                                  OR sent_at IS NOT NULL THEN '✓'
                                             ELSE '…' END, ', ' ORDER BY code) AS at_erp
        FROM (SELECT DISTINCT ON (destination.id) destination.code, delivery.*
                FROM erp_delivery AS delivery
                JOIN erp_destination AS destination ON destination.id = delivery.destination_id
               WHERE delivery.document_id = latest.id
               ORDER BY destination.id, delivery.seq DESC) AS newest) AS there ON true
 ORDER BY latest.issued_on DESC, latest.created_at DESC, latest.number DESC;
