-- Events on their way to a retailer's own systems, one delivery for each that wants to know.

-- name: wanted
-- Subscriptions that want any of these types from a store; what things are called, and the moment.
-- $1 store_id, $2 account_id, $3 types
SELECT integrator.id, integrator.events, now() AS at, store.code AS store,
       account.code AS account, account.adapter AS marketplace
  FROM store
  JOIN integrator ON integrator.merchant_id = store.merchant_id AND integrator.removed_at IS NULL
  JOIN account ON account.id = $2
 WHERE store.id = $1
   AND (integrator.events = '{}' OR integrator.events && $3::text[])
   AND (integrator.stores = '{}' OR store.id = ANY (integrator.stores))
 ORDER BY integrator.code;

-- name: wanted_documents
-- Documents that somebody wants to know of, with the subscriptions that do, in the order given.
-- $1 document ids, $2 the type
SELECT document.id, document.kind, document.number, document.issued_on, document.currency,
       document.total, document.vat_total, document.base_id, document.order_id,
       orders.number AS order_number, store.code AS store, document.store_id, now() AS at,
       array_agg(integrator.id ORDER BY integrator.code) AS integrators
  FROM unnest($1::uuid[]) WITH ORDINALITY AS given (id, place)
  JOIN document ON document.id = given.id
  JOIN integrator ON integrator.merchant_id = document.merchant_id
   AND integrator.removed_at IS NULL
   AND (integrator.events = '{}' OR $2 = ANY (integrator.events))
   AND (integrator.stores = '{}' OR document.store_id = ANY (integrator.stores))
  LEFT JOIN store ON store.id = document.store_id
  LEFT JOIN orders ON orders.id = document.order_id
 GROUP BY document.id, orders.number, store.code, given.place
 ORDER BY given.place;

-- name: add
-- Events, and a delivery of each for each that wants it; those of one order to one subscription go out
-- one after the other.
-- $1 events: id, type, store_id, order_id, about (the order, or what else it is about), body; in order
-- $2 event ids, $3 who wants them (side by side), $4 delivery ids, $5 trace_id
WITH happened AS (
    SELECT * FROM jsonb_to_recordset($1)
        AS (id uuid, type text, store_id uuid, order_id uuid, about uuid, body text)
), event AS (
    INSERT INTO integrator_event (id, type, store_id, order_id, body)
    SELECT id, type, store_id, order_id, body FROM happened
), wanted AS MATERIALIZED (
    SELECT told.*, happened.about
      FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY
           AS told (event_id, integrator_id, id, place)
      JOIN happened ON happened.id = told.event_id
), delivery AS (
    INSERT INTO integrator_delivery (id, integrator_id, event_id, message_id)
    SELECT id, integrator_id, event_id, id FROM wanted ORDER BY place
)
INSERT INTO queue_item (queue, id, destination_id, fifo_key, trace_id)
SELECT 'event_outbox', id, integrator_id, integrator_id || ':' || about, $5
  FROM wanted ORDER BY place;

-- name: delivery
-- A claimed delivery with its event and its subscription.
-- $1 id
SELECT delivery.id AS delivery_id, delivery.message_id, delivery.created_at, event.type, event.body,
       event.order_id, integrator.id, integrator.merchant_id, integrator.code, integrator.name,
       integrator.url, integrator.events, integrator.stores, integrator.sealed,
       integrator.parallel, integrator.pause_after, integrator.active,
       integrator.removed_at IS NOT NULL AS removed
  FROM integrator_delivery AS delivery
  JOIN integrator_event AS event ON event.id = delivery.event_id
  JOIN integrator ON integrator.id = delivery.integrator_id
 WHERE delivery.id = $1;

-- name: attempt
-- $1 delivery_id, $2 attempt, $3 ms, $4 status, $5 outcome, $6 said
INSERT INTO integrator_attempt (delivery_id, attempt, ms, status, outcome, said)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: taken
-- $1 id
UPDATE integrator_delivery SET taken_at = now() WHERE id = $1;

-- name: resend
-- A finished delivery's message in a new row: the other side knows it by its old id. No row comes back
-- for an unfinished one.
-- $1 old id, $2 new id, $3 who asks, $4 trace_id
WITH old AS (
    SELECT item.id, item.destination_id, item.fifo_key, delivery.event_id, delivery.message_id,
           coalesce(item.first_id, item.id) AS first_id,
           coalesce(item.first_seq, item.seq) AS first_seq
      FROM event_outbox AS item
      JOIN integrator_delivery AS delivery ON delivery.id = item.id
     WHERE item.queue = 'event_outbox' AND item.id = $1
       AND item.state IN ('done', 'dead', 'superseded')
), delivery AS (
    INSERT INTO integrator_delivery (id, integrator_id, event_id, message_id, actor)
    SELECT $2, destination_id, event_id, message_id, $3 FROM old
)
INSERT INTO queue_item (queue, id, destination_id, fifo_key, trace_id, replay_of, first_id, first_seq,
                        unsure)
SELECT 'event_outbox', $2, destination_id, fifo_key, $4, id, first_id, first_seq, true FROM old
RETURNING id;

-- name: given_up
-- Deliveries of a subscription that were given up, and that nobody has resent; the oldest first.
-- $1 code, $2 limit
SELECT item.id
  FROM integrator
  JOIN event_outbox AS item ON item.queue = 'event_outbox' AND item.destination_id = integrator.id
 WHERE integrator.code = $1 AND integrator.removed_at IS NULL AND item.state = 'dead'
   AND NOT EXISTS (SELECT FROM event_outbox AS replay
                    WHERE replay.queue = 'event_outbox' AND replay.replay_of = item.id)
 ORDER BY item.seq
 LIMIT $2;

-- name: hasten
-- A delivery that still waits is due now. No row comes back for one that does not.
-- $1 id
UPDATE event_outbox SET due_at = now(), attempts = 0
 WHERE queue = 'event_outbox' AND id = $1 AND state IN ('waiting', 'parked')
RETURNING id;

-- name: state
-- Where a delivery stands; none where there is no such one.
-- $1 id
SELECT item.state, integrator.removed_at IS NOT NULL AS removed
  FROM integrator_delivery AS delivery
  JOIN integrator ON integrator.id = delivery.integrator_id
  JOIN event_outbox AS item ON item.queue = 'event_outbox' AND item.id = delivery.id
 WHERE delivery.id = $1;

-- name: log
-- Deliveries of a subscription, the latest first.
-- $1 code, $2 state or null, $3 type or null, $4 order number or null, $5 limit
SELECT delivery.id, delivery.message_id, event.type, event.occurred_at, orders.number AS "order",
       delivery.actor, item.state, item.attempts, item.due_at, delivery.taken_at, item.last_error
  FROM integrator
  JOIN integrator_delivery AS delivery ON delivery.integrator_id = integrator.id
  JOIN integrator_event AS event ON event.id = delivery.event_id
  JOIN event_outbox AS item ON item.queue = 'event_outbox' AND item.id = delivery.id
  LEFT JOIN orders ON orders.id = event.order_id
 WHERE integrator.code = $1 AND integrator.removed_at IS NULL
   AND ($2::text IS NULL OR item.state = $2)
   AND ($3::text IS NULL OR event.type = $3)
   AND ($4::text IS NULL OR orders.number = $4)
 ORDER BY delivery.seq DESC
 LIMIT $5;

-- name: attempts
-- All tries of some deliveries, the first one first.
-- $1 delivery ids
SELECT delivery_id, attempt, at, ms, status, outcome, said
  FROM integrator_attempt WHERE delivery_id = ANY ($1::uuid[]) ORDER BY at;
