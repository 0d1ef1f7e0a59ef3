-- rule: sale_waiting
-- level: warning
-- minutes: 130
-- for: 0
-- A delivered order without its sales document although two hourly runs have passed.
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
 WHERE orders.sale_due AND orders.delivered_at < now() - make_interval(mins => $1);
