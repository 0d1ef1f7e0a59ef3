-- name: outdate
-- A post shows something else than we believe: it is written anew, at once.
-- $1 incident_id, $2 chat_id, $3 telegram_id
UPDATE incident_post SET shown = -1, shown_at = NULL, shown_hash = NULL
 WHERE incident_id = $1 AND chat_id = $2 AND telegram_id = $3
RETURNING incident_id;
