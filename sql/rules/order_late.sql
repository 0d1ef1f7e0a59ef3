-- rule: order_late
-- level: critical
-- minutes: 0
-- for: 0
-- A taken order that is not ready although its time came $1 minutes ago. (An order nobody took is
-- order_not_taken's, so that one order is one incident.)
SELECT orders.id::text AS subject, store.merchant_id, orders.store_id, orders.account_id,
       orders.id AS order_id,
       jsonb_build_object(
           'number', orders.number, 'store', store.code, 'account', account.code,
           'timezone', store.timezone, 'due_at', orders.due_at, 'state', orders.state,
           'lines', (SELECT count(*) FROM order_line AS line WHERE line.order_id = orders.id)
       ) AS facts
  FROM orders
  JOIN store ON store.id = orders.store_id
  JOIN account ON account.id = orders.account_id
 WHERE (orders.state IN ('picking', 'picked')
        OR (orders.state = 'accepted'
            AND EXISTS (SELECT FROM pick_job AS job
                         WHERE job.order_id = orders.id AND job.lease_until > now()
                           AND job.state IN ('claimed', 'active', 'paused'))))
   AND orders.due_at < now() - make_interval(mins => $1);
