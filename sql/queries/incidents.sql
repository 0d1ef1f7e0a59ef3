-- name: live
-- The rule's incidents that are not over; locked, so that two watchers do not both tell.
-- $1 rule
SELECT incident.id, incident.rule, incident.subject, incident.level, incident.state,
       incident.facts, incident.merchant_id, incident.store_id, incident.account_id,
       incident.order_id, incident.fired_at, incident.resolved_at, incident.chat_id,
       extract(epoch FROM now() - incident.seen_at)::float8 AS age
  FROM incident
 WHERE incident.rule = $1 AND incident.state <> 'resolved'
   FOR UPDATE;

-- name: open
-- No row comes back when another watcher opened it first.
-- $1 id, $2 rule, $3 subject, $4 level, $5 state, $6 merchant_id, $7 store_id, $8 account_id,
-- $9 order_id, $10 facts
INSERT INTO incident (id, rule, subject, level, state, merchant_id, store_id, account_id, order_id,
                      facts, fired_at, chat_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $5 = 'firing' THEN now() END,
        coalesce((SELECT telegram_chat FROM store WHERE id = $7),
                 (SELECT telegram_chat FROM merchant WHERE id = $6)))
ON CONFLICT (rule, subject) WHERE state <> 'resolved' DO NOTHING
RETURNING id, chat_id, fired_at, resolved_at;

-- name: go_on
-- $1 id, $2 state, $3 facts
UPDATE incident
   SET state = $2, facts = $3, last_seen_at = now(),
       fired_at = CASE WHEN $2 = 'firing' THEN coalesce(fired_at, now()) ELSE fired_at END
 WHERE id = $1
RETURNING id, chat_id, fired_at, resolved_at;

-- name: resolve
-- $1 id
UPDATE incident SET state = 'resolved', resolved_at = now() WHERE id = $1
RETURNING id, chat_id, fired_at, resolved_at;

-- name: of_order
-- $1 order_id
SELECT rule, level, state, fired_at, resolved_at, facts FROM incident
 WHERE order_id = $1 ORDER BY id;
