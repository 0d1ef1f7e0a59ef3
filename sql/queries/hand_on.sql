-- name: hand_on
-- Deliveries of these documents to every destination of their merchants that takes their kind, also to
-- paused ones, in the order given. Rows of one order to one destination go out one after the other;
-- for an ERP that fetches the file is made.
-- $1 document ids, $2 trace_id
WITH wanted AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, destination.id AS destination_id, document.id AS document_id,
           destination.id || ':' || coalesce(document.order_id, document.id) AS fifo_key,
           destination.way = 'pull' AS pulled, given.place
      FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, place)
      JOIN document ON document.id = given.id
      JOIN erp_destination AS destination
        ON destination.merchant_id = document.merchant_id AND destination.removed_at IS NULL
       AND document.kind = ANY (destination.kinds)
), delivery AS (
    INSERT INTO erp_delivery (id, destination_id, document_id, message_id, cause, actor, pulled)
    SELECT id, destination_id, document_id, id, 'issued', 'hub', pulled
      FROM wanted ORDER BY place
    ON CONFLICT (destination_id, document_id) WHERE cause = 'issued' DO NOTHING
    RETURNING id
)
INSERT INTO queue_item (queue, id, destination_id, fifo_key, trace_id)
SELECT 'erp_outbox', wanted.id, wanted.destination_id, wanted.fifo_key, $2
  FROM wanted JOIN delivery USING (id)
 ORDER BY wanted.place;
