-- rule: order_late
-- about: order
-- topic: orders
-- unit: minutes
-- critical: 0
-- ru: опаздывает
-- ru: опоздание {value} мин · срок {due_at} · собрано позиций: {done} из {lines}
-- ru: {state}
-- en: is late
-- en: {value} min late · due {due_at} · {done} of {lines} lines picked
-- en: {state}
-- A taken order that is not ready although its time has come. (An order nobody took is
-- order_not_taken's, so that one order is one incident.)
SELECT late.*
  FROM (
    SELECT orders.id AS order_id, orders.due_at, orders.state,
           (SELECT count(*) FROM order_line AS line
             WHERE line.order_id = orders.id
               AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS lines,
           (SELECT count(*) FROM order_line AS line
             WHERE line.order_id = orders.id AND line.state NOT IN ('todo', 'proposed')
               AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS done,
           floor(extract(epoch FROM $1 - orders.due_at) / 60) AS value
      FROM orders
     WHERE orders.due_at <= $1
       AND (orders.state IN ('picking', 'picked')
            OR (orders.state = 'accepted'
                AND EXISTS (SELECT FROM pick_job AS job
                             WHERE job.order_id = orders.id AND job.lease_until > $1
                               AND job.state IN ('claimed', 'active', 'paused'))))
  ) AS late
 WHERE late.value >= $2;
