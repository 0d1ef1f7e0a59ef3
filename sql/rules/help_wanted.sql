-- rule: help_wanted
-- level: warning
-- minutes: 0
-- for: 0
-- A picker asked for help $1 minutes ago or earlier, and no supervisor has closed the call.
SELECT help.id::text AS subject, store.merchant_id, help.store_id, orders.account_id,
       help.order_id,
       jsonb_strip_nulls(jsonb_build_object(
           'number', orders.number, 'store', store.code, 'timezone', store.timezone,
           'badge', picker.badge, 'asked_at', help.at, 'line', line.name,
           'text', left(help.text, 300)
       )) AS facts
  FROM help_request AS help
  JOIN store ON store.id = help.store_id
  JOIN picker ON picker.id = help.picker_id
  LEFT JOIN orders ON orders.id = help.order_id
  LEFT JOIN order_line AS line ON line.id = help.line_id
 WHERE help.closed_at IS NULL AND help.at <= now() - make_interval(mins => $1);
