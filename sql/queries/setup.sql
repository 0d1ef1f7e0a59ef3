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

-- name: admission
-- $1 store_id, $2 devices: any or registered, $3 shifts: optional or required
UPDATE store SET devices = $2, shifts = $3 WHERE id = $1;

-- name: mark_check
-- $1 store_id, $2 off, permissive or strict
UPDATE store SET mark_check = $2 WHERE id = $1;

-- name: clear_tolerances
-- $1 store_id
DELETE FROM store_tolerance WHERE store_id = $1;

-- name: tolerance
-- $1 store_id, $2 category, $3 soft under, $4 hard under, $5 soft over, $6 hard over
INSERT INTO store_tolerance (store_id, category, soft_under, hard_under, soft_over, hard_over)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: account
-- $1 id, $2 merchant_id, $3 code, $4 adapter, $5 settings
INSERT INTO account (id, merchant_id, code, adapter, settings) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO UPDATE SET settings = $5, changed_at = now()
RETURNING id;

-- name: map_store
-- $1 account_id, $2 external_id, $3 store_id
INSERT INTO account_store (account_id, external_id, store_id) VALUES ($1, $2, $3)
ON CONFLICT (account_id, external_id) DO UPDATE SET store_id = $3;

-- name: credential
-- $1 account_id, $2 kind, $3 sealed
INSERT INTO account_credential (account_id, kind, sealed) VALUES ($1, $2, $3)
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

-- name: product
-- $1 merchant_id, $2 sku, $3 name, $4 barcodes, $5 plu, $6 vat, $7 marked
INSERT INTO product (merchant_id, sku, name, barcodes, plu, vat, marked)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (merchant_id, sku) DO UPDATE
   SET name = $3, barcodes = $4, plu = $5, vat = $6, marked = $7;
