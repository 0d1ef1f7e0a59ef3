-- rule: reconcile_unknown
-- about: account
-- topic: quality
-- unit: count
-- warn: 1
-- critical: 5
-- ru: заказы есть только у одной стороны
-- ru: таких заказов: {value}
-- ru: заказ: у нас / у маркетплейса: {numbers}
-- ru: что делать: orderhub reconcile mismatches; orderhub inbox --dead
-- en: orders that only one side has
-- en: orders: {value}
-- en: order: here / there: {numbers}
-- en: to do: orderhub reconcile mismatches; orderhub inbox --dead
-- Orders that the marketplace lists and that could not be placed here, what it lists and is no order,
-- and orders of ours that two looks did not find in its list. It ends by itself when a look finds
-- them on both sides, or when ours are over.
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
       AND open.kind IN ('missing', 'absent', 'unreadable')
     GROUP BY open.account_id
  ) AS differ
 WHERE differ.value >= $2;
