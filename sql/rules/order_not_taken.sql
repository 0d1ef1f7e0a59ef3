-- rule: order_not_taken
-- level: critical
-- minutes: 10
-- for: 0
-- An accepted order that no picker holds: waiting for $1 minutes, or due within 25. A planned
-- order begins to wait two hours before it is due.
SELECT orders.id::text AS subject, store.merchant_id, orders.store_id, orders.account_id,
       orders.id AS order_id,
       jsonb_build_object(
           'number', orders.number, 'store', store.code, 'account', account.code,
           'timezone', store.timezone, 'due_at', orders.due_at, 'state', orders.state,
           'waits', floor(extract(epoch FROM now() - orders.accepted_at) / 60)::int,
           'lines', (SELECT count(*) FROM order_line AS line WHERE line.order_id = orders.id)
       ) AS facts
  FROM orders
  JOIN store ON store.id = orders.store_id
  JOIN account ON account.id = orders.account_id
 WHERE orders.state IN ('received', 'accepted')
   AND NOT EXISTS (SELECT FROM pick_job AS job
                    WHERE job.order_id = orders.id AND job.lease_until > now()
                      AND job.state IN ('claimed', 'active', 'paused'))
   AND (greatest(orders.accepted_at, orders.due_at - interval '2 hours')
            < now() - make_interval(mins => $1)
        OR orders.due_at < now() + interval '25 minutes');
