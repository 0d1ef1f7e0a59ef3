-- name: add
-- $1 id, $2 chat_id, $3 kind, $4 text, $5 silent, $6 thread_id, $7 reply_to, $8 keyboard, $9 photo,
-- $10 expires_at, $11 incident_id
INSERT INTO telegram_message (id, chat_id, kind, text, silent, thread_id, reply_to, keyboard, photo,
                              expires_at, incident_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: post
-- From now on these incidents are to be seen in these chats.
-- $1 incident ids, $2 chat ids, $3 thread ids
INSERT INTO incident_post (incident_id, chat_id, thread_id)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::integer[])
    ON CONFLICT DO NOTHING;

-- name: behind
-- Posts of these incidents that do not show how they stand, and that no row waits to bring up to
-- date; $1 incident ids
SELECT post.incident_id, post.chat_id, post.telegram_id IS NULL AS is_new
  FROM incident_post AS post JOIN incident ON incident.id = post.incident_id
 WHERE post.incident_id = ANY ($1::uuid[]) AND post.shown < incident.revision
   AND NOT EXISTS (SELECT FROM telegram_message AS message
                    WHERE message.incident_id = post.incident_id
                      AND message.chat_id = post.chat_id AND message.kind = 'incident');

-- name: ask
-- $1 ids, $2 incident ids, $3 chat ids
INSERT INTO telegram_message (id, kind, incident_id, chat_id)
SELECT id, 'incident', incident_id, chat_id
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS new (id, incident_id, chat_id);

-- name: message
-- $1 id
SELECT message.chat_id, message.kind, message.incident_id, message.text, message.silent,
       message.thread_id, message.reply_to, message.keyboard, message.photo, message.expires_at,
       post.thread_id AS post_thread, post.telegram_id AS post_id, post.shown
  FROM telegram_message AS message
  LEFT JOIN incident_post AS post
    ON post.incident_id = message.incident_id AND post.chat_id = message.chat_id
 WHERE message.id = $1;

-- name: shown
-- $1 incident_id, $2 chat_id, $3 telegram_id, $4 revision
UPDATE incident_post SET telegram_id = $3, shown = $4, shown_at = now()
 WHERE incident_id = $1 AND chat_id = $2;

-- name: archive
-- $1 id, $2 attempts, $3 telegram_id, $4 edited, $5 text
WITH gone AS (
    DELETE FROM telegram_message WHERE id = $1
    RETURNING id, chat_id, incident_id, silent, created_at
)
INSERT INTO telegram_archive (id, chat_id, incident_id, text, silent, created_at, attempts,
                              telegram_id, edited)
SELECT id, chat_id, incident_id, $5, silent, created_at, $2, $3, $4 FROM gone;

-- name: drop
-- $1 id
DELETE FROM telegram_message WHERE id = $1;
