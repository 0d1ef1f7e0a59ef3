-- The list of an ERP that fetches. A delivery gets its place when it is first looked for: under a lock
-- of the destination, and only when it is committed. So places are filled in their order, none is ever
-- filled later than one behind it, and a reader that goes on behind the last place it saw misses
-- nothing, in whatever order the transactions that issue documents commit.

-- name: unplaced
-- What is on its way to another cell is listed there.
-- $1 destination_id
SELECT EXISTS (SELECT FROM erp_delivery AS delivery
                WHERE destination_id = $1 AND pulled AND position IS NULL
                  AND NOT EXISTS (SELECT FROM document JOIN account_away USING (account_id)
                                   WHERE document.id = delivery.document_id));

-- name: lock
-- Whoever places waits here, and then sees all that is committed by now. (Issuing only needs the key.)
-- $1 destination_id
SELECT last_position FROM erp_destination WHERE id = $1 FOR NO KEY UPDATE;

-- name: place
-- $1 destination_id, $2 last position, $3 most
WITH new AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY seq) AS nth
      FROM (SELECT id, seq FROM erp_delivery AS delivery
             WHERE destination_id = $1 AND pulled AND position IS NULL
               AND NOT EXISTS (SELECT FROM document JOIN account_away USING (account_id)
                                WHERE document.id = delivery.document_id)
             ORDER BY seq LIMIT $3) AS waiting
), placed AS (
    UPDATE erp_delivery AS delivery SET position = $2::bigint + new.nth
      FROM new WHERE delivery.id = new.id
)
UPDATE erp_destination SET last_position = $2::bigint + (SELECT count(*) FROM new) WHERE id = $1;

-- name: at
-- Which delivery stands at a place.
-- $1 destination_id, $2 position
SELECT id FROM erp_delivery WHERE destination_id = $1 AND position = $2;

-- name: first_unacknowledged
-- $1 destination_id
SELECT min(position) FROM erp_delivery
 WHERE destination_id = $1 AND position IS NOT NULL AND acknowledged_at IS NULL;

-- name: page
-- Deliveries behind a place; fewer when their documents are long. found: how many there were before
-- that, one more than asked for when more follow.
-- $1 destination_id, $2 after which position, $3 limit, $4 most lines
WITH page AS MATERIALIZED (
    SELECT delivery.*, (SELECT count(*) FROM document_line AS line
                         WHERE line.document_id = delivery.document_id) AS lines
      FROM erp_delivery AS delivery
     WHERE destination_id = $1 AND position > $2
     ORDER BY position LIMIT $3::bigint + 1
), weighed AS (
    SELECT page.*, count(*) OVER () AS found,
           coalesce(sum(lines) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW),
                    0) AS before
      FROM page
)
SELECT weighed.id, weighed.position, weighed.document_id, weighed.cause, weighed.sha256,
       weighed.acknowledged_at, weighed.erp_number, weighed.refusal, weighed.found,
       document.kind, document.number, document.issued_on, document.total, document.base_id,
       orders.number AS order_number
  FROM weighed
  JOIN document ON document.id = weighed.document_id
  LEFT JOIN orders ON orders.id = document.order_id
 WHERE weighed.before < $4
 ORDER BY weighed.position
 LIMIT $3;

-- name: unacknowledged
-- The same of what the ERP has neither acknowledged nor refused.
-- $1 destination_id, $2 after which position, $3 limit, $4 most lines
WITH page AS MATERIALIZED (
    SELECT delivery.*, (SELECT count(*) FROM document_line AS line
                         WHERE line.document_id = delivery.document_id) AS lines
      FROM erp_delivery AS delivery
     WHERE destination_id = $1 AND position IS NOT NULL AND position > $2
       AND acknowledged_at IS NULL AND refused_at IS NULL
     ORDER BY position LIMIT $3::bigint + 1
), weighed AS (
    SELECT page.*, count(*) OVER () AS found,
           coalesce(sum(lines) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW),
                    0) AS before
      FROM page
)
SELECT weighed.id, weighed.position, weighed.document_id, weighed.cause, weighed.sha256,
       weighed.acknowledged_at, weighed.erp_number, weighed.refusal, weighed.found,
       document.kind, document.number, document.issued_on, document.total, document.base_id,
       orders.number AS order_number
  FROM weighed
  JOIN document ON document.id = weighed.document_id
  LEFT JOIN orders ON orders.id = document.order_id
 WHERE weighed.before < $4
 ORDER BY weighed.position
 LIMIT $3;

-- name: handed
-- Whether a document was ever for this destination, and in which form it is.
-- $1 destination_id, $2 document_id
SELECT EXISTS (SELECT FROM erp_delivery WHERE destination_id = $1 AND document_id = $2);

-- name: acknowledge
-- What an ERP says of documents, by their ids: a number when it has them, an error when it refuses
-- them; the last word counts, a repeat changes nothing. What waits behind them in their orders is
-- looked at again. Comes back: ids of documents that were never for it.
-- $1 destination_id, $2 document ids, $3 numbers, $4 errors (each null where not said), $5 trace_id
WITH given AS MATERIALIZED (
    SELECT DISTINCT ON (id) id, number, error
      FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY
           AS said (id, number, error, place)
     ORDER BY id, place DESC
), changed AS (
    UPDATE erp_delivery AS delivery
       SET acknowledged_at = CASE WHEN given.error IS NULL
                                  THEN coalesce(delivery.acknowledged_at, now()) END,
           sent_at = CASE WHEN given.error IS NULL THEN coalesce(delivery.sent_at, now())
                          ELSE delivery.sent_at END,
           erp_number = CASE WHEN given.error IS NULL
                             THEN coalesce(given.number, delivery.erp_number) END,
           refused_at = CASE WHEN given.error IS NOT NULL THEN now() END,
           refusal = given.error
      FROM given
     WHERE delivery.destination_id = $1 AND delivery.document_id = given.id
       AND (delivery.acknowledged_at IS NULL AND given.error IS NULL
            OR delivery.erp_number IS DISTINCT FROM
               CASE WHEN given.error IS NULL THEN coalesce(given.number, delivery.erp_number) END
            OR delivery.refusal IS DISTINCT FROM given.error)
    RETURNING delivery.id, delivery.document_id, delivery.destination_id, delivery.erp_number,
              delivery.refusal
), tried AS (
    INSERT INTO erp_attempt (delivery_id, attempt, destination_id, ms, outcome, said)
    SELECT id, 0, destination_id, 0,
           CASE WHEN refusal IS NULL THEN 'acknowledged' ELSE 'refused' END,
           coalesce(refusal, erp_number, '')
      FROM changed
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT DISTINCT ON (document.id) gen_random_uuid(), document.order_id, document.store_id, 'erp',
           destination.code, $5, jsonb_strip_nulls(jsonb_build_object(
               'number', document.number, 'destination', destination.code,
               'outcome', CASE WHEN refusal IS NULL THEN 'acknowledged' ELSE 'refused' END,
               'erp_number', erp_number, 'said', refusal))
      FROM changed
      JOIN document ON document.id = changed.document_id
      JOIN erp_destination AS destination ON destination.id = changed.destination_id
     WHERE document.order_id IS NOT NULL
), settled AS (
    UPDATE erp_outbox AS item SET state = 'superseded', reason = 'settled'
      FROM changed
     WHERE item.queue = 'erp_outbox' AND item.id = changed.id AND item.state = 'dead'
       AND changed.refusal IS NULL
), woken AS (
    UPDATE erp_outbox AS item SET state = 'waiting', due_at = now(), attempts = 0
      FROM (SELECT DISTINCT $1::uuid || ':' || document.order_id AS fifo_key
              FROM changed JOIN document ON document.id = changed.document_id
             WHERE changed.refusal IS NULL AND document.order_id IS NOT NULL) AS key
     WHERE item.queue = 'erp_outbox' AND item.fifo_key = key.fifo_key AND item.state = 'parked'
)
SELECT given.id FROM given
 WHERE NOT EXISTS (SELECT FROM erp_delivery AS delivery
                    WHERE delivery.destination_id = $1 AND delivery.document_id = given.id);
