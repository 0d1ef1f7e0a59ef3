-- rule: reconcile_late
-- about: account
-- topic: connection
-- unit: times
-- warn: 3
-- critical: 8
-- silenced by: notifications_failing key_refused
-- ru: сверка заказов с маркетплейсом отстаёт
-- ru: сверено по {covered} · отстаёт на {lag} мин, должна идти раз в {minutes} мин
-- ru: ошибка: {trouble}
-- ru: что делать: orderhub reconcile; проверить доступ к списку заказов маркетплейса
-- en: comparing orders with the marketplace is behind
-- en: compared up to {covered} · {lag} min behind, due every {minutes} min
-- en: error: {trouble}
-- en: to do: orderhub reconcile; look at the access to the marketplace's list of orders
-- Accounts whose orders are to be compared, and were not for so many times reconcile_minutes: what
-- never arrived since is not known. (Less often than every five minutes counts as five.) An account
-- whose orders cannot be listed says so in orderhub reconcile and is not late.
SELECT late.*
  FROM (
    SELECT standing.account_id, rule.minutes, coalesce(standing.trouble, '') AS trouble,
           done.until AS covered, floor(extract(epoch FROM $1 - done.until) / 60) AS lag,
           round(extract(epoch FROM $1 - done.until) / 60 / greatest(rule.minutes, 5), 1) AS value
      FROM reconciliation AS standing
      JOIN account ON account.id = standing.account_id
     CROSS JOIN LATERAL (
        SELECT coalesce((account.rules ->> 'reconcile_minutes')::integer, 15) AS minutes) AS rule
     CROSS JOIN LATERAL (
        SELECT greatest(standing.covered_until, standing.known_at) AS until) AS done
     WHERE account.active AND account.removed_at IS NULL
       AND rule.minutes > 0 AND standing.unlisted IS NULL
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
  ) AS late
 WHERE late.value >= $2;
