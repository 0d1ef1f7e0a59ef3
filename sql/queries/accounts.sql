-- name: find
-- A removed account has no name any more; its orders still belong to it.
-- $1 code or null, $2 id or null
SELECT id, merchant_id, code, adapter, settings, active, rules,
       EXISTS (SELECT FROM account_away AS away
                WHERE away.account_id = account.id AND away.state = 'gone') AS gone
  FROM account
 WHERE (code = $1 AND removed_at IS NULL) OR id = $2;

-- name: credentials
-- Newest first; an older version is good until its successor has taken over.
-- $1 account_id
SELECT kind, sealed FROM account_credential
 WHERE account_id = $1 AND valid_from <= now() AND valid_until > now()
 ORDER BY kind, version DESC;

-- name: codes
-- What people said words mean that only its adapter meets; goods are looked up order by order.
-- $1 account_id
SELECT kind, theirs, ours FROM account_mapping WHERE account_id = $1 AND kind <> 'goods';

-- name: store_of
-- $1 account_id, $2 external store id
SELECT store.id, store.merchant_id, store.code
  FROM account_store JOIN store ON store.id = account_store.store_id
 WHERE account_store.account_id = $1 AND account_store.external_id = $2;

-- name: operator
-- $1 login
SELECT password_hash FROM operator WHERE login = $1;
