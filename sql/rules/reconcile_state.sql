-- rule: reconcile_state
-- about: account
-- topic: quality
-- unit: count
-- warn: 1
-- critical: 5
-- ru: у маркетплейса заказы в другом состоянии
-- ru: таких заказов: {value}
-- ru: заказ: у нас / у маркетплейса: {numbers}
-- ru: что делать: orderhub reconcile mismatches; повторить уведомление или уточнить у маркетплейса
-- en: orders are in another state at the marketplace
-- en: orders: {value}
-- en: order: here / there: {numbers}
-- en: to do: orderhub reconcile mismatches; send the notification again, or ask the marketplace
-- Orders that the marketplace lists in another state than it was told, or in one we cannot follow it to,
-- or as paid where that did not help: both sides were still for a while. It ends by itself when a
-- look finds that they agree.
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
       AND open.kind IN ('state', 'paid')
     GROUP BY open.account_id
  ) AS differ
 WHERE differ.value >= $2;
