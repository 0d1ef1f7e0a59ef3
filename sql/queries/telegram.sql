-- name: add
-- What has no end of its own gets one by its kind: nobody wants old news.
-- $1 id, $2 chat_id, $3 kind, $4 text, $5 silent, $6 thread_id, $7 reply_to, $8 keyboard, $9 photo,
-- $10 expires_at, $11 incident_id, $12 seconds it is good for
INSERT INTO telegram_message (id, chat_id, kind, text, silent, thread_id, reply_to, keyboard, photo,
                              expires_at, incident_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
        coalesce($10, now() + make_interval(secs => $12)), $11);

-- name: post
-- From now on these incidents are to be seen in these chats.
-- $1 incident ids, $2 chat ids, $3 thread ids
INSERT INTO incident_post (incident_id, chat_id, thread_id)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::integer[])
    ON CONFLICT DO NOTHING
RETURNING incident_id;

-- name: behind
-- Posts of these incidents that do not show how they stand, the row that waits to bring each up to
-- date, and in which lane it belongs: what a person did is shown at once.
-- $1 incident ids
SELECT post.incident_id, post.chat_id, item.id AS waiting,
       CASE WHEN EXISTS (SELECT FROM incident_event AS event
                          WHERE event.incident_id = post.incident_id AND event.actor <> 'hub'
                            AND event.at >= coalesce(post.shown_at, incident.fired_at))
            THEN 'pressed'
            WHEN post.telegram_id IS NOT NULL
             AND (incident.level, incident.state) = ('critical', 'firing') THEN 'worse'
            WHEN post.telegram_id IS NOT NULL THEN 'edit'
            WHEN incident.level = 'critical' THEN 'critical'
            ELSE 'incident' END AS lane
  FROM incident_post AS post JOIN incident ON incident.id = post.incident_id
  LEFT JOIN telegram_message AS message
    ON message.incident_id = post.incident_id AND message.chat_id = post.chat_id
   AND message.kind = 'incident'
  LEFT JOIN telegram_outbox AS item
    ON item.id = message.id AND item.queue = 'telegram_outbox'
   AND item.state IN ('waiting', 'leased', 'parked')
 WHERE post.incident_id = ANY ($1::uuid[]) AND post.shown < incident.revision
 ORDER BY incident.level, incident.fired_at, incident.id;

-- name: ask
-- A row that was buried meanwhile is in nobody's way.
-- $1 ids, $2 incident ids, $3 chat ids
INSERT INTO telegram_message (id, kind, incident_id, chat_id)
SELECT id, 'incident', incident_id, chat_id
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS new (id, incident_id, chat_id)
    ON CONFLICT (incident_id, chat_id) WHERE kind = 'incident' DO UPDATE SET id = excluded.id;

-- name: hurry
-- Rows that wait already go by how things stand now.
-- $1 ids, $2 fifo_keys, $3 head starts in seconds
UPDATE telegram_outbox AS item
   SET fifo_key = new.fifo_key,
       due_at = least(item.due_at, now() - make_interval(secs => new.head_start))
  FROM unnest($1::uuid[], $2::text[], $3::float8[]) AS new (id, fifo_key, head_start)
 WHERE item.queue = 'telegram_outbox' AND item.id = new.id AND item.state = 'waiting';

-- name: message
-- Everything there is to know of a message before it is sent.
-- $1 id
SELECT message.chat_id, message.kind, message.incident_id, message.text, message.silent,
       message.thread_id, message.reply_to, message.keyboard, message.photo, message.expires_at,
       coalesce(message.expires_at <= now(), false) AS expired, now() AS now,
       post.thread_id AS post_thread, post.telegram_id AS post_id, post.shown, post.shown_at,
       post.shown_hash,
       EXISTS (SELECT FROM incident_event AS event
                WHERE event.incident_id = message.incident_id AND event.actor <> 'hub'
                  AND event.at >= post.shown_at) AS pressed,
       chat.language, chat.timezone, chat.quiet_from, chat.quiet_until,
       chat.disabled_at IS NOT NULL AS disabled
  FROM telegram_message AS message
  LEFT JOIN incident_post AS post
    ON post.incident_id = message.incident_id AND post.chat_id = message.chat_id
  LEFT JOIN telegram_chat AS chat ON chat.chat_id = message.chat_id
 WHERE message.id = $1;

-- name: shown
-- $1 incident_id, $2 chat_id, $3 telegram_id, $4 revision, $5 hash of what is shown
UPDATE incident_post SET telegram_id = $3, shown = $4, shown_hash = $5, shown_at = now()
 WHERE incident_id = $1 AND chat_id = $2;

-- name: passed
-- Nobody need see this revision.
-- $1 incident_id, $2 chat_id, $3 revision
UPDATE incident_post SET shown = greatest(shown, $3) WHERE incident_id = $1 AND chat_id = $2;

-- name: archive
-- $1 id, $2 attempts, $3 telegram_id, $4 outcome, $5 text, $6 silent
WITH gone AS (
    DELETE FROM telegram_message WHERE id = $1
    RETURNING id, chat_id, kind, incident_id, created_at
)
INSERT INTO telegram_archive (id, chat_id, kind, incident_id, outcome, text, silent, created_at,
                              attempts, telegram_id)
SELECT id, chat_id, kind, incident_id, $4, $5, $6, created_at, $2, $3 FROM gone;

-- name: forget
-- $1 id
DELETE FROM telegram_message WHERE id = $1;
