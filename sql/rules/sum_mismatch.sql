-- rule: sum_mismatch
-- about: account
-- topic: documents
-- unit: count
-- critical: 1
-- ru: покупатели заплатили не ту сумму
-- ru: доставлено за сутки и не сходится: {value} · всего на {roubles} ₽
-- ru: заказы: {numbers}
-- ru: что делать: сверить состав с маркетплейсом (orderhub orders show)
-- en: customers paid another sum
-- en: delivered in a day and different: {value} · {roubles} RUB in all
-- en: orders: {numbers}
-- en: to do: compare the goods with the marketplace (orderhub orders show)
-- Orders delivered within a day whose customers paid, as their marketplace says, another sum than
-- what was picked comes to. A sum that was said before the order was picked is a promise and says
-- nothing; goods a receiver refused were paid for and are given back later.
WITH told AS MATERIALIZED (
    SELECT id, account_id, number, delivered_at, paid_total - final_total AS more
      FROM orders
     WHERE paid_total <> final_total AND state = 'delivered' AND paid_at >= picked_at
       AND delivered_at > $1 - interval '1 day' AND delivered_at <= $1
     ORDER BY delivered_at DESC
     LIMIT 2000
)
SELECT differ.*
  FROM (
    SELECT told.account_id, count(*) AS value,
           to_char(sum(abs(told.more)) / 100.0, 'FM999999990.00') AS roubles,
           array_to_string((array_agg(
               told.number || ' (' || to_char(told.more / 100.0, 'FMSG999999990.00') || ')'
               ORDER BY told.delivered_at DESC))[1:5], ', ') AS numbers
      FROM told
     CROSS JOIN LATERAL (
         SELECT coalesce(sum(CASE line.unit WHEN 'piece' THEN line.price * line.refused
                    ELSE (2 * line.price * line.picked_grams + line.unit_grams)
                         / (2 * line.unit_grams) - line.total END), 0) AS refused
           FROM order_line AS line
          WHERE line.order_id = told.id AND line.refused > 0) AS given_back
     WHERE told.more <> given_back.refused
     GROUP BY told.account_id
  ) AS differ
 WHERE differ.value >= $2;
