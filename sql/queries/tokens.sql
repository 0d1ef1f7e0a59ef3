-- Tokens of marketplaces, one asker at a time.

-- name: find
-- $1 account_id, $2 name
SELECT sealed, extract(epoch FROM good_until - now())::float8 AS seconds
  FROM account_token
 WHERE account_id = $1 AND name = $2 AND good_until > now() AND sealed IS NOT NULL;

-- name: claim
-- Whoever gets a row asks; the others wait for what it brings. Nobody gets one for a token that
-- came between looking and this.
-- $1 account_id, $2 name, $3 seconds
INSERT INTO account_token AS token (account_id, name, asking_until)
VALUES ($1, $2, now() + make_interval(secs => $3))
ON CONFLICT (account_id, name) DO UPDATE SET asking_until = excluded.asking_until
 WHERE token.asking_until < now() AND (token.sealed IS NULL OR token.good_until <= now())
RETURNING kept;

-- name: store
-- $1 account_id, $2 name, $3 sealed, $4 kept or null, $5 seconds
UPDATE account_token
   SET sealed = $3, kept = coalesce($4, kept), good_until = now() + make_interval(secs => $5),
       asking_until = '-infinity'
 WHERE account_id = $1 AND name = $2;

-- name: give_up
-- $1 account_id, $2 name
UPDATE account_token SET asking_until = '-infinity' WHERE account_id = $1 AND name = $2;

-- name: drop
-- Only the token that was refused: a newer one may be there already.
-- $1 account_id, $2 name, $3 sealed
UPDATE account_token SET good_until = '-infinity'
 WHERE account_id = $1 AND name = $2 AND sealed = $3;
