-- rule: delivery_buried
-- about: account
-- topic: connection
-- unit: count
-- warn: 1
-- ru: вебхуки, которые нельзя использовать
-- ru: сколько: {value}, причина: {reason}
-- ru: например: {said}
-- ru: что делать: orderhub inbox --dead
-- en: webhooks that cannot be used
-- en: how many: {value}, reason: {reason}
-- en: for example: {said}
-- en: to do: orderhub inbox --dead
-- Authentic deliveries of the last day that we could not use and nobody has replayed.
SELECT buried.*
  FROM (
    SELECT item.account_id || ':' || item.reason AS subject, item.account_id, item.reason,
           left(max(item.last_error), 200) AS said, count(*) AS value
      FROM queue_item AS item
     WHERE item.queue = 'inbox' AND item.state = 'dead'
       AND item.finished_at > $1 - interval '1 day'
       AND NOT EXISTS (SELECT FROM queue_item AS replay
                        WHERE replay.queue = 'inbox' AND replay.replay_of = item.id)
     GROUP BY item.account_id, item.reason
  ) AS buried
 WHERE buried.value >= $2;
