-- Everything here may be said twice: what is there already is brought up to date.

-- name: merchant
-- $1 id, $2 name, $3 telegram chat
INSERT INTO merchant (id, name, telegram_chat) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET telegram_chat = $3
RETURNING id;

-- name: store
-- $1 id, $2 merchant_id, $3 code, $4 name, $5 timezone, $6 telegram chat
INSERT INTO store (id, merchant_id, code, name, timezone, telegram_chat)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (merchant_id, code) DO UPDATE SET name = $4, timezone = $5, telegram_chat = $6
RETURNING id;

-- name: chat
-- $1 chat_id, $2 merchant_id, $3 title, $4 timezone
INSERT INTO telegram_chat (chat_id, merchant_id, title, timezone) VALUES ($1, $2, $3, $4)
ON CONFLICT (chat_id) DO NOTHING;

-- name: account
-- No row comes back for one that was removed: its code is nobody else's.
-- $1 id, $2 merchant_id, $3 code, $4 adapter, $5 settings, $6 rules
INSERT INTO account (id, merchant_id, code, adapter, settings, rules)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (code) DO UPDATE SET settings = $5, rules = $6, changed_at = now()
  WHERE account.removed_at IS NULL
RETURNING id;

-- name: merchant_papers
-- What is null stays as it is.
-- $1 merchant_id, $2 requisites or null, $3 series or null
UPDATE merchant SET requisites = coalesce($2::jsonb, requisites), series = coalesce($3, series)
 WHERE id = $1;

-- name: store_papers
-- $1 store_id, $2 requisites
UPDATE store SET requisites = $2 WHERE id = $1;

-- name: account_papers
-- $1 account_id, $2 buyer
UPDATE account SET buyer = $2 WHERE id = $1;

-- name: map_store
-- $1 account_id, $2 external_id, $3 store_id
INSERT INTO account_store (account_id, external_id, store_id) VALUES ($1, $2, $3)
ON CONFLICT (account_id, external_id) DO UPDATE SET store_id = $3;

-- name: credential
-- A secret that was rotated or revoked is not put back.
-- $1 account_id, $2 kind, $3 sealed
INSERT INTO account_credential (account_id, kind, sealed, added_by)
SELECT $1, $2, $3, 'setup'
 WHERE NOT EXISTS (SELECT FROM account_credential
                    WHERE account_id = $1 AND kind = $2
                      AND (version > 1 OR revoked_at IS NOT NULL))
ON CONFLICT (account_id, kind, version) DO UPDATE SET sealed = $3;

-- name: picker
-- $1 id, $2 store_id, $3 badge, $4 name, $5 role, $6 pin_hash
INSERT INTO picker (id, store_id, badge, name, role, pin_hash) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (badge) DO UPDATE
   SET store_id = $2, name = $4, role = $5, pin_hash = $6, active = true;

-- name: operator
-- $1 id, $2 login, $3 password_hash
INSERT INTO operator (id, login, password_hash) VALUES ($1, $2, $3)
ON CONFLICT (login) DO UPDATE SET password_hash = $3;
