-- name: browse
-- What is on, the worst and the newest first; with $1 also what ended since then. What is told as
-- part of another one is listed for a store only: its group says it for all of them.
-- $1 since, or null for what is on only, $2 rule or null, $3 store's code or null, $4 most
SELECT incident.id, incident.rule, incident.subject, incident.level, incident.state,
       incident.value, incident.facts, incident.fired_at, incident.seen_at,
       incident.acknowledged_at, incident.acknowledged_by, incident.resolved_at,
       incident.parent_id, incident.silenced_by, incident.muted_until, incident.muted_by,
       incident.muted_why, incident.returns, incident.step, incident.told_at,
       store.code AS store, account.code AS account, now() AS now
  FROM incident
  LEFT JOIN store ON store.id = incident.store_id
  LEFT JOIN account ON account.id = incident.account_id
 WHERE (incident.state <> 'resolved'
        OR (incident.state = 'resolved' AND incident.resolved_at >= $1
            AND incident.fired_at IS NOT NULL))
   AND ($2::text IS NULL OR incident.rule = $2)
   AND (store.code = $3 OR ($3::text IS NULL AND incident.parent_id IS NULL))
 ORDER BY incident.state = 'resolved', incident.parent_id IS NOT NULL,
          incident.level = 'warning', incident.resolved_at DESC, incident.seen_at DESC, incident.id
 LIMIT $4;

-- name: whole
-- $1 id
SELECT incident.*, store.code AS store, account.code AS account, orders.number, now() AS now
  FROM incident
  LEFT JOIN store ON store.id = incident.store_id
  LEFT JOIN account ON account.id = incident.account_id
  LEFT JOIN orders ON orders.id = incident.order_id
 WHERE incident.id = $1;

-- name: history
-- $1 id
SELECT at, kind, actor, detail FROM incident_event WHERE incident_id = $1 ORDER BY at, id;

-- name: posts
-- $1 id
SELECT post.chat_id, chat.title, post.telegram_id, post.shown_at
  FROM incident_post AS post JOIN telegram_chat AS chat USING (chat_id)
 WHERE post.incident_id = $1 ORDER BY chat_id;

-- name: members
-- $1 id, $2 most
SELECT id, subject, state, level, value, facts->>'number' AS number, facts->>'store' AS store
  FROM incident WHERE parent_id = $1
 ORDER BY state = 'resolved', fired_at, id LIMIT $2;

-- name: names
-- What people call these.
-- $1 ids of stores, accounts, merchants, orders
SELECT id, 'store ' || code AS name FROM store WHERE id = ANY ($1::uuid[])
 UNION ALL
SELECT id, 'account ' || code FROM account WHERE id = ANY ($1::uuid[])
 UNION ALL
SELECT id, 'merchant ' || name FROM merchant WHERE id = ANY ($1::uuid[])
 UNION ALL
SELECT id, 'order ' || number FROM orders WHERE id = ANY ($1::uuid[]);

-- name: places
-- Whom words mean; a store's code may be in use by several merchants.
-- $1 store's code or null, $2 account's code or null, $3 merchant's name or null
SELECT ARRAY(SELECT store.id FROM store JOIN merchant ON merchant.id = store.merchant_id
              WHERE store.code = $1 AND ($3::text IS NULL OR merchant.name = $3)) AS stores,
       ARRAY(SELECT id FROM account WHERE code = $2) AS accounts,
       ARRAY(SELECT id FROM merchant WHERE name = $3) AS merchants;
