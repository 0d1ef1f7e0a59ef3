-- Accounts as people manage them. No query here reads what is sealed.

-- name: find
-- $1 code
SELECT account.id, account.merchant_id, merchant.name AS merchant, account.code, account.adapter,
       account.settings, account.rules, account.active, account.paused_at, account.paused_by,
       account.paused_reason, account.created_at, account.changed_at, account.removed_at
  FROM account JOIN merchant ON merchant.id = account.merchant_id
 WHERE account.code = $1;

-- name: lock
-- The same row until the end of the transaction: two who change one account do so one after the other.
-- $1 code
SELECT id FROM account WHERE code = $1 AND removed_at IS NULL FOR NO KEY UPDATE;

-- name: overview
-- Accounts that are not removed, and what waits for them.
SELECT account.code, account.adapter, merchant.name AS merchant, account.active,
       account.paused_at, account.paused_by, account.paused_reason,
       (SELECT count(*) FROM account_store AS s WHERE s.account_id = account.id) AS stores,
       coalesce(waiting.deliveries, 0) AS deliveries, coalesce(waiting.messages, 0) AS messages,
       (SELECT count(DISTINCT (u.kind, u.theirs)) FROM unmapped AS u
         WHERE u.account_id = account.id) AS unmapped,
       CASE WHEN gate.state = 'open' AND gate.open_until <= now() THEN 'half_open'
            WHEN gate.state = 'closed' AND gate.rest_until > now() THEN 'resting'
            ELSE coalesce(gate.state, 'closed') END AS gate,
       gate.reason AS gate_reason,
       CASE WHEN gate.state <> 'closed' OR gate.rest_until > now() THEN gate.said END AS gate_said,
       nullif(greatest(gate.rest_until,
                       CASE WHEN gate.state <> 'closed' THEN gate.open_until END, now()), now())
           AS gate_until
  FROM account
  JOIN merchant ON merchant.id = account.merchant_id
  LEFT JOIN (
    SELECT account_id, count(*) FILTER (WHERE queue = 'inbox') AS deliveries,
           count(*) FILTER (WHERE queue = 'outbox') AS messages
      FROM queue_item
     WHERE queue IN ('inbox', 'outbox') AND state IN ('waiting', 'leased', 'parked')
     GROUP BY account_id
  ) AS waiting ON waiting.account_id = account.id
  LEFT JOIN account_gate AS gate ON gate.account_id = account.id
 WHERE account.removed_at IS NULL
 ORDER BY account.code;

-- name: stores
-- $1 account_id
SELECT account_store.external_id AS theirs, store.code AS ours
  FROM account_store JOIN store ON store.id = account_store.store_id
 WHERE account_store.account_id = $1
 ORDER BY account_store.external_id;

-- name: waiting
-- Deliveries, messages and orders that are not finished.
-- $1 account_id
SELECT count(*) FILTER (WHERE queue = 'inbox') AS deliveries,
       count(*) FILTER (WHERE queue = 'outbox') AS messages,
       (SELECT count(*) FROM orders
         WHERE orders.account_id = $1
           AND orders.state NOT IN ('delivered', 'rejected', 'cancelled', 'returned')) AS orders
  FROM queue_item
 WHERE account_id = $1 AND queue IN ('inbox', 'outbox')
   AND state IN ('waiting', 'leased', 'parked');

-- name: add
-- No row comes back when the code is, or was, another account's.
-- $1 id, $2 merchant_id, $3 code, $4 adapter, $5 settings, $6 rules
INSERT INTO account (id, merchant_id, code, adapter, settings, rules)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (code) DO NOTHING
RETURNING id;

-- name: change
-- $1 account_id, $2 settings, $3 rules
UPDATE account SET settings = $2, rules = $3, changed_at = now() WHERE id = $1;

-- name: pause
-- The claim looks at `active`, so that no worker begins with another row of it.
-- $1 account_id, $2 who, $3 why
UPDATE account
   SET active = false, paused_at = coalesce(paused_at, now()), paused_by = $2, paused_reason = $3
 WHERE id = $1;

-- name: resume
-- $1 account_id
UPDATE account
   SET active = true, paused_at = NULL, paused_by = NULL, paused_reason = NULL
 WHERE id = $1;

-- name: remove
-- $1 account_id
UPDATE account SET active = false, removed_at = now() WHERE id = $1;

-- name: bury
-- What waits for accounts that are removed. A row that is being worked on is brought to its end; if
-- it comes back, or its worker dies, it is buried then: nobody claims it.
-- $1 account_id or null for all of them
UPDATE queue_item AS item
   SET state = 'dead', finished_at = now(), reason = 'account_removed',
       last_error = 'its account was removed'
  FROM account
 WHERE item.account_id = account.id AND account.removed_at IS NOT NULL
   AND ($1::uuid IS NULL OR account.id = $1)
   AND item.queue IN ('inbox', 'outbox')
   AND (item.state IN ('waiting', 'parked') OR item.state = 'leased' AND item.due_at <= now())
RETURNING item.queue;

-- name: merchant
-- $1 name or null for the only one there is (but that of smoke orders)
SELECT id FROM merchant WHERE name = $1 OR ($1::text IS NULL AND name <> 'orderhub smoke') LIMIT 2;

-- name: note
-- $1 account_id, $2 who, $3 event, $4 detail
INSERT INTO account_event (account_id, actor, event, detail) VALUES ($1, $2, $3, $4);

-- name: story
-- $1 account_id, $2 limit
SELECT at, actor, event, detail FROM account_event WHERE account_id = $1 ORDER BY id DESC LIMIT $2;

-- name: versions
-- Every version of every secret, without it. state: valid, ended or revoked.
-- $1 account_id
SELECT kind, version, valid_from, nullif(valid_until, 'infinity') AS valid_until, added_by,
       revoked_at, revoked_by,
       CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
            WHEN valid_until <= now() THEN 'ended'
            ELSE 'valid' END AS state
  FROM account_credential
 WHERE account_id = $1
 ORDER BY kind, version DESC;

-- name: add_version
-- The next version of a kind; the account is locked.
-- $1 account_id, $2 kind, $3 sealed, $4 who, $5 until or null
INSERT INTO account_credential (account_id, kind, version, sealed, added_by, valid_until)
SELECT $1, $2, coalesce(max(version), 0) + 1, $3, $4, coalesce($5::timestamptz, 'infinity')
  FROM account_credential
 WHERE account_id = $1 AND kind = $2
RETURNING version;

-- name: outlives
-- $1 until, $2 seconds
SELECT $1::timestamptz > now() + make_interval(secs => $2);

-- name: end_older
-- What was valid before a version ends some seconds from now, unless it ends sooner.
-- $1 account_id, $2 kind, $3 version, $4 seconds
UPDATE account_credential
   SET valid_until = least(valid_until, now() + make_interval(secs => $4))
 WHERE account_id = $1 AND kind = $2 AND version < $3 AND valid_until > now();

-- name: revoke
-- It ends now, and nothing can open it any more.
-- $1 account_id, $2 kind, $3 version or null for all, $4 who
UPDATE account_credential
   SET valid_until = least(valid_until, now()), revoked_at = now(), revoked_by = $4, sealed = ''
 WHERE account_id = $1 AND kind = $2 AND version = coalesce($3, version) AND revoked_at IS NULL
RETURNING version;

-- name: empty_all
-- $1 account_id
UPDATE account_credential
   SET valid_until = least(valid_until, now()), revoked_at = coalesce(revoked_at, now()), sealed = ''
 WHERE account_id = $1;

-- name: drop_tokens
-- Tokens got with its secrets.
-- $1 account_id
DELETE FROM account_token WHERE account_id = $1;

-- name: empty_ended
-- A version that ended a day ago is needed by nobody.
UPDATE account_credential SET sealed = ''
 WHERE valid_until < now() - interval '1 day' AND sealed <> '';
