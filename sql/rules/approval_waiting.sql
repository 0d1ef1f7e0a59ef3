-- rule: approval_waiting
-- about: line
-- topic: orders
-- unit: minutes
-- warn: 4
-- critical: 8
-- silenced by: notifications_failing
-- ru: покупатель не ответил о замене
-- ru: {line}
-- ru: ждём {value} мин · ответ до {answer_at} · срок заказа {due_at}
-- ru: что делать: позвонить покупателю и решить за него
-- en: no answer about a replacement
-- en: {line}
-- en: asked {value} min ago · answer by {answer_at} · the order is due {due_at}
-- en: to do: call the customer and decide for them
-- A replacement that a customer was asked about, and nobody has decided. The question was asked as
-- long before its end as the account's `decide_minutes` say (5 where they say nothing).
SELECT asked.*
  FROM (
    SELECT line.id AS subject, orders.id AS order_id, line.name AS line,
           line.decide_by AS answer_at, orders.due_at,
           floor(extract(epoch FROM $1 - line.decide_by) / 60
                 + coalesce((account.rules->>'decide_minutes')::integer, 5)) AS value
      FROM order_line AS line
      JOIN orders ON orders.id = line.order_id
      JOIN account ON account.id = orders.account_id
     WHERE line.state = 'proposed' AND line.decide_by IS NOT NULL AND line.replaces IS NULL
       AND orders.state = 'picking'
  ) AS asked
 WHERE asked.value >= $2;
