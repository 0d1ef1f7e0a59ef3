-- Finished rows of the queues: which of them a person means, and what came after one.

-- name: whoms
-- Accounts and destinations that have finished rows in a queue: one look into the index for each.
-- $1 queue
WITH RECURSIVE found AS (
    (SELECT coalesce(account_id, destination_id) AS id
       FROM queue_item
      WHERE queue = $1 AND state IN ('done', 'dead', 'superseded')
      ORDER BY coalesce(account_id, destination_id)
      LIMIT 1)
     UNION ALL
    SELECT (SELECT coalesce(account_id, destination_id)
              FROM queue_item
             WHERE queue = $1 AND state IN ('done', 'dead', 'superseded')
               AND coalesce(account_id, destination_id) > found.id
             ORDER BY coalesce(account_id, destination_id)
             LIMIT 1)
      FROM found WHERE found.id IS NOT NULL
)
SELECT id FROM found WHERE id IS NOT NULL ORDER BY id;

-- name: called
-- Whom a code means: an account, also one that was removed, or a destination of documents.
-- $1 queue, $2 code
SELECT id FROM account WHERE $1 <> 'erp_outbox' AND code = $2
 UNION ALL
SELECT id FROM erp_destination WHERE $1 = 'erp_outbox' AND code = $2
 ORDER BY id;

-- name: stores
-- $1 code
SELECT id FROM store WHERE code = $1 ORDER BY id;

-- name: goal
-- The youngest row's place in all queues.
SELECT last_value FROM queue_item_seq;

-- name: count
-- How many rows match, no more than $10 of them, and when the first and the last of these came. Of a
-- chain of replays its first row matches, and its last one while it is buried.
-- $1 queue, $2 whoms, $3 since, $4 until, $5 states, $6 reasons or null, $7 kinds or null,
-- $8 stores or null, $9 goal, $10 most
SELECT count(*)::integer AS matched, min(created_at) AS first_at, max(created_at) AS last_at
  FROM (
    SELECT item.created_at
      FROM queue_story AS item
     WHERE item.queue = $1 AND item.whom = ANY ($2::uuid[])
       AND item.created_at >= $3 AND item.created_at < $4 AND item.seq <= $9
       AND item.state IN ('done', 'dead', 'superseded') AND item.state = ANY ($5::text[])
       AND (item.replay_of IS NULL OR item.state = 'dead')
       AND (item.state <> 'dead' OR NOT EXISTS (
           SELECT FROM queue_item AS replay WHERE replay.queue = $1 AND replay.replay_of = item.id))
       AND ($6::text[] IS NULL OR item.reason = ANY ($6))
       AND ($7::text[] IS NULL OR item.kind = ANY ($7))
       AND ($8::uuid[] IS NULL OR item.store_id = ANY ($8))
     LIMIT $10) AS matching;

-- name: unfinished
-- How many rows of the same time are not finished, and so are not meant.
-- $1 queue, $2 whoms or null, $3 since, $4 until, $5 kinds or null, $6 stores or null
SELECT count(*)::integer
  FROM queue_story AS item
 WHERE item.queue = $1 AND ($2::uuid[] IS NULL OR item.whom = ANY ($2))
   AND item.created_at >= $3 AND item.created_at < $4
   AND item.state IN ('waiting', 'leased', 'parked') AND item.replay_of IS NULL
   AND ($5::text[] IS NULL OR item.kind = ANY ($5))
   AND ($6::uuid[] IS NULL OR item.store_id = ANY ($6));

-- name: edge
-- The row $6 rows further: what lies before it is looked at next.
-- $1 queue, $2 whom, $3 after created_at, $4 after seq, $5 until, $6 how many rows
SELECT created_at, seq
  FROM queue_item
 WHERE queue = $1 AND coalesce(account_id, destination_id) = $2
   AND state IN ('done', 'dead', 'superseded')
   AND (created_at, seq) > ($3, $4) AND created_at < $5
 ORDER BY created_at, seq
OFFSET $6 LIMIT 1;

-- name: page
-- The next rows of one account or destination that match, as far as an edge, and why one of them is
-- not to be replayed.
-- $1 queue, $2 whom, $3 after created_at, $4 after seq, $5 until, $6 states, $7 reasons or null,
-- $8 kinds or null, $9 stores or null, $10 goal, $11 edge's created_at, $12 edge's seq, $13 limit
SELECT item.id, item.created_at, item.seq, item.kind, item.number, item.state, item.reason,
       CASE WHEN coalesce(account.removed_at, destination.removed_at) IS NOT NULL
              OR (account.id IS NULL AND destination.id IS NULL) THEN 'account_gone'
            WHEN NOT coalesce(account.active, destination.active) THEN 'account_paused'
            WHEN item.kind IS NULL THEN 'empty'
            WHEN EXISTS (SELECT FROM queue_item AS replay
                          WHERE replay.queue = $1 AND replay.replay_of = item.id
                            AND replay.replay_of IS NOT NULL
                            AND replay.state IN ('waiting', 'leased', 'parked')) THEN 'under_way'
       END AS verdict
  FROM queue_story AS item
  LEFT JOIN account ON account.id = item.account_id
  LEFT JOIN erp_destination AS destination ON destination.id = item.destination_id
 WHERE item.queue = $1 AND item.whom = $2
   AND (item.created_at, item.seq) > ($3, $4) AND item.created_at < $5
   AND (item.created_at, item.seq) <= ($11, $12) AND item.seq <= $10
   AND item.state IN ('done', 'dead', 'superseded') AND item.state = ANY ($6::text[])
   AND (item.replay_of IS NULL OR item.state = 'dead')
   AND (item.state <> 'dead' OR NOT EXISTS (
       SELECT FROM queue_item AS replay WHERE replay.queue = $1 AND replay.replay_of = item.id))
   AND ($7::text[] IS NULL OR item.reason = ANY ($7))
   AND ($8::text[] IS NULL OR item.kind = ANY ($8))
   AND ($9::uuid[] IS NULL OR item.store_id = ANY ($9))
 ORDER BY item.created_at, item.seq
 LIMIT $13;

-- name: chosen
-- The next rows of a selection, and why one of them is not to be replayed.
-- $1 queue, $2 ids, $3 after place, $4 limit
SELECT given.id, item.created_at, item.kind, item.number, item.state, item.reason,
       CASE WHEN item.id IS NULL THEN 'unknown'
            WHEN item.state IN ('waiting', 'leased', 'parked') THEN 'unfinished'
            WHEN coalesce(account.removed_at, destination.removed_at) IS NOT NULL
              OR (account.id IS NULL AND destination.id IS NULL) THEN 'account_gone'
            WHEN NOT coalesce(account.active, destination.active) THEN 'account_paused'
            WHEN item.kind IS NULL THEN 'empty'
            WHEN EXISTS (SELECT FROM queue_item AS replay
                          WHERE replay.queue = $1 AND replay.replay_of = item.id
                            AND replay.replay_of IS NOT NULL
                            AND replay.state IN ('waiting', 'leased', 'parked')) THEN 'under_way'
       END AS verdict
  FROM unnest(($2::uuid[])[$3::integer + 1 : $3::integer + $4::integer]) WITH ORDINALITY AS given (id, nth)
  LEFT JOIN queue_story AS item ON item.queue = $1 AND item.id = given.id
  LEFT JOIN account ON account.id = item.account_id
  LEFT JOIN erp_destination AS destination ON destination.id = item.destination_id
 ORDER BY given.nth;

-- name: sorted
-- A selection in the order in which its rows came; ids that no row has come last.
-- $1 queue, $2 ids
SELECT given.id
  FROM (SELECT DISTINCT unnest($2::uuid[]) AS id) AS given
  LEFT JOIN queue_item AS item ON item.queue = $1 AND item.id = given.id
 ORDER BY item.seq NULLS LAST, given.id;

-- name: of_order
-- Finished rows of what an order is called here or there, in the order in which they came: what its
-- history names, what is buried, its messages, its documents' deliveries.
-- $1 queue, $2 number, $3 since, $4 until, $5 states, $6 reasons or null, $7 kinds or null,
-- $8 stores or null, $9 whoms
WITH called AS MATERIALIZED (
    SELECT id FROM orders WHERE number = $2 OR external_id = $2
), meant AS (
    SELECT (event.detail ->> 'id')::uuid AS id
      FROM called JOIN timeline AS event ON event.order_id = called.id
     WHERE $1 = 'inbox' AND event.kind = 'delivery'
     UNION
    SELECT item.id
      FROM queue_item AS item
     WHERE $1 = 'inbox' AND item.queue = 'inbox' AND item.state = 'dead'
       AND (substr(item.fifo_key, 38) = $2 OR EXISTS (
           SELECT FROM called JOIN orders USING (id)
            WHERE orders.account_id = item.account_id
              AND orders.external_id = substr(item.fifo_key, 38)))
     UNION
    SELECT message.id
      FROM called JOIN outbox_message AS message ON message.order_id = called.id
     WHERE $1 = 'outbox'
     UNION
    SELECT handed.id
      FROM called JOIN document ON document.order_id = called.id
      JOIN erp_delivery AS handed ON handed.document_id = document.id
     WHERE $1 = 'erp_outbox'
)
SELECT item.id
  FROM meant JOIN queue_story AS item ON item.queue = $1 AND item.id = meant.id
 WHERE item.created_at >= $3 AND item.created_at < $4
   AND item.whom = ANY ($9::uuid[])
   AND item.state IN ('done', 'dead', 'superseded') AND item.state = ANY ($5::text[])
   AND (item.replay_of IS NULL OR item.state = 'dead')
   AND (item.state <> 'dead' OR NOT EXISTS (
       SELECT FROM queue_item AS replay WHERE replay.queue = $1 AND replay.replay_of = item.id))
   AND ($6::text[] IS NULL OR item.reason = ANY ($6))
   AND ($7::text[] IS NULL OR item.kind = ANY ($7))
   AND ($8::uuid[] IS NULL OR item.store_id = ANY ($8))
 ORDER BY item.seq;

-- name: last_word
-- The place of the latest of what a marketplace took of this order: that of the first one of its chain.
-- $1 order_id
SELECT max(coalesce(item.first_seq, item.seq))
  FROM outbox_message AS message
  JOIN queue_item AS item ON item.queue = 'outbox' AND item.id = message.id
 WHERE message.order_id = $1 AND item.state = 'done'
   AND item.reason IN ('delivered', 'already_accepted');

-- name: later
-- Deliveries that an order took after the one that is to be taken again.
-- $1 order_id, $2 the first one's place
SELECT DISTINCT ON (item.seq) item.id
  FROM timeline AS event
  JOIN queue_item AS item ON item.queue = 'inbox' AND item.id = (event.detail ->> 'id')::uuid
 WHERE event.order_id = $1 AND event.kind = 'delivery'
   AND item.state = 'done' AND coalesce(item.first_seq, item.seq) > $2
 ORDER BY item.seq;

-- name: taken
-- Whether a delivery, or one that it repeats, was worked through.
-- $1 id
WITH RECURSIVE line AS (
    SELECT replay_of, state FROM queue_item WHERE queue = 'inbox' AND id = $1
     UNION ALL
    SELECT old.replay_of, old.state
      FROM line JOIN queue_item AS old ON old.queue = 'inbox' AND old.id = line.replay_of
)
SELECT coalesce(bool_or(state = 'done'), false) FROM line;

-- name: own_plans
-- In this transaction every question is planned for what it asks: filters differ too much to share.
SET LOCAL plan_cache_mode = force_custom_plan;
