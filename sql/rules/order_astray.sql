-- rule: order_astray
-- about: order
-- topic: orders
-- unit: minutes
-- warn: 180
-- critical: 360
-- silenced by: account_silent delivery_stuck
-- ru: уехал, и о нём ничего не слышно
-- ru: у курьера с {taken_at} · вестей нет {quiet} мин · обещан к {promised_at}
-- ru: что делать: узнать у маркетплейса, доставлен ли он
-- en: has left, and nothing is heard of it
-- en: the courier has had it since {taken_at} · no news for {quiet} min · promised by {promised_at}
-- en: to do: ask the marketplace whether it was delivered
-- An order that its courier took, without news for three hours, and not before the customer's time
-- is over: the marketplace has lost it, or its webhooks do not reach us.
SELECT astray.*
  FROM (
    SELECT orders.id AS order_id, orders.handed_over_at AS taken_at,
           orders.delivery_to AS promised_at,
           floor(extract(epoch FROM $1 - orders.changed_at) / 60) AS quiet,
           floor(extract(epoch FROM $1 - greatest(
               orders.changed_at, orders.delivery_to - interval '3 hours')) / 60) AS value
      FROM orders
     WHERE orders.state = 'handed_over'
  ) AS astray
 WHERE astray.value >= $2;
