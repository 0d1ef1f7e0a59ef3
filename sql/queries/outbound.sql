-- The switch for everything that goes out; the claims of every lane look at it themselves.

-- name: hold
-- No row comes back when everything is held already.
-- $1 reason, $2 who
INSERT INTO outbound_hold (reason, held_by) VALUES ($1, $2)
    ON CONFLICT ((true)) WHERE released_at IS NULL DO NOTHING
RETURNING id;

-- name: release
-- $1 who
UPDATE outbound_hold SET released_at = now(), released_by = $1
 WHERE released_at IS NULL
RETURNING reason, held_at, held_by, released_at, released_by;

-- name: hurry
-- What was put off because nobody could be asked is due now.
UPDATE queue_item SET due_at = now()
 WHERE queue IN ('inbox', 'outbox') AND state = 'waiting' AND reason = 'paced' AND due_at > now();

-- name: held
SELECT reason, held_at, held_by, released_at, released_by
  FROM outbound_hold WHERE released_at IS NULL;

-- name: history
-- The newest first.
-- $1 limit
SELECT reason, held_at, held_by, released_at, released_by
  FROM outbound_hold ORDER BY id DESC LIMIT $1;
