-- rule: delivery_buried
-- level: warning
-- minutes: 1440
-- for: 0
-- Authentic deliveries of the last $1 minutes that we could not use and nobody has replayed.
SELECT item.account_id || ':' || item.reason AS subject, account.merchant_id,
       NULL::uuid AS store_id, account.id AS account_id, NULL::uuid AS order_id,
       jsonb_build_object(
           'account', account.code, 'reason', item.reason, 'count', count(*),
           'said', left(max(item.last_error), 200)
       ) AS facts
  FROM queue_item AS item JOIN account ON account.id = item.account_id
 WHERE item.queue = 'inbox' AND item.state = 'dead'
   AND item.finished_at > now() - make_interval(mins => $1)
   AND NOT EXISTS (SELECT FROM queue_item AS replay
                    WHERE replay.queue = 'inbox' AND replay.replay_of = item.id)
 GROUP BY item.account_id, item.reason, account.merchant_id, account.id, account.code;
