-- Secrets at rest, wherever they are, by the key that seals them. A secret is its own name here: what
-- is sealed twice is never the same bytes.

-- name: credentials
-- Sealed by another key than the one $1 begins with, behind a place, some of them.
-- $1 what the first key's begin with, $2 after, $3 limit
SELECT sealed FROM account_credential
 WHERE sealed > $2 AND substring(sealed FROM 1 FOR length($1::bytea)) <> $1
 ORDER BY sealed
 LIMIT $3;

-- name: put_credentials
-- One that was changed meanwhile is left alone.
-- $1 as they were, $2 as they shall be
UPDATE account_credential AS old SET sealed = new.after
  FROM unnest($1::bytea[], $2::bytea[]) AS new (before, after)
 WHERE old.sealed = new.before;

-- name: destinations
-- $1 what the first key's begin with, $2 after, $3 limit
SELECT sealed FROM erp_destination
 WHERE sealed > $2 AND substring(sealed FROM 1 FOR length($1::bytea)) <> $1
 ORDER BY sealed
 LIMIT $3;

-- name: put_destinations
-- $1 as they were, $2 as they shall be
UPDATE erp_destination AS old SET sealed = new.after
  FROM unnest($1::bytea[], $2::bytea[]) AS new (before, after)
 WHERE old.sealed = new.before;

-- name: integrators
-- $1 what the first key's begin with, $2 after, $3 limit
SELECT sealed FROM integrator
 WHERE sealed > $2 AND substring(sealed FROM 1 FOR length($1::bytea)) <> $1
 ORDER BY sealed
 LIMIT $3;

-- name: put_integrators
-- $1 as they were, $2 as they shall be
UPDATE integrator AS old SET sealed = new.after
  FROM unnest($1::bytea[], $2::bytea[]) AS new (before, after)
 WHERE old.sealed = new.before;

-- name: tokens
-- $1 what the first key's begin with, $2 after, $3 limit
SELECT sealed FROM account_token
 WHERE sealed > $2 AND substring(sealed FROM 1 FOR length($1::bytea)) <> $1
 ORDER BY sealed
 LIMIT $3;

-- name: put_tokens
-- $1 as they were, $2 as they shall be
UPDATE account_token AS old SET sealed = new.after
  FROM unnest($1::bytea[], $2::bytea[]) AS new (before, after)
 WHERE old.sealed = new.before;

-- name: refreshers
-- $1 what the first key's begin with, $2 after, $3 limit
SELECT kept AS sealed FROM account_token
 WHERE kept > $2 AND substring(kept FROM 1 FOR length($1::bytea)) <> $1
 ORDER BY kept
 LIMIT $3;

-- name: put_refreshers
-- $1 as they were, $2 as they shall be
UPDATE account_token AS old SET kept = new.after
  FROM unnest($1::bytea[], $2::bytea[]) AS new (before, after)
 WHERE old.kept = new.before;
