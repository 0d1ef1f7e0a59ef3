-- rule: notification_buried
-- about: account
-- topic: connection
-- unit: count
-- warn: 1
-- critical: 5
-- ru: маркетплейс окончательно отклонил уведомления
-- ru: сколько: {buried}, причина: {reason} · первое в {first_at}
-- ru: например: {said}
-- ru: что делать: orderhub outbox --dead
-- en: the marketplace refused notifications for good
-- en: how many: {buried}, reason: {reason} · the first at {first_at}
-- en: for example: {said}
-- en: to do: orderhub outbox --dead
-- Messages of the last day that a marketplace refused for good and nobody has replayed; one that
-- nobody has looked after for half an hour counts for five. What it refused because it was calling
-- the order off itself is no loss to anybody.
SELECT buried.account_id || ':' || buried.reason AS subject, buried.*,
       greatest(buried.buried, CASE WHEN buried.first_at <= $1 - interval '30 minutes' THEN 5 END)
           AS value
  FROM (
    SELECT item.account_id, item.reason, left(max(item.last_error), 200) AS said,
           count(*) AS buried, min(item.finished_at) AS first_at
      FROM queue_item AS item
     WHERE item.queue = 'outbox' AND item.state = 'dead' AND item.reason <> 'account_removed'
       AND item.finished_at > $1 - interval '1 day'
       AND NOT EXISTS (SELECT FROM queue_item AS replay
                        WHERE replay.queue = 'outbox' AND replay.replay_of = item.id)
       AND NOT EXISTS (SELECT FROM outbox_message AS message
                         JOIN orders ON orders.id = message.order_id
                        WHERE message.id = item.id AND orders.cancelled_by = 'marketplace')
     GROUP BY item.account_id, item.reason
  ) AS buried
 WHERE buried.buried >= $2 OR buried.first_at <= $1 - interval '30 minutes';
