-- name: look
-- How the hub itself is: each part reads one partial index or a table of a few rows. Times are null
-- when all is well.
-- $1 now, $2 seconds a critical incident may be in no chat
SELECT (SELECT greatest(max(run.at), (SELECT max(applied_at) FROM schema_migration))
          FROM rule_run AS run) AS watched_at,
       unseen.since AS unseen_since, unseen.times AS unseen,
       telegram.since AS telegram_since, telegram.times AS telegram,
       inbox.since AS inbox_since, outbox.since AS outbox_since,
       lost.since AS lost_since, lost.titles AS lost
  FROM (SELECT min(hearing.since) AS since, count(*) AS times
          FROM incident JOIN incident_hearing AS hearing USING (id)
         WHERE incident.state <> 'resolved' AND incident.state = 'firing'
           AND incident.level = 'critical' AND incident.parent_id IS NULL
           AND incident.silenced_by IS NULL AND coalesce(incident.muted_until <= $1, true)
           AND hearing.since <= $1::timestamptz - $2::float8 * interval '1 second'
           AND NOT hearing.seen) AS unseen,
       (SELECT min(message.created_at) AS since, count(*) AS times
          FROM telegram_outbox AS item JOIN telegram_message AS message USING (id)
         WHERE item.state IN ('waiting', 'leased', 'parked') AND message.kind <> 'digest'
           AND coalesce(item.reason, '') NOT IN ('paced', 'remote_busy')
           AND message.created_at <= $1) AS telegram,
       (SELECT min(item.due_at) AS since FROM inbox AS item
         WHERE item.state IN ('waiting', 'leased')
           AND item.due_at <= $1
           AND NOT EXISTS (SELECT FROM inbox AS first
                            WHERE first.state IN ('waiting', 'leased', 'parked')
                              AND first.fifo_key = item.fifo_key AND first.seq < item.seq)
       ) AS inbox,
       (SELECT min(item.due_at) AS since FROM outbox AS item
         WHERE item.state IN ('waiting', 'leased')
           AND item.due_at <= $1
           AND NOT EXISTS (SELECT FROM outbox AS first
                            WHERE first.state IN ('waiting', 'leased', 'parked')
                              AND first.fifo_key = item.fifo_key AND first.seq < item.seq)
       ) AS outbox,
       (SELECT min(chat.disabled_at) AS since,
               array_agg(chat.title ORDER BY chat.title) AS titles
          FROM telegram_chat AS chat
         WHERE chat.disabled_at IS NOT NULL
           AND (EXISTS (SELECT FROM merchant WHERE merchant.telegram_chat = chat.chat_id)
             OR EXISTS (SELECT FROM store WHERE store.telegram_chat = chat.chat_id)
             OR EXISTS (SELECT FROM telegram_route AS route
                         WHERE route.chat_id = chat.chat_id))) AS lost;
