-- name: take
-- The bot is this process's to talk for, unless another's lease lasts, or nobody is to be talked to.
-- $1 bot_id, $2 owner, $3 lease seconds
INSERT INTO telegram_bot AS bot (bot_id, owner, epoch, lease_until)
SELECT $1, $2, 1, now() + make_interval(secs => $3)
 WHERE NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
ON CONFLICT (bot_id) DO UPDATE
   SET owner = $2, epoch = bot.epoch + 1, lease_until = now() + make_interval(secs => $3)
 WHERE bot.lease_until < now()
RETURNING epoch, username, hook_url, hook_path IS NOT NULL AS hooked, menu;

-- name: keep
-- No row comes back when somebody else took over, or nobody is to be talked to.
-- $1 bot_id, $2 epoch, $3 lease seconds
UPDATE telegram_bot SET lease_until = now() + make_interval(secs => $3)
 WHERE bot_id = $1 AND epoch = $2
   AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
RETURNING bot_id;

-- name: leave
-- $1 bot_id, $2 epoch
UPDATE telegram_bot SET lease_until = '-infinity', owner = NULL WHERE bot_id = $1 AND epoch = $2;

-- name: name
-- $1 bot_id, $2 epoch, $3 username, $4 hash of the menu that is shown
UPDATE telegram_bot SET username = $3, menu = $4 WHERE bot_id = $1 AND epoch = $2;

-- name: hook
-- An address that Telegram does not know yet has no hook_url.
-- $1 bot_id, $2 epoch, $3 url or null, $4 hash of the path's secret, $5 hash of the header's
UPDATE telegram_bot SET hook_url = $3, hook_path = $4, hook_token = $5
 WHERE bot_id = $1 AND epoch = $2;

-- name: confirm_hook
-- $1 bot_id, $2 epoch, $3 url
UPDATE telegram_bot SET hook_url = $3 WHERE bot_id = $1 AND epoch = $2;

-- name: hooks
SELECT bot_id, hook_path, hook_token FROM telegram_bot WHERE hook_path IS NOT NULL;

-- name: username
-- $1 bot_id
SELECT username FROM telegram_bot WHERE bot_id = $1;

-- name: offset
-- What to fetch from: after the last one that came. After a quiet week Telegram begins to count
-- anew, maybe lower: then whatever it has.
-- $1 bot_id
SELECT update_id + 1 FROM telegram_update
 WHERE bot_id = $1 AND received_at > now() - interval '6 days'
 ORDER BY received_at DESC, update_id DESC LIMIT 1;

-- name: store
-- $1 bot_id, $2 update ids, $3 bodies
INSERT INTO telegram_update (bot_id, update_id, body)
SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])
    ON CONFLICT DO NOTHING
RETURNING update_id;

-- name: claim
-- The oldest that is due; should we die over it, it is due again in $2 seconds. None while what goes out
-- is held: an answer would.
-- $1 bot_id, $2 seconds
UPDATE telegram_update AS taken
   SET attempts = taken.attempts + 1, due_at = now() + make_interval(secs => $2)
  FROM (SELECT bot_id, update_id FROM telegram_update
         WHERE done_at IS NULL AND due_at <= now() AND bot_id = $1
           AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
         ORDER BY update_id LIMIT 1
           FOR UPDATE SKIP LOCKED) AS first
 WHERE taken.bot_id = first.bot_id AND taken.update_id = first.update_id
RETURNING taken.bot_id, taken.update_id, taken.body, taken.attempts;

-- name: hold
-- Still ours to handle; nobody else handles it until the transaction ends.
-- $1 bot_id, $2 update_id, $3 attempts
SELECT true FROM telegram_update
 WHERE bot_id = $1 AND update_id = $2 AND attempts = $3 AND done_at IS NULL
   FOR UPDATE;

-- name: finish
-- $1 bot_id, $2 update_id, $3 outcome
UPDATE telegram_update SET done_at = now(), outcome = $3
 WHERE bot_id = $1 AND update_id = $2 AND done_at IS NULL;

-- name: put_off
-- $1 bot_id, $2 update_id, $3 attempts, $4 seconds
UPDATE telegram_update SET due_at = now() + make_interval(secs => $4)
 WHERE bot_id = $1 AND update_id = $2 AND attempts = $3 AND done_at IS NULL;
