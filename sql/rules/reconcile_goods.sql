-- rule: reconcile_goods
-- about: account
-- topic: quality
-- unit: count
-- warn: 1
-- critical: 5
-- ru: у маркетплейса другой состав или другая сумма
-- ru: таких заказов: {value}
-- ru: заказ: у нас / у маркетплейса: {numbers}
-- ru: что делать: orderhub reconcile mismatches; сверить состав до того, как уйдут документы
-- en: the marketplace has other goods or another sum
-- en: orders: {value}
-- en: order: here / there: {numbers}
-- en: to do: orderhub reconcile mismatches; compare the goods before documents go out
-- Orders whose composition or sum the marketplace lists otherwise than they were picked, beyond
-- sum_tolerance. It ends by itself when a look finds that they agree.
SELECT differ.*
  FROM (
    SELECT open.account_id, count(DISTINCT open.order_ref) AS value,
           array_to_string((array_agg(
               coalesce(orders.number, open.order_ref) || ': ' || open.said_ours || ' / '
               || open.said_theirs ORDER BY open.told_at DESC))[1:5], '; ') AS numbers
      FROM reconciliation_mismatch AS open
      JOIN account ON account.id = open.account_id AND account.active
      LEFT JOIN orders ON orders.id = open.order_id
     WHERE open.resolved_at IS NULL AND open.told_at <= $1
       AND open.kind IN ('composition', 'sum')
     GROUP BY open.account_id
  ) AS differ
 WHERE differ.value >= $2;
