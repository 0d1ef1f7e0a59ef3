-- name: calls
-- Where incidents are to be seen, and whom to call there: supervisors, or everybody, of the store
-- or of the whole chain, and of nobody else's.
-- $1 incident ids, $2 whether everybody is called, $3 most people
SELECT incident.id AS incident_id, chat.chat_id, post.thread_id, chat.language,
       coalesce((
           SELECT jsonb_agg(jsonb_build_object('user_id', person.user_id,
                            'username', person.username, 'name', person.name))
             FROM (SELECT user_id, username, name
                     FROM telegram_person
                    WHERE revoked_at IS NULL AND (given.everybody OR role = 'supervisor')
                      AND merchant_id = coalesce(incident.merchant_id, chat.merchant_id)
                      AND (store_id IS NULL OR incident.store_id IS NULL
                           OR store_id = incident.store_id)
                    ORDER BY store_id IS NULL, role = 'duty', user_id
                    LIMIT $3) AS person
       ), '[]') AS people
  FROM unnest($1::uuid[], $2::boolean[]) AS given (id, everybody)
  JOIN incident ON incident.id = given.id
  JOIN incident_post AS post ON post.incident_id = incident.id
  JOIN telegram_chat AS chat ON chat.chat_id = post.chat_id AND chat.disabled_at IS NULL
 ORDER BY incident.id, chat.chat_id;

-- name: unplaced
-- What has been told to nobody, as there was no chat: there may be one now.
SELECT id
  FROM incident
 WHERE state <> 'resolved' AND told_at IS NOT NULL AND parent_id IS NULL AND silenced_by IS NULL
   AND muted_until IS NULL
   AND NOT EXISTS (SELECT FROM incident_post AS post WHERE post.incident_id = incident.id);
