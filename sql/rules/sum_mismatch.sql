-- rule: sum_mismatch
-- about: account
-- topic: documents
-- unit: count
-- critical: 1
-- ru: покупатели заплатили не ту сумму
-- ru: доставлено или оплачено за сутки и не сходится: {value} · всего на {roubles} ₽
-- ru: заказы: {numbers}
-- ru: что делать: сверить состав с маркетплейсом (orderhub orders show)
-- en: customers paid another sum
-- en: delivered or paid in a day and different: {value} · {roubles} RUB in all
-- en: orders: {numbers}
-- en: to do: compare the goods with the marketplace (orderhub orders show)
-- Orders delivered within a day, or of which within a day a sum was told, whose customers paid, as
-- their marketplace says, another sum than their sales documents, or what was picked, come to: while
-- there is no document, such a sum holds it back, and sale_held tells. A sum that was said before the order was picked is a promise and says
-- nothing; goods a receiver refused were paid for and are given back later; what the delivery costs
-- may be in it; and what somebody let pass is none.
WITH told AS MATERIALIZED (
    SELECT orders.id, orders.account_id, orders.number, orders.delivered_at, orders.paid_total,
           orders.final_total - orders.discount AS ours, orders.delivery_fee AS fee, rule.tolerance
      FROM orders
      JOIN account ON account.id = orders.account_id
     CROSS JOIN LATERAL (
         SELECT coalesce((account.rules ->> 'sum_tolerance')::bigint, 0) AS tolerance) AS rule
     WHERE orders.state = 'delivered' AND NOT orders.sale_due
       AND orders.paid_total <> orders.final_total - orders.discount  -- orders_sum_apart_idx
       AND orders.paid_at >= coalesce(orders.picked_at, orders.handed_over_at, orders.delivered_at)
       AND rule.tolerance < least(
               abs(orders.paid_total - orders.final_total + orders.discount),
               abs(orders.paid_total - orders.final_total + orders.discount - orders.delivery_fee))
       AND greatest(orders.delivered_at, orders.paid_at) > $1 - interval '1 day'
       AND greatest(orders.delivered_at, orders.paid_at) <= $1
     ORDER BY greatest(orders.delivered_at, orders.paid_at) DESC
     LIMIT 2000
)
SELECT differ.*
  FROM (
    SELECT told.account_id, count(*) AS value,
           to_char(sum(abs(apart.more)) / 100.0, 'FM999999990.00') AS roubles,
           array_to_string((array_agg(
               told.number || ' (' || to_char(apart.more / 100.0, 'FMSG999999990.00') || ')'
               ORDER BY told.delivered_at DESC))[1:5], ', ') AS numbers
      FROM told
     CROSS JOIN LATERAL (
         SELECT coalesce(sum(CASE line.unit WHEN 'piece' THEN line.price * line.refused
                    ELSE (2 * line.price * line.picked_grams + line.unit_grams)
                         / (2 * line.unit_grams) - line.total END), 0)::bigint AS refused
           FROM order_line AS line
          WHERE line.order_id = told.id AND line.refused > 0) AS given_back
     CROSS JOIN LATERAL (
         SELECT sum(document.total) AS total
           FROM document JOIN document_kind USING (kind)
          WHERE document.order_id = told.id AND document_kind.sold) AS issued
     CROSS JOIN LATERAL (
         SELECT told.paid_total - coalesce(issued.total, told.ours) AS more,
                least(abs(told.paid_total - issued.total),
                      abs(told.paid_total - told.ours - refused),
                      abs(told.paid_total - told.ours - refused - told.fee)) AS off) AS apart
     WHERE apart.off > told.tolerance
       AND NOT EXISTS (SELECT FROM sale_waiver AS waiver
                        WHERE waiver.order_id = told.id AND waiver.problem = 'sum')
     GROUP BY told.account_id
  ) AS differ
 WHERE differ.value >= $2;
