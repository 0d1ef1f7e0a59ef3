-- rule: notification_buried
-- about: account
-- topic: connection
-- unit: count
-- critical: 1
-- ru: маркетплейс окончательно отклонил уведомления
-- ru: сколько: {value}, причина: {reason}
-- ru: например: {said}
-- ru: что делать: orderhub outbox --dead
-- en: the marketplace refused notifications for good
-- en: how many: {value}, reason: {reason}
-- en: for example: {said}
-- en: to do: orderhub outbox --dead
-- Messages of the last day that a marketplace refused for good and nobody has replayed. What it
-- refused because it was calling the order off itself is no loss to anybody.
SELECT buried.*
  FROM (
    SELECT item.account_id || ':' || item.reason AS subject, item.account_id, item.reason,
           left(max(item.last_error), 200) AS said, count(*) AS value
      FROM queue_item AS item
     WHERE item.queue = 'outbox' AND item.state = 'dead'
       AND item.finished_at > $1 - interval '1 day'
       AND NOT EXISTS (SELECT FROM queue_item AS replay
                        WHERE replay.queue = 'outbox' AND replay.replay_of = item.id)
       AND NOT EXISTS (SELECT FROM outbox_message AS message
                         JOIN orders ON orders.id = message.order_id
                        WHERE message.id = item.id AND orders.cancelled_by = 'marketplace')
     GROUP BY item.account_id, item.reason
  ) AS buried
 WHERE buried.value >= $2;
