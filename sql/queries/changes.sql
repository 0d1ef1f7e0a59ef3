-- What the handhelds of a store have not seen yet. A cursor holds the snapshot its reader saw last:
-- `pg_visible_in_snapshot` tells of a transaction whether that reader saw it, so nothing is missed
-- and nothing is told twice, whichever order transactions commit in.

-- name: stand
-- Where the feed stands now: what is committed, on which database, at what time. A restored or
-- promoted server counts transactions anew, so it is another place.
SELECT pg_current_snapshot()::text AS seen,
       (SELECT to_hex(system_identifier) FROM pg_control_system())
           || '-' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) AS place,
       extract(epoch FROM clock_timestamp())::bigint AS taken;

-- name: changed
-- Orders changed by transactions that snapshot $3 sees and snapshot $2 does not, as they are now;
-- counted as in the shop's queue (shop_queue.sql).
-- $1 store ids, $2 snapshot, $3 later snapshot, $4 order id to go on after, $5 limit
WITH changed AS MATERIALIZED (
    SELECT DISTINCT order_id
      FROM order_change
     WHERE store_id = ANY ($1::uuid[])
       AND xid >= pg_snapshot_xmin($2::text::pg_snapshot)
       AND xid < pg_snapshot_xmax($3::text::pg_snapshot)
       AND NOT pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
       AND pg_visible_in_snapshot(xid, $3::text::pg_snapshot)
       AND order_id > $4
     ORDER BY order_id
     LIMIT $5
)
SELECT orders.store_id, orders.id, orders.number, orders.external_id, orders.state, orders.version,
       orders.due_at, orders.cancelled_by, orders.cancel_reason,
       line.lines, line.lines_done, job.badge, job.name, job.lease_until
  FROM changed
  JOIN orders ON orders.id = changed.order_id
  CROSS JOIN LATERAL (
       SELECT count(*) AS lines,
              count(*) FILTER (WHERE state NOT IN ('todo', 'proposed')) AS lines_done
         FROM order_line
        WHERE order_id = orders.id
          AND coalesce(reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS line
  LEFT JOIN LATERAL (
       SELECT picker.badge, picker.name, pick_job.lease_until
         FROM pick_job JOIN picker ON picker.id = pick_job.picker_id
        WHERE pick_job.order_id = orders.id AND pick_job.state IN ('claimed', 'active', 'paused')
          AND pick_job.lease_until > now()
        ORDER BY pick_job.zone LIMIT 1) AS job ON true
 ORDER BY orders.id;

-- name: active
-- The whole queue of a store, in pages: active orders alone are read, however many have ended.
-- $1 store_id, $2 order id to go on after, $3 limit
WITH active AS MATERIALIZED (
    SELECT id FROM orders
     WHERE store_id = $1
       AND state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over')
), page AS MATERIALIZED (
    SELECT id FROM active WHERE id > $2 ORDER BY id LIMIT $3
)
SELECT orders.store_id, orders.id, orders.number, orders.external_id, orders.state, orders.version,
       orders.due_at, orders.cancelled_by, orders.cancel_reason,
       line.lines, line.lines_done, job.badge, job.name, job.lease_until
  FROM page
  JOIN orders ON orders.id = page.id
  CROSS JOIN LATERAL (
       SELECT count(*) AS lines,
              count(*) FILTER (WHERE state NOT IN ('todo', 'proposed')) AS lines_done
         FROM order_line
        WHERE order_id = orders.id
          AND coalesce(reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS line
  LEFT JOIN LATERAL (
       SELECT picker.badge, picker.name, pick_job.lease_until
         FROM pick_job JOIN picker ON picker.id = pick_job.picker_id
        WHERE pick_job.order_id = orders.id AND pick_job.state IN ('claimed', 'active', 'paused')
          AND pick_job.lease_until > now()
        ORDER BY pick_job.zone LIMIT 1) AS job ON true
 ORDER BY orders.id;
