-- rule: acceptance_late
-- about: order
-- topic: orders
-- unit: percent
-- warn: 50
-- critical: 75
-- mute: 30
-- ru: приём не подтверждён
-- ru: прошло {waited} мин из {allowed} · срок {due_at}
-- ru: маркетплейс ещё не знает, попыток: {tries}
-- ru: что делать: orderhub orders show {number}, orderhub outbox
-- en: its acceptance is not confirmed
-- en: {waited} min of {allowed} have passed · due {due_at}
-- en: the marketplace does not know yet, tries: {tries}
-- en: to do: orderhub orders show {number}, orderhub outbox
-- An order that we have not accepted, or of whose acceptance the marketplace has not been told:
-- percent of the time it waits for that before it takes the order away, by the account's
-- `accept_minutes` (what its marketplace publishes, unless somebody said otherwise); where it says none, 10.
WITH unsaid AS (
    SELECT orders.id, 0 AS tries, false AS accepted FROM orders WHERE orders.state = 'received'
     UNION ALL
    SELECT message.order_id, max(item.attempts), true
      FROM queue_item AS item JOIN outbox_message AS message ON message.id = item.id
     WHERE item.queue = 'outbox' AND item.state IN ('waiting', 'leased', 'parked')
       AND item.replay_of IS NULL AND message.kind = 'accepted'
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
     GROUP BY message.order_id
)
SELECT late.*
  FROM (
    SELECT orders.id AS order_id, orders.due_at, allowed.minutes AS allowed,
           CASE WHEN unsaid.accepted THEN unsaid.tries END AS tries,
           floor(extract(epoch FROM $1 - orders.received_at) / 60) AS waited,
           floor(100 * extract(epoch FROM $1 - orders.received_at) / 60 / allowed.minutes) AS value
      FROM unsaid
      JOIN orders ON orders.id = unsaid.id
      JOIN account ON account.id = orders.account_id
     CROSS JOIN LATERAL (
           SELECT coalesce(nullif((account.rules->>'accept_minutes')::integer, 0), 10) AS minutes
           ) AS allowed
     WHERE orders.state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over')
  ) AS late
 WHERE late.value >= $2;
