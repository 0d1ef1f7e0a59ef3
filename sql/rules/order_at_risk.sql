-- rule: order_at_risk
-- about: order
-- topic: orders
-- unit: percent
-- warn: 100
-- clear: 85
-- for: 60
-- silenced by: order_stuck
-- ru: не успеет к сроку
-- ru: осталось позиций: {left} из {lines} · нужно {needed} мин · срок {due_at}
-- ru: темп магазина: {pace} с на позицию
-- en: will be late at this pace
-- en: {left} of {lines} lines left · needs {needed} min · due {due_at}
-- en: the store's pace: {pace} s a line
-- A taken order whose open lines take longer at the store's pace than there is time: percent of it.
-- The pace is what the store needed for a line in the last 14 days; where fewer than five orders say
-- it, 30 seconds. (One that is late already is order_late's.)
WITH taken AS MATERIALIZED (
    SELECT orders.id, orders.due_at, line.lines, line.open,
           CASE WHEN pace.orders >= 5 THEN least(greatest(pace.line_seconds, 5), 300)
                ELSE 30 END AS pace
      FROM orders
      LEFT JOIN store_pace AS pace ON pace.store_id = orders.store_id
     CROSS JOIN LATERAL (
           SELECT count(*) AS lines, count(*) FILTER (WHERE state = 'todo') AS open
             FROM order_line
            WHERE order_id = orders.id
              AND coalesce(reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS line
     WHERE orders.due_at > $1 AND orders.due_at < $1 + interval '2 hours'
       AND (orders.state = 'picking'
            OR (orders.state = 'accepted'
                AND EXISTS (SELECT FROM pick_job AS job
                             WHERE job.order_id = orders.id AND job.lease_until > $1
                               AND job.state IN ('claimed', 'active', 'paused'))))
)
SELECT risky.*
  FROM (
    SELECT id AS order_id, due_at, lines, open AS left, round(pace::numeric) AS pace,
           ceil(open * pace / 60) AS needed,
           floor(100 * open * pace / extract(epoch FROM due_at - $1)) AS value
      FROM taken
  ) AS risky
 WHERE risky.value >= $2;
