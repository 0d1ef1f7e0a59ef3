-- rule: delivery_buried
-- about: account
-- topic: connection
-- unit: count
-- warn: 1
-- critical: 5
-- ru: вебхуки, которые нельзя использовать
-- ru: сколько: {buried}, причина: {reason} · первый в {first_at}
-- ru: например: {said}
-- ru: что делать: orderhub inbox --dead
-- en: webhooks that cannot be used
-- en: how many: {buried}, reason: {reason} · the first at {first_at}
-- en: for example: {said}
-- en: to do: orderhub inbox --dead
-- Authentic deliveries of the last day that we could not use and nobody has replayed; one that
-- nobody has looked after for half an hour counts for five.
SELECT buried.account_id || ':' || buried.reason AS subject, buried.*,
       greatest(buried.buried, CASE WHEN buried.first_at <= $1 - interval '30 minutes' THEN 5 END)
           AS value
  FROM (
    SELECT item.account_id, item.reason, left(max(item.last_error), 200) AS said,
           count(*) AS buried, min(item.finished_at) AS first_at
      FROM queue_item AS item
     WHERE item.queue = 'inbox' AND item.state = 'dead' AND item.reason <> 'account_removed'
       AND item.finished_at > $1 - interval '1 day'
       AND NOT EXISTS (SELECT FROM queue_item AS replay
                        WHERE replay.queue = 'inbox' AND replay.replay_of = item.id)
     GROUP BY item.account_id, item.reason
  ) AS buried
 WHERE buried.buried >= $2 OR buried.first_at <= $1 - interval '30 minutes';
