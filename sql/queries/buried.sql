-- What is buried and not replayed, by what it died of.

-- name: groups
-- One line for a queue, an account (or a destination of documents), a reason and a sentence without
-- what differs from row to row; the largest first, with its latest rows.
-- $1 queue or null, $2 account's code or null, $3 since, $4 until, $5 limit
WITH dead AS MATERIALIZED (
    SELECT item.queue, item.id, item.account_id, item.destination_id, item.reason, item.finished_at,
           coalesce(cause_of(item.last_error), '') AS cause
      FROM queue_item AS item
     WHERE item.queue IN ('inbox', 'outbox', 'erp_outbox') AND item.state = 'dead'
       AND ($1::text IS NULL OR item.queue = $1)
       AND item.finished_at >= $3 AND item.finished_at < $4
       AND NOT EXISTS (SELECT FROM queue_item AS replay
                        WHERE replay.queue = item.queue AND replay.replay_of = item.id)
)
SELECT dead.queue, coalesce(account.code, destination.code, '') AS account, dead.reason, dead.cause,
       count(*)::integer AS rows, min(dead.finished_at) AS first_at, max(dead.finished_at) AS last_at,
       (array_agg(dead.id ORDER BY dead.finished_at DESC))[1:3] AS examples
  FROM dead
  LEFT JOIN account ON account.id = dead.account_id
  LEFT JOIN erp_destination AS destination ON destination.id = dead.destination_id
 WHERE $2::text IS NULL OR account.code = $2 OR destination.code = $2
 GROUP BY 1, 2, 3, 4
 ORDER BY rows DESC, last_at DESC, 1, 2, 3, 4
 LIMIT $5;
