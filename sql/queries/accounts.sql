-- name: find
-- $1 code or null, $2 id or null
SELECT id, merchant_id, code, adapter, settings, active, rules
  FROM account
 WHERE code = $1 OR id = $2;

-- name: credentials
-- Newest first; an older version is good until its successor has taken over.
-- $1 account_id
SELECT kind, sealed FROM account_credential
 WHERE account_id = $1 AND valid_until > now()
 ORDER BY kind, version DESC;

-- name: store_of
-- $1 account_id, $2 external store id
SELECT store.id, store.merchant_id, store.code
  FROM account_store JOIN store ON store.id = account_store.store_id
 WHERE account_store.account_id = $1 AND account_store.external_id = $2;

-- name: overview
SELECT account.code, account.adapter, account.active, merchant.name AS merchant,
       (SELECT count(*) FROM account_store AS s WHERE s.account_id = account.id) AS stores
  FROM account JOIN merchant ON merchant.id = account.merchant_id
 ORDER BY account.code;

-- name: operator
-- $1 login
SELECT password_hash FROM operator WHERE login = $1;
