-- Chats the bot cannot write in any more, and groups that got another id.

-- name: disable
-- No row comes back when it is disabled already, or is none of ours.
-- $1 chat_id, $2 reason
UPDATE telegram_chat SET disabled_at = now(), disabled_reason = $2
 WHERE chat_id = $1 AND disabled_at IS NULL
RETURNING merchant_id;

-- name: because
-- Why a chat is silent decides who may end that: a later reason of these counts instead of an
-- earlier one, but who was shut out stays so.
-- $1 chat_id, $2 reason
UPDATE telegram_chat SET disabled_reason = $2
 WHERE chat_id = $1 AND disabled_at IS NOT NULL AND disabled_reason IS DISTINCT FROM 'revoked';

-- name: hold
-- Incidents first, as everybody does, then what is told of them.
-- $1 chat_id
SELECT incident.id FROM incident JOIN incident_post AS post ON post.incident_id = incident.id
 WHERE post.chat_id = $1 AND incident.state <> 'resolved'
 ORDER BY incident.id FOR UPDATE OF incident;

-- name: leave
-- Incidents that are on are not to be seen there any more; those that are seen nowhere else.
-- $1 chat_id
WITH gone AS (
    DELETE FROM incident_post AS post USING incident
     WHERE post.chat_id = $1 AND incident.id = post.incident_id AND incident.state <> 'resolved'
    RETURNING post.incident_id
)
SELECT gone.incident_id FROM gone
 WHERE NOT EXISTS (
    SELECT FROM incident_post AS other JOIN telegram_chat AS chat USING (chat_id)
     WHERE other.incident_id = gone.incident_id AND other.chat_id <> $1
       AND chat.disabled_at IS NULL)
 ORDER BY gone.incident_id;

-- name: give_up
-- What waits for the chat will not be said; $2 is the row in hand, which its holder takes out.
-- $1 chat_id, $2 id
WITH gone AS (
    DELETE FROM telegram_message WHERE chat_id = $1 AND id <> $2
    RETURNING id, chat_id, kind, incident_id, text, silent, created_at
), item AS (
    DELETE FROM telegram_outbox USING gone
     WHERE telegram_outbox.queue = 'telegram_outbox' AND telegram_outbox.id = gone.id
       AND telegram_outbox.state <> 'dead'
    RETURNING telegram_outbox.id, telegram_outbox.attempts
)
INSERT INTO telegram_archive (id, chat_id, kind, incident_id, outcome, text, silent, created_at,
                              attempts)
SELECT gone.id, chat_id, kind, incident_id, 'undeliverable', coalesce(text, ''), silent, created_at,
       coalesce(item.attempts, 0)
  FROM gone LEFT JOIN item USING (id);

-- name: rename
-- Everything that names the chat by a foreign key follows. No row comes back when there is a chat
-- with the new id already, or none with the old one.
-- $1 old chat_id, $2 new chat_id
UPDATE telegram_chat SET chat_id = $2
 WHERE chat_id = $1 AND NOT EXISTS (SELECT FROM telegram_chat WHERE chat_id = $2)
RETURNING merchant_id;

-- name: merge_routes
-- $1 old chat_id, $2 new chat_id
WITH doubles AS (
    DELETE FROM telegram_route AS old USING telegram_route AS new
     WHERE old.chat_id = $1 AND new.chat_id = $2
       AND (old.merchant_id, old.store_id, old.class, old.step)
           IS NOT DISTINCT FROM (new.merchant_id, new.store_id, new.class, new.step)
    RETURNING old.id
)
UPDATE telegram_route SET chat_id = $2
 WHERE chat_id = $1 AND id NOT IN (SELECT id FROM doubles);

-- name: merge_posts
-- $1 old chat_id, $2 new chat_id
WITH doubles AS (
    DELETE FROM incident_post AS old USING incident_post AS new
     WHERE old.chat_id = $1 AND new.chat_id = $2 AND old.incident_id = new.incident_id
    RETURNING old.incident_id
)
UPDATE incident_post SET chat_id = $2
 WHERE chat_id = $1 AND incident_id NOT IN (SELECT incident_id FROM doubles);

-- name: drop_chat
-- $1 chat_id
DELETE FROM telegram_chat WHERE chat_id = $1 RETURNING merchant_id;

-- name: point_stores
-- $1 old chat_id, $2 new chat_id
UPDATE store SET telegram_chat = $2 WHERE telegram_chat = $1;

-- name: point_merchants
-- $1 old chat_id, $2 new chat_id
UPDATE merchant SET telegram_chat = $2 WHERE telegram_chat = $1;

-- name: repost
-- Messages of the old group cannot be edited under the new id: what is on is said anew there, and
-- what is over is left alone.
-- $1 new chat_id, $2 incidents that had posts in the old chat
UPDATE incident_post AS post
   SET telegram_id = NULL, shown_at = NULL, shown_hash = NULL,
       shown = CASE WHEN incident.state = 'resolved' THEN incident.revision ELSE -1 END
  FROM incident
 WHERE post.chat_id = $1 AND incident.id = post.incident_id
   AND post.incident_id = ANY ($2::uuid[])
RETURNING post.incident_id, incident.state <> 'resolved' AS is_on;

-- name: posted
-- $1 chat_id
SELECT incident_id FROM incident_post WHERE chat_id = $1;

-- name: unite
-- An incident that waits under both ids is told once.
-- $1 old chat_id, $2 new chat_id
WITH doubles AS (
    DELETE FROM telegram_message AS double USING telegram_message AS other
     WHERE double.kind = 'incident' AND other.kind = 'incident'
       AND double.incident_id = other.incident_id
       AND double.chat_id = $2 AND other.chat_id = $1
    RETURNING double.id
)
DELETE FROM telegram_outbox USING doubles
 WHERE telegram_outbox.queue = 'telegram_outbox' AND telegram_outbox.id = doubles.id;

-- name: move_messages
-- $1 old chat_id, $2 new chat_id
UPDATE telegram_message SET chat_id = $2 WHERE chat_id = $1;

-- name: move_rows
-- $1 old chat_id, $2 new chat_id
UPDATE telegram_outbox
   SET fifo_key = 'chat:' || $2::bigint || ':' || split_part(fifo_key, ':', 3)
 WHERE queue = 'telegram_outbox' AND state IN ('waiting', 'leased', 'parked')
   AND fifo_key LIKE 'chat:' || $1::bigint || ':%';

-- name: move_pace
-- The new chat begins anew; Telegram counts it by itself.
-- $1 old chat_id
DELETE FROM telegram_pace WHERE chat_id = $1;

-- name: audit
-- $1 id, $2 chat_id, $3 merchant_id, $4 what, $5 outcome
INSERT INTO telegram_audit (id, user_id, name, chat_id, merchant_id, kind, what, outcome)
VALUES ($1, 0, 'hub', $2, $3, 'chat', $4, $5);
