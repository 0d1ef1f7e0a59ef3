-- rule: order_at_risk
-- about: order
-- topic: orders
-- unit: percent
-- warn: 100
-- clear: 85
-- for: 60
-- ru: не успеет к сроку
-- ru: осталось позиций: {left} из {lines} · нужно {needed} мин · срок {due_at}
-- ru: темп магазина: {pace} с на позицию
-- en: will be late at this pace
-- en: {left} of {lines} lines left · needs {needed} min · due {due_at}
-- en: the store's pace: {pace} s a line
-- A taken order whose open lines take longer at the store's pace than there is time: percent of it.
-- The pace is the median of the store's last 24 hours in which it picked, of at most 14 days; where
-- fewer than five orders say it, 30 seconds a line. (One that is late already is order_late's.)
WITH taken AS MATERIALIZED (
    SELECT orders.id, orders.store_id, orders.due_at, line.lines, line.open
      FROM orders
     CROSS JOIN LATERAL (
           SELECT count(*) AS lines, count(*) FILTER (WHERE state = 'todo') AS open
             FROM order_line
            WHERE order_id = orders.id
              AND coalesce(reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS line
     WHERE orders.due_at > $1 AND orders.due_at < $1 + interval '3 hours'
       AND (orders.state = 'picking'
            OR (orders.state = 'accepted'
                AND EXISTS (SELECT FROM pick_job AS job
                             WHERE job.order_id = orders.id AND job.lease_until > $1
                               AND job.state IN ('claimed', 'active', 'paused'))))
), pace AS (
    SELECT shop.store_id,
           CASE WHEN recent.orders >= 5 THEN least(greatest(recent.seconds, 5), 300)
                ELSE 30 END AS seconds
      FROM (SELECT DISTINCT store_id FROM taken) AS shop
     CROSS JOIN LATERAL (
           SELECT sum(picked) AS orders,
                  percentile_cont(0.5) WITHIN GROUP (ORDER BY pick_seconds::float8 / lines)
                      AS seconds
             FROM (SELECT picked, pick_seconds, lines
                     FROM store_hour
                    WHERE store_id = shop.store_id AND hour <= $1
                      AND hour > $1 - interval '14 days' AND picked > 0 AND lines > 0
                    ORDER BY hour DESC LIMIT 24) AS hours) AS recent
)
SELECT risky.*
  FROM (
    SELECT taken.id AS order_id, taken.due_at, taken.lines, taken.open AS left,
           round(pace.seconds::numeric) AS pace, ceil(taken.open * pace.seconds / 60) AS needed,
           floor(100 * taken.open * pace.seconds / extract(epoch FROM taken.due_at - $1)) AS value
      FROM taken JOIN pace USING (store_id)
  ) AS risky
 WHERE risky.value >= $2;
