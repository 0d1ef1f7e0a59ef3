-- How fast the bot speaks, for all processes together: app/domain/pace.py reckons, rows remember.

-- name: know
-- $1 chat_id
INSERT INTO telegram_pace (chat_id) VALUES (0), ($1) ON CONFLICT DO NOTHING;

-- name: lock
-- The bot's row and the chat's, always in the same order.
-- $1 chat_id
SELECT chat_id, arrival, group_arrival, closed_at, closed_until FROM telegram_pace
 WHERE chat_id IN (0, $1) ORDER BY chat_id FOR UPDATE;

-- name: clock
-- Read once the rows are ours. Losing the last turns with the server is no harm: no wait for disks.
SELECT clock_timestamp() AS now, set_config('synchronous_commit', 'off', true);

-- name: take
-- $1 chat_id, $2 the bot's arrival, $3 the chat's, $4 the group's
UPDATE telegram_pace
   SET arrival = CASE chat_id WHEN 0 THEN $2::timestamptz ELSE $3 END,
       group_arrival = CASE chat_id WHEN 0 THEN group_arrival ELSE $4 END
 WHERE chat_id IN (0, $1);

-- name: close
-- $1 chat_id, $2 seconds
INSERT INTO telegram_pace AS pace (chat_id, closed_at, closed_until)
VALUES ($1, clock_timestamp(), clock_timestamp() + make_interval(secs => $2))
    ON CONFLICT (chat_id) DO UPDATE
   SET closed_at = excluded.closed_at,
       closed_until = greatest(excluded.closed_until, pace.closed_until);

-- name: closed_now
-- Chats that Telegram asked patience with just now, and the seconds until the first opens.
SELECT count(*) AS chats,
       extract(epoch FROM min(closed_until) - clock_timestamp())::float8 AS seconds
  FROM telegram_pace
 WHERE chat_id <> 0 AND closed_until > clock_timestamp()
   AND closed_at BETWEEN clock_timestamp() - interval '2 seconds' AND clock_timestamp();
