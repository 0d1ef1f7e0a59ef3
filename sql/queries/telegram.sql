-- name: add
-- $1 id, $2 chat_id, $3 incident_id, $4 text, $5 silent
INSERT INTO telegram_message (id, chat_id, incident_id, text, silent)
VALUES ($1, $2, $3, $4, $5);

-- name: message
-- What to say, and the message to edit when this incident has one already.
-- $1 id
SELECT message.chat_id, message.incident_id, message.text, message.silent,
       incident.telegram_id AS edit
  FROM telegram_message AS message LEFT JOIN incident ON incident.id = message.incident_id
 WHERE message.id = $1;

-- name: archive
-- $1 id, $2 attempts, $3 telegram_id, $4 edited
WITH gone AS (
    DELETE FROM telegram_message WHERE id = $1
    RETURNING id, chat_id, incident_id, text, silent, created_at
), known AS (
    UPDATE incident SET telegram_id = $3 FROM gone WHERE incident.id = gone.incident_id
)
INSERT INTO telegram_archive (id, chat_id, incident_id, text, silent, created_at, attempts,
                              telegram_id, edited)
SELECT id, chat_id, incident_id, text, silent, created_at, $2, $3, $4 FROM gone;
