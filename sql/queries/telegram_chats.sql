-- name: chat
-- $1 chat_id
SELECT chat_id, merchant_id, title, language, timezone, disabled_reason
  FROM telegram_chat WHERE chat_id = $1;

-- name: add
-- What is there already keeps what is not said.
-- $1 chat_id, $2 merchant_id, $3 title, $4 language or null
INSERT INTO telegram_chat AS old (chat_id, merchant_id, title, language)
VALUES ($1, $2, $3, $4)
ON CONFLICT (chat_id) DO UPDATE
   SET merchant_id = coalesce($2, old.merchant_id),
       title = CASE WHEN $3 = '' THEN old.title ELSE $3 END,
       language = coalesce($4, old.language),
       disabled_at = NULL, disabled_reason = NULL;

-- name: enable
-- With $2, only when it was disabled for that.
-- $1 chat_id, $2 reason or null
UPDATE telegram_chat SET disabled_at = NULL, disabled_reason = NULL
 WHERE chat_id = $1 AND disabled_at IS NOT NULL
   AND ($2::text IS NULL OR disabled_reason = $2)
RETURNING chat_id;

-- name: title
-- $1 chat_id, $2 title
UPDATE telegram_chat SET title = $2 WHERE chat_id = $1 AND title <> $2;

-- name: language
-- $1 chat_id, $2 language or null
UPDATE telegram_chat SET language = $2 WHERE chat_id = $1 RETURNING chat_id;

-- name: quiet
-- $1 chat_id, $2 from, $3 until, or both null; $4 time zone or null
UPDATE telegram_chat SET quiet_from = $2, quiet_until = $3, timezone = coalesce($4, timezone)
 WHERE chat_id = $1 RETURNING chat_id;

-- name: digest
-- $1 chat_id, $2 time of its day or null
UPDATE telegram_chat SET digest_at = $2 WHERE chat_id = $1 RETURNING chat_id;

-- name: route
-- $1 id, $2 merchant_id, $3 store_id, $4 class, $5 step, $6 chat_id, $7 thread_id
INSERT INTO telegram_route (id, merchant_id, store_id, class, step, chat_id, thread_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (merchant_id, store_id, class, step, chat_id) DO UPDATE SET thread_id = $7;

-- name: unroute
-- $1 merchant_id, $2 store_id, $3 class, $4 step, $5 chat_id
DELETE FROM telegram_route
 WHERE (merchant_id, step, chat_id) = ($1, $4, $5)
   AND store_id IS NOT DISTINCT FROM $2 AND class IS NOT DISTINCT FROM $3
RETURNING id;

-- name: overview
SELECT chat.chat_id, chat.title, merchant.name AS merchant, chat.language, chat.timezone,
       chat.quiet_from, chat.quiet_until, chat.disabled_at, chat.disabled_reason,
       (SELECT array_agg(store.code ORDER BY store.code) FROM store
         WHERE store.telegram_chat = chat.chat_id) AS stores
  FROM telegram_chat AS chat
  LEFT JOIN merchant ON merchant.id = chat.merchant_id
 ORDER BY chat.disabled_at IS NOT NULL, merchant.name, chat.title, chat.chat_id;

-- name: routes
SELECT route.chat_id, route.class, route.step, route.thread_id, store.code AS store
  FROM telegram_route AS route
  LEFT JOIN store ON store.id = route.store_id
 ORDER BY route.chat_id, route.step, store.code, route.class;

-- name: meet
-- $1 chat_id, $2 title, $3 who added the bot
INSERT INTO telegram_stranger_chat (chat_id, title, added_by) VALUES ($1, $2, $3)
ON CONFLICT (chat_id) DO UPDATE
   SET title = $2, added_by = $3, seen_at = now(), left_at = NULL;

-- name: part
-- $1 chat_id
UPDATE telegram_stranger_chat SET left_at = now() WHERE chat_id = $1 AND left_at IS NULL;

-- name: forget
-- $1 chat_id
DELETE FROM telegram_stranger_chat WHERE chat_id = $1 RETURNING title;

-- name: moved
-- $1 old id, $2 new id
UPDATE telegram_stranger_chat SET chat_id = $2
 WHERE chat_id = $1 AND NOT EXISTS (SELECT FROM telegram_stranger_chat WHERE chat_id = $2);

-- name: unknown
SELECT stranger.chat_id, stranger.title, stranger.added_by, stranger.seen_at
  FROM telegram_stranger_chat AS stranger
 WHERE stranger.left_at IS NULL
   AND NOT EXISTS (SELECT FROM telegram_chat AS chat WHERE chat.chat_id = stranger.chat_id)
 ORDER BY stranger.seen_at DESC, stranger.chat_id;
