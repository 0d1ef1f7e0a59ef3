-- rule: delivery_stuck
-- level: critical
-- minutes: 5
-- for: 0
-- Deliveries that should have been processed $1 minutes ago: they fail again and again, or nobody
-- works on them. Events that wait for their order are not stuck.
SELECT item.account_id::text AS subject, account.merchant_id, NULL::uuid AS store_id,
       account.id AS account_id, NULL::uuid AS order_id,
       jsonb_build_object(
           'account', account.code, 'count', count(*),
           'reason', coalesce(max(item.reason), 'not begun'),
           'said', left(coalesce(max(item.last_error), ''), 200)
       ) AS facts
  FROM queue_item AS item JOIN account ON account.id = item.account_id
 WHERE item.queue = 'inbox' AND item.state IN ('waiting', 'leased') AND account.active
   AND item.created_at < now() - make_interval(mins => $1)
 GROUP BY item.account_id, account.merchant_id, account.id, account.code;
