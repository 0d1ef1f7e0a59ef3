-- name: known
-- What is on, and what ended after $1; locked, so that nobody acts meanwhile.
-- $1 resolved since
SELECT id, rule, subject, level, state, value, facts, seen_at, last_seen_at, merchant_id, store_id,
       account_id, order_id, fired_at, acknowledged_at, acknowledged_by, resolved_at, parent_id,
       silenced_by, step, stepped_at, returns, seq, revision,
       told_at, muted_until, muted_by, muted_why
  FROM incident
 WHERE state <> 'resolved' OR (state = 'resolved' AND resolved_at > $1 AND fired_at IS NOT NULL)
 ORDER BY id
   FOR UPDATE;

-- name: one
-- $1 id
SELECT id, rule, subject, level, state, value, facts, seen_at, last_seen_at, merchant_id, store_id,
       account_id, order_id, fired_at, acknowledged_at, acknowledged_by, resolved_at, parent_id,
       silenced_by, step, stepped_at, returns, seq, revision,
       told_at, muted_until, muted_by, muted_why
  FROM incident
 WHERE id = $1
   FOR UPDATE;

-- name: head
-- The incident that one is told as part of, itself when it is told by itself.
-- $1 id
SELECT coalesce(above.parent_id, incident.parent_id, incident.id)
  FROM incident LEFT JOIN incident AS above ON above.id = incident.parent_id
 WHERE incident.id = $1;

-- name: lock_kin
-- $1 id
SELECT FROM incident
 WHERE rule = (SELECT rule FROM incident WHERE id = $1) AND state <> 'resolved'
 ORDER BY id
   FOR UPDATE;

-- name: of_rule
-- What is on of a rule, locked.
-- $1 rule
SELECT id, rule, subject, level, state, value, facts, seen_at, last_seen_at, merchant_id, store_id,
       account_id, order_id, fired_at, acknowledged_at, acknowledged_by, resolved_at, parent_id,
       silenced_by, step, stepped_at, returns, seq, revision,
       told_at, muted_until, muted_by, muted_why
  FROM incident
 WHERE rule = $1 AND state <> 'resolved'
 ORDER BY id
   FOR UPDATE;

-- name: save
-- As they stand now.
-- $1 incidents as a JSON array, keyed as the columns
INSERT INTO incident AS old (
    id, rule, subject, level, state, value, facts, seen_at, last_seen_at, merchant_id, store_id,
    account_id, order_id, fired_at, acknowledged_at, acknowledged_by, resolved_at, parent_id,
    silenced_by, step, stepped_at, returns, seq, revision, told_at,
    muted_until, muted_by, muted_why)
SELECT id, rule, subject, level, state, value, facts, seen_at, last_seen_at, merchant_id, store_id,
       account_id, order_id, fired_at, acknowledged_at, acknowledged_by, resolved_at, parent_id,
       silenced_by, step, stepped_at, returns, seq, revision,
       told_at, muted_until, muted_by, muted_why
  FROM jsonb_populate_recordset(NULL::incident, $1::jsonb)
 ORDER BY id
    ON CONFLICT (id) DO UPDATE
   SET level = excluded.level, state = excluded.state, value = excluded.value,
       facts = excluded.facts, last_seen_at = excluded.last_seen_at,
       fired_at = excluded.fired_at, acknowledged_at = excluded.acknowledged_at,
       acknowledged_by = excluded.acknowledged_by, resolved_at = excluded.resolved_at,
       parent_id = excluded.parent_id, silenced_by = excluded.silenced_by,
       step = excluded.step, stepped_at = excluded.stepped_at, returns = excluded.returns,
       seq = excluded.seq, revision = excluded.revision, told_at = excluded.told_at,
       muted_until = excluded.muted_until, muted_by = excluded.muted_by,
       muted_why = excluded.muted_why
RETURNING id;

-- name: note
-- $1 ids, $2 incident ids, $3 at, $4 kinds, $5 actors, $6 details as a JSON array
INSERT INTO incident_event (id, incident_id, at, kind, actor, detail)
SELECT new.id, new.incident_id, $3, new.kind, new.actor, detail.value
  FROM unnest($1::uuid[], $2::uuid[], $4::text[], $5::text[])
       WITH ORDINALITY AS new (id, incident_id, kind, actor, at)
  JOIN jsonb_array_elements($6::jsonb) WITH ORDINALITY AS detail (value, at) USING (at);

-- name: note_orders
-- $1 ids, $2 orders, $3 stores, $4 actors, $5 trace_id, $6 details as a JSON array
INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
SELECT new.id, new.order_id, new.store_id, 'alert', new.actor, $5, detail.value
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[])
       WITH ORDINALITY AS new (id, order_id, store_id, actor, at)
  JOIN jsonb_array_elements($6::jsonb) WITH ORDINALITY AS detail (value, at) USING (at);

-- name: places
-- The chats that are to see incidents at a step of the ladder: the routes that fit best, else the
-- store's chat, else the merchant's, else any of the merchant's; the hub's own troubles, without a
-- route, every merchant's. The second step, without a route, is the merchant's chat.
-- $1 incident ids, $2 topics, $3 steps
WITH asked AS (
    SELECT incident.id, incident.merchant_id, incident.store_id, given.topic, given.step
      FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS given (id, topic, step)
      JOIN incident ON incident.id = given.id
), routed AS (
    SELECT asked.id, route.chat_id, route.thread_id,
           rank() OVER (PARTITION BY asked.id
                        ORDER BY route.store_id IS NULL, route.class IS NULL,
                                 route.merchant_id IS NULL) AS place
      FROM asked
      JOIN telegram_route AS route
        ON route.step = asked.step
       AND route.merchant_id IS NOT DISTINCT FROM asked.merchant_id
       AND (route.store_id IS NULL OR route.store_id = asked.store_id)
       AND (route.class IS NULL OR route.class = asked.topic)
      JOIN telegram_chat AS chat ON chat.chat_id = route.chat_id AND chat.disabled_at IS NULL
), plain AS (
    SELECT asked.id, chat.chat_id,
           rank() OVER (PARTITION BY asked.id
                        ORDER BY (chat.chat_id = store.telegram_chat) IS NOT TRUE,
                                 (chat.chat_id = merchant.telegram_chat) IS NOT TRUE) AS place
      FROM asked
      LEFT JOIN store ON store.id = asked.store_id AND asked.step = 0
      JOIN merchant ON merchant.id = asked.merchant_id OR asked.merchant_id IS NULL
      JOIN telegram_chat AS chat
        ON (chat.chat_id IN (store.telegram_chat, merchant.telegram_chat)
            OR (chat.merchant_id = merchant.id AND asked.step = 0))
       AND chat.disabled_at IS NULL
     WHERE asked.step IN (0, 2)
)
SELECT id, chat_id, thread_id FROM routed WHERE place = 1
 UNION
SELECT id, chat_id, NULL::integer FROM plain
 WHERE place = 1 AND NOT EXISTS (SELECT FROM routed WHERE routed.id = plain.id);

-- name: of_order
-- $1 order_id
SELECT rule, level, state, fired_at, resolved_at, facts FROM incident
 WHERE order_id = $1 AND fired_at IS NOT NULL ORDER BY id;
