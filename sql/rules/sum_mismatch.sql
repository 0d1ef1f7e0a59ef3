-- rule: sum_mismatch
-- about: account
-- topic: documents
-- unit: count
-- critical: 1
-- ru: покупатели заплатили не ту сумму
-- ru: доставлено за сутки и не сходится: {value} · всего на {roubles} ₽
-- ru: заказы: {numbers}
-- en: customers paid another sum
-- en: delivered in a day and different: {value} · {roubles} RUB in all
-- en: orders: {numbers}
-- Orders delivered within a day whose customers paid, as their marketplace says, another sum than
-- what was picked comes to. A sum that was said before the order was picked is a promise, and what a
-- receiver refused later the marketplace gives back later: neither says anything.
WITH told AS MATERIALIZED (
    SELECT id, account_id, number, delivered_at, paid_total - final_total AS more
      FROM orders
     WHERE paid_total <> final_total AND state = 'delivered' AND paid_at >= picked_at
       AND delivered_at > $1 - interval '1 day' AND delivered_at <= $1
     ORDER BY delivered_at DESC
     LIMIT 1000
)
SELECT differ.*
  FROM (
    SELECT told.account_id, count(*) AS value,
           to_char(sum(abs(told.more)) / 100.0, 'FM999999990.00') AS roubles,
           array_to_string((array_agg(
               told.number || ' (' || to_char(told.more / 100.0, 'FMSG999999990.00') || ')'
               ORDER BY told.delivered_at DESC))[1:5], ', ') AS numbers
      FROM told
     WHERE NOT EXISTS (SELECT FROM order_line AS line
                        WHERE line.order_id = told.id AND line.refused > 0)
     GROUP BY told.account_id
  ) AS differ
 WHERE differ.value >= $2;
