-- rule: order_not_taken
-- about: order
-- topic: orders
-- unit: minutes
-- warn: 5
-- critical: 10
-- mute: 30
-- ru: никто не взял
-- ru: ждёт {waited} мин · срок {due_at} · позиций: {lines}
-- en: nobody has taken it
-- en: waiting for {waited} min · due {due_at} · {lines} lines
-- An accepted order that no picker holds. It begins to wait two hours before it is due, and anew when
-- a picker's lease on it has run out or its store's pause has ended. One that is due within 25 minutes counts as an hour's wait,
-- after the two minutes in which somebody may see it. (A paused store takes nothing: store_paused.)
WITH lease AS MATERIALIZED (
    SELECT order_id, max(lease_until) AS until FROM pick_job
     WHERE state IN ('claimed', 'active', 'paused')
     GROUP BY order_id
)
SELECT waiting.*
  FROM (
    SELECT orders.id AS order_id, orders.due_at,
           (SELECT count(*) FROM order_line AS line
             WHERE line.order_id = orders.id
               AND coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS lines,
           since.waited, since.waited AS told_value,
           CASE WHEN orders.due_at <= $1 THEN greatest(since.waited, 60)
                WHEN orders.due_at < $1 + interval '25 minutes' AND since.waited >= 2
                THEN greatest(since.waited, 60)
                ELSE since.waited END AS value
      FROM orders
      JOIN store ON store.id = orders.store_id AND NOT store.paused
      LEFT JOIN lease ON lease.order_id = orders.id
     CROSS JOIN LATERAL (
           SELECT floor(extract(epoch FROM $1 - greatest(
                      orders.accepted_at, orders.due_at - interval '2 hours', lease.until,
                      store.resumed_at)) / 60
                  )::integer AS waited) AS since
     WHERE orders.state = 'accepted' AND (lease.until IS NULL OR lease.until <= $1)
  ) AS waiting
 WHERE waiting.value >= $2;
