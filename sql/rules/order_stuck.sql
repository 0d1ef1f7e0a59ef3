-- rule: order_stuck
-- about: order
-- topic: orders
-- unit: times
-- warn: 1
-- critical: 2
-- silenced by: order_late
-- ru: застрял
-- ru: {quiet} мин без движения · {state} · срок {due_at}
-- ru: курьер ждёт с {courier_at}
-- ru: что делать: спросить в магазине; заказ может взять другой сборщик
-- en: is stuck
-- en: nothing has happened for {quiet} min · {state} · due {due_at}
-- en: the courier has been waiting since {courier_at}
-- en: to do: ask the store; another picker may take the order
-- Nothing happens to an order in the shop's hands: 15 minutes while it is picked, 10 while its
-- courier stands there; how many times that. A picker's every write counts, also one that adds
-- nothing; somebody who pauses is waited for until the pause ends. That a courier has left is the
-- marketplace's news: while its account is silent, nobody knows of those who might still stand there.
WITH write AS MATERIALIZED (
    SELECT order_id, max(lease_until - CASE state WHEN 'paused' THEN interval '0'
                                                  ELSE interval '10 minutes' END) AS at
      FROM pick_job
     WHERE state IN ('claimed', 'active', 'paused')
     GROUP BY order_id
)
SELECT stuck.*
  FROM (
    SELECT orders.id AS order_id, orders.due_at, orders.state,
           CASE WHEN orders.state = 'ready' THEN orders.courier_arrived_at END AS courier_at,
           floor(quiet.minutes) AS quiet,
           floor(100 * quiet.minutes / CASE orders.state WHEN 'ready' THEN 10 ELSE 15 END) / 100
               AS value
      FROM orders
      LEFT JOIN write ON write.order_id = orders.id
     CROSS JOIN LATERAL (
           SELECT extract(epoch FROM $1 - greatest(orders.changed_at, write.at)) / 60 AS minutes
           ) AS quiet
     WHERE orders.state IN ('picking', 'picked')
        OR (orders.state = 'ready' AND orders.courier = 'arrived'
            AND NOT EXISTS (SELECT FROM incident AS silence
                             WHERE silence.rule = 'account_silent' AND silence.state <> 'resolved'
                               AND silence.account_id = orders.account_id
                               AND silence.seen_at < orders.changed_at + interval '10 minutes'))
  ) AS stuck
 WHERE stuck.value >= $2;
