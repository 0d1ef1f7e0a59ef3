-- name: person
-- $1 user_id
SELECT person.user_id, person.merchant_id, person.store_id, store.code AS store_code, person.name,
       person.username, person.role, person.language
  FROM telegram_person AS person
  LEFT JOIN store ON store.id = person.store_id
 WHERE person.user_id = $1 AND person.revoked_at IS NULL;

-- name: speak
-- $1 user_id, $2 language
UPDATE telegram_person SET language = $2 WHERE user_id = $1;

-- name: called
-- $1 user_id, $2 username
UPDATE telegram_person SET username = $2 WHERE user_id = $1 AND username <> $2;

-- name: people
SELECT person.user_id, person.name, person.username, person.role, person.language,
       merchant.name AS merchant, store.code AS store, person.linked_at, person.revoked_at
  FROM telegram_person AS person
  JOIN merchant ON merchant.id = person.merchant_id
  LEFT JOIN store ON store.id = person.store_id
 ORDER BY person.revoked_at IS NOT NULL, merchant.name, person.name, person.user_id;

-- name: linked
-- Who may ask and press at a merchant; with $2, at one of its stores.
-- $1 merchant_id, $2 store_id or null
SELECT person.name, person.role, person.username, store.code AS store
  FROM telegram_person AS person
  LEFT JOIN store ON store.id = person.store_id
 WHERE person.merchant_id = $1 AND person.revoked_at IS NULL
   AND ($2::uuid IS NULL OR person.store_id IS NULL OR person.store_id = $2)
 ORDER BY person.role DESC, person.name, person.user_id;

-- name: revoke
-- By number, or by name or @name when it is one person's only.
-- $1 user_id or null, $2 name
WITH found AS (
    SELECT user_id FROM telegram_person
     WHERE revoked_at IS NULL
       AND (user_id = $1 OR name = $2 OR (username <> '' AND '@' || username = $2))
)
UPDATE telegram_person SET revoked_at = now()
 WHERE user_id IN (SELECT user_id FROM found) AND (SELECT count(*) FROM found) = 1
RETURNING user_id, name;

-- name: make_link
-- $1 code_hash, $2 merchant_id, $3 store_id, $4 name, $5 role, $6 made_by, $7 minutes
INSERT INTO telegram_link (code_hash, merchant_id, store_id, name, role, made_by, until)
VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(mins => $7));

-- name: use_link
-- Once, and in time.
-- $1 code_hash, $2 user_id
UPDATE telegram_link SET used_at = now(), used_by = $2
 WHERE code_hash = $1 AND used_at IS NULL AND until > now()
RETURNING merchant_id, store_id, name, role;

-- name: void
-- Nobody can use it any more.
-- $1 code_hash, $2 user_id
UPDATE telegram_link SET used_at = now(), used_by = $2
 WHERE code_hash = $1 AND used_at IS NULL AND until > now()
RETURNING used_by;

-- name: join
-- $1 user_id, $2 merchant_id, $3 store_id, $4 name, $5 username, $6 role
INSERT INTO telegram_person (user_id, merchant_id, store_id, name, username, role)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id) DO UPDATE
   SET merchant_id = $2, store_id = $3, name = $4, role = $6, linked_at = now(), revoked_at = NULL,
       username = CASE $5 WHEN '' THEN telegram_person.username ELSE $5 END;

-- name: leave_others
-- Routes into a private chat, whose number is the person's.
-- $1 user_id, $2 merchant_id
DELETE FROM telegram_route WHERE chat_id = $1 AND merchant_id <> $2;

-- name: guesses
-- Wrong codes: this person's of the last hour, everybody's of the last quarter.
-- $1 user_id
SELECT count(*) FILTER (WHERE user_id = $1) AS own,
       count(*) FILTER (WHERE at > now() - interval '15 minutes') AS everybodys
  FROM telegram_audit
 WHERE kind = 'link' AND outcome = 'wrong' AND at > now() - interval '1 hour';

-- name: note
-- $1 id, $2 user_id, $3 name, $4 chat_id, $5 merchant_id, $6 kind, $7 what, $8 outcome
INSERT INTO telegram_audit (id, user_id, name, chat_id, merchant_id, kind, what, outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: note_stranger
-- One row a day; how often it was.
-- $1 id, $2 user_id, $3 name, $4 chat_id, $5 what, $6 outcome
INSERT INTO telegram_audit AS old (id, user_id, name, chat_id, kind, what, outcome)
VALUES ($1, $2, $3, $4, 'stranger', $5, $6)
ON CONFLICT (user_id, ((at AT TIME ZONE 'UTC')::date)) WHERE kind = 'stranger'
   DO UPDATE SET times = old.times + 1,
                 outcome = CASE old.outcome WHEN 'told' THEN 'told' ELSE excluded.outcome END;

-- name: told_today
-- $1 user_id
SELECT EXISTS (SELECT FROM telegram_audit
                WHERE user_id = $1 AND kind = 'stranger' AND outcome = 'told'
                  AND (at AT TIME ZONE 'UTC')::date = (now() AT TIME ZONE 'UTC')::date);

-- name: audit
-- The newest first.
-- $1 most, $2 user_id or null, $3 chat_id or null
SELECT audit.at, audit.user_id, audit.name, audit.chat_id, coalesce(chat.title, '') AS chat,
       audit.kind, audit.what, audit.outcome, audit.times
  FROM telegram_audit AS audit
  LEFT JOIN telegram_chat AS chat ON chat.chat_id = audit.chat_id
 WHERE ($2::bigint IS NULL OR audit.user_id = $2)
   AND ($3::bigint IS NULL OR audit.chat_id = $3)
 ORDER BY audit.at DESC, audit.id DESC
 LIMIT $1;

-- name: merchant_of
-- $1 store_id
SELECT merchant_id FROM store WHERE id = $1;
