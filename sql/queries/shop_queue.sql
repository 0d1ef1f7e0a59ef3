-- name: page
-- Active orders of a store, the most urgent first; finished ones are not read. The lines of a page
-- alone are counted, those the customer took out and replacements that came to nothing left aside.
-- $1 store_id, $2 picker_id, $3 scope: open, mine, store; $4 state or null, $5 zone,
-- $6 text to look for, small letters; $7 due_at, $8 number, $9 id to go on after, or nulls; $10 limit
WITH page AS MATERIALIZED (
    SELECT orders.id, orders.number, orders.external_id, orders.state, orders.version,
           orders.due_at
      FROM orders
     WHERE orders.store_id = $1
       AND orders.state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over')
       AND ($4::text IS NULL OR orders.state = $4)
       AND ($6::text = '' OR strpos(lower(orders.number), $6) > 0
            OR strpos(lower(orders.external_id), $6) > 0)
       AND ($7::timestamptz IS NULL
            OR (orders.due_at >= $7 AND (orders.due_at, orders.number, orders.id) > ($7, $8, $9)))
       AND ($5::text = '' OR EXISTS (SELECT FROM order_line AS line
                                      WHERE line.order_id = orders.id AND line.zone = $5
                                        AND line.state IN ('todo', 'proposed')))
       AND CASE $3
           WHEN 'mine' THEN EXISTS (
               SELECT FROM pick_job AS job
                WHERE job.order_id = orders.id AND job.picker_id = $2
                  AND job.state IN ('claimed', 'active', 'paused'))
           WHEN 'open' THEN orders.state IN ('accepted', 'picking', 'picked') AND NOT EXISTS (
               SELECT FROM pick_job AS job
                WHERE job.order_id = orders.id AND job.state IN ('claimed', 'active', 'paused')
                  AND job.lease_until > now() AND ($5 = '' OR job.zone IN ('', $5)))
           ELSE true END
     ORDER BY orders.due_at, orders.number, orders.id
     LIMIT $10
)
SELECT page.*, line.lines, line.lines_done, job.badge, job.name
  FROM page
  CROSS JOIN LATERAL (
       SELECT count(*) AS lines,
              count(*) FILTER (WHERE state NOT IN ('todo', 'proposed')) AS lines_done
         FROM order_line
        WHERE order_id = page.id
          AND coalesce(reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS line
  LEFT JOIN LATERAL (
       SELECT picker.badge, picker.name
         FROM pick_job JOIN picker ON picker.id = pick_job.picker_id
        WHERE pick_job.order_id = page.id AND pick_job.state IN ('claimed', 'active', 'paused')
          AND pick_job.lease_until > now()
        ORDER BY pick_job.zone LIMIT 1) AS job ON true
 ORDER BY page.due_at, page.number, page.id;
