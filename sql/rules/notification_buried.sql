-- rule: notification_buried
-- level: critical
-- minutes: 1440
-- for: 0
-- Messages of the last $1 minutes that a marketplace refused for good and nobody has replayed. What
-- it refused because it was calling the order off itself is no loss to anybody.
SELECT item.account_id || ':' || item.reason AS subject, account.merchant_id,
       NULL::uuid AS store_id, account.id AS account_id, NULL::uuid AS order_id,
       jsonb_build_object(
           'account', account.code, 'reason', item.reason, 'count', count(*),
           'said', left(max(item.last_error), 200)
       ) AS facts
  FROM queue_item AS item JOIN account ON account.id = item.account_id
 WHERE item.queue = 'outbox' AND item.state = 'dead'
   AND item.finished_at > now() - make_interval(mins => $1)
   AND NOT EXISTS (SELECT FROM queue_item AS replay
                    WHERE replay.queue = 'outbox' AND replay.replay_of = item.id)
   AND NOT EXISTS (SELECT FROM outbox_message AS message
                     JOIN orders ON orders.id = message.order_id
                    WHERE message.id = item.id AND orders.cancelled_by = 'marketplace')
 GROUP BY item.account_id, item.reason, account.merchant_id, account.id, account.code;
