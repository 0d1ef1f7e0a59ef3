-- rule: order_not_taken
-- about: order
-- topic: orders
-- unit: minutes
-- warn: 5
-- critical: 10
-- mute: 30
-- ru: никто не взял
-- ru: ждёт {value} мин · срок {due_at} · позиций: {lines}
-- en: nobody has taken it
-- en: waiting for {value} min · due {due_at} · {lines} lines
-- An accepted order that no picker holds. A planned order begins to wait two hours before it is due;
-- one that is due within 25 minutes has waited long enough.
SELECT waiting.*
  FROM (
    SELECT orders.id AS order_id, orders.due_at,
           (SELECT count(*) FROM order_line AS line WHERE line.order_id = orders.id) AS lines,
           floor(greatest(
               extract(epoch FROM $1 - greatest(
                   orders.accepted_at, orders.due_at - interval '2 hours')) / 60,
               CASE WHEN orders.due_at < $1 + interval '25 minutes' THEN 10 END
           )) AS value
      FROM orders
     WHERE orders.state IN ('received', 'accepted')
       AND NOT EXISTS (SELECT FROM pick_job AS job
                        WHERE job.order_id = orders.id AND job.lease_until > $1
                          AND job.state IN ('claimed', 'active', 'paused'))
  ) AS waiting
 WHERE waiting.value >= $2;
