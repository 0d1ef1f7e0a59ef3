-- Facts of each hour (migration 0026): what changed is counted anew, order by order, and the hours
-- it belongs to are added up anew. Everything here may be repeated, and ends the same.

-- name: mark
-- How far counting has come, and where the database stands now; whoever reads it holds it until the
-- transaction ends, so that one counts at a time. `missed`: retention forgot changes that were not
-- counted (or may not have been).
-- $1 name
SELECT mark.place, mark.seen, mark.goal, mark.after, mark.swept, mark.until,
       mark.seen IS NULL
           OR coalesce(mark.pruned >= pg_snapshot_xmin(mark.seen::pg_snapshot), false) AS missed,
       clock_timestamp() AS now
  FROM fact_mark AS mark
 WHERE mark.name = $1
   FOR UPDATE;

-- name: move
-- $1 name, $2 place, $3 seen, $4 goal, $5 after, $6 swept, $7 until
UPDATE fact_mark
   SET place = $2, seen = $3, goal = $4, after = $5, swept = $6, until = $7
 WHERE name = $1;

-- name: changed
-- Orders that snapshot $2 sees changed and snapshot $1 does not, as in the handhelds' feed
-- (changes.sql).
-- $1 snapshot, $2 later snapshot, $3 order id to go on after, $4 limit
SELECT DISTINCT change.order_id
  FROM store
 CROSS JOIN LATERAL (
       SELECT order_id
         FROM order_change
        WHERE store_id = store.id
          AND xid >= pg_snapshot_xmin($1::text::pg_snapshot)
          AND xid < pg_snapshot_xmax($2::text::pg_snapshot)
          AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
          AND pg_visible_in_snapshot(xid, $2::text::pg_snapshot)) AS change
 WHERE change.order_id > $3
 ORDER BY change.order_id
 LIMIT $4;

-- name: sweep
-- The next orders by id, and whether each of them was counted as it stands.
-- $1 order id to go on after, $2 limit
SELECT page.id,
       (page.version, page.changed_at) IS DISTINCT FROM (counted.version, counted.at) AS differs
  FROM (SELECT id, version, changed_at FROM orders WHERE id > $1 ORDER BY id LIMIT $2) AS page
  LEFT JOIN LATERAL (
       SELECT max(version) AS version, max(changed_at) AS at
         FROM order_hour WHERE order_id = page.id) AS counted ON true
 ORDER BY page.id;

-- name: within
-- The next orders by id, and whether anything of them happened in a span.
-- $1 order id to go on after, $2 limit, $3 from, $4 until
SELECT id,
       received_at < $4
           AND greatest(received_at, accepted_at, picking_at, picked_at, ready_at, handed_over_at,
                        delivered_at, ended_at) >= $3 AS differs
  FROM orders WHERE id > $1 ORDER BY id LIMIT $2;

-- name: count
-- What orders add to each hour they have a moment in; the cells (store, hour, account) in which
-- that is not what it was.
-- $1 order ids
WITH known AS MATERIALIZED (
    SELECT orders.*,
           date_trunc('hour', received_at, store.timezone) AS received_hour,
           date_trunc('hour', accepted_at, store.timezone) AS accepted_hour,
           date_trunc('hour', picking_at, store.timezone) AS picking_hour,
           date_trunc('hour', picked_at, store.timezone) AS picked_hour,
           date_trunc('hour', ready_at, store.timezone) AS ready_hour,
           date_trunc('hour', handed_over_at, store.timezone) AS handed_over_hour,
           date_trunc('hour', delivered_at, store.timezone) AS delivered_hour,
           date_trunc('hour', ended_at, store.timezone) AS ended_hour
      FROM orders JOIN store ON store.id = orders.store_id
     WHERE orders.id = ANY ($1::uuid[])
), line AS (
    SELECT line.order_id, count(*) FILTER (WHERE ordered) AS lines,
           count(*) FILTER (WHERE ordered AND line.state = 'picked') AS found,
           count(*) FILTER (WHERE ordered AND line.state = 'short') AS short,
           count(*) FILTER (WHERE ordered AND line.state = 'replaced') AS replaced,
           count(*) FILTER (WHERE ordered AND line.state = 'dropped') AS dropped,
           sum(line.picked_pieces) FILTER (
               WHERE counts AND line.state IN ('picked', 'short')) AS pieces,
           bool_or(line.replaces IS NOT NULL) AS offered
      FROM known
      JOIN order_line AS line ON line.order_id = known.id
     CROSS JOIN LATERAL (
           SELECT coalesce(line.reason, '') NOT IN ('removed_by_customer', 'withdrawn')
           ) AS it(counts)
     CROSS JOIN LATERAL (SELECT counts AND line.replaces IS NULL) AS asked(ordered)
     WHERE known.picked_at IS NOT NULL
     GROUP BY line.order_id
), question AS (
    SELECT DISTINCT ON (said.order_id, one.line_id) said.order_id, one.line_id, told.what
      FROM line
      JOIN timeline AS said ON said.order_id = line.order_id AND said.detail ? 'questions'
     CROSS JOIN LATERAL jsonb_each(said.detail -> 'questions') AS told(what, line_ids)
     CROSS JOIN LATERAL jsonb_array_elements_text(told.line_ids) AS one(line_id)
     WHERE line.offered
     ORDER BY said.order_id, one.line_id, said.id DESC
), answer AS (
    SELECT order_id, count(*) FILTER (WHERE what <> 'taken_back') AS proposed,
           count(*) FILTER (WHERE what = 'agreed') AS approved,
           count(*) FILTER (WHERE what = 'refused') AS rejected
      FROM question GROUP BY order_id
), fresh AS MATERIALIZED (
    SELECT known.id AS order_id, moment.hour, known.store_id, known.account_id,
           CASE moment.hour WHEN received_hour THEN 1 ELSE 0 END AS orders,
           CASE moment.hour WHEN accepted_hour THEN 1 ELSE 0 END AS accepted,
           CASE moment.hour WHEN accepted_hour THEN took.accept ELSE 0 END AS accept_seconds,
           CASE moment.hour WHEN picking_hour THEN 1 ELSE 0 END AS started,
           CASE moment.hour WHEN picking_hour THEN took.start ELSE 0 END AS start_seconds,
           CASE moment.hour WHEN picked_hour THEN 1 ELSE 0 END AS picked,
           CASE moment.hour WHEN picked_hour THEN took.pick ELSE 0 END AS pick_seconds,
           CASE moment.hour WHEN picked_hour THEN coalesce(line.lines, 0) ELSE 0 END AS lines,
           CASE moment.hour WHEN picked_hour THEN coalesce(line.found, 0) ELSE 0 END AS found,
           CASE moment.hour WHEN picked_hour THEN coalesce(line.short, 0) ELSE 0 END AS short,
           CASE moment.hour WHEN picked_hour THEN coalesce(line.replaced, 0) ELSE 0 END AS replaced,
           CASE moment.hour WHEN picked_hour THEN coalesce(line.dropped, 0) ELSE 0 END AS dropped,
           CASE moment.hour WHEN picked_hour THEN coalesce(answer.proposed, 0) ELSE 0 END
               AS proposed,
           CASE moment.hour WHEN picked_hour THEN coalesce(answer.approved, 0) ELSE 0 END
               AS approved,
           CASE moment.hour WHEN picked_hour THEN coalesce(answer.rejected, 0) ELSE 0 END
               AS rejected,
           CASE moment.hour WHEN picked_hour THEN coalesce(line.pieces, 0) ELSE 0 END AS pieces,
           CASE moment.hour WHEN ready_hour THEN 1 ELSE 0 END AS ready,
           CASE moment.hour WHEN ready_hour THEN (ready_at <= due_at)::integer ELSE 0 END
               AS ready_on_time,
           CASE moment.hour WHEN ready_hour THEN took.late ELSE 0 END AS late_seconds,
           CASE moment.hour WHEN handed_over_hour THEN 1 ELSE 0 END AS handed_over,
           CASE moment.hour WHEN handed_over_hour THEN (took.wait IS NOT NULL)::integer ELSE 0 END
               AS courier_waits,
           CASE moment.hour WHEN handed_over_hour THEN coalesce(took.wait, 0) ELSE 0 END
               AS courier_wait_seconds,
           CASE moment.hour WHEN delivered_hour THEN 1 ELSE 0 END AS delivered,
           CASE moment.hour WHEN delivered_hour THEN coalesce(final_total, paid_total, 0) ELSE 0 END
               AS delivered_total,
           CASE moment.hour WHEN ended_hour THEN 1 ELSE 0 END AS cancelled,
           CASE moment.hour WHEN ended_hour
                THEN (state = 'rejected' OR cancelled_by IS NOT DISTINCT FROM 'shop'
                      OR cancel_reason IS NOT DISTINCT FROM 'no_response')::integer
                ELSE 0 END AS cancelled_by_store,
           CASE moment.hour WHEN ended_hour
                THEN coalesce(cancelled_by, 'shop') || ':' || left(coalesce(cancel_reason, ''), 60)
                END AS cancel
      FROM known
      LEFT JOIN line ON line.order_id = known.id
      LEFT JOIN answer ON answer.order_id = known.id
     CROSS JOIN LATERAL (
           SELECT DISTINCT each AS hour
             FROM unnest(ARRAY[received_hour, accepted_hour, picking_hour, picked_hour, ready_hour,
                               handed_over_hour, delivered_hour, ended_hour]) AS each
            WHERE each IS NOT NULL) AS moment
     CROSS JOIN LATERAL (
           SELECT greatest(0, floor(extract(epoch FROM accepted_at - received_at)))::integer
                      AS accept,
                  greatest(0, floor(extract(epoch FROM picking_at - greatest(
                      coalesce(accepted_at, received_at), due_at - interval '2 hours'))))::integer
                      AS start,
                  greatest(0, floor(extract(epoch FROM picked_at - coalesce(picking_at, picked_at)))
                      )::integer AS pick,
                  greatest(0, ceil(extract(epoch FROM ready_at - due_at)))::integer AS late,
                  CASE WHEN courier_arrived_at IS NOT NULL THEN
                      greatest(0, floor(extract(epoch FROM handed_over_at
                          - greatest(courier_arrived_at, due_at))))::integer END AS wait) AS took
), old AS (
    SELECT order_id, hour, store_id, account_id, orders, accepted, accept_seconds, started,
           start_seconds, picked, pick_seconds, lines, found, short, replaced, dropped, proposed,
           approved, rejected, pieces, ready, ready_on_time, late_seconds, handed_over,
           courier_waits, courier_wait_seconds, delivered, delivered_total, cancelled,
           cancelled_by_store, cancel
      FROM order_hour WHERE order_id = ANY ($1::uuid[])
), news AS MATERIALIZED (
    TABLE fresh EXCEPT TABLE old
), gone AS MATERIALIZED (
    TABLE old EXCEPT TABLE fresh
), forgotten AS (
    DELETE FROM order_hour
     USING gone
     WHERE order_hour.order_id = gone.order_id AND order_hour.hour = gone.hour
       AND NOT EXISTS (SELECT FROM news
                        WHERE news.order_id = gone.order_id AND news.hour = gone.hour)
), saved AS (
    INSERT INTO order_hour
    SELECT news.*, known.version, known.changed_at FROM news JOIN known ON known.id = news.order_id
    ON CONFLICT (order_id, hour) DO UPDATE
       SET store_id = excluded.store_id, account_id = excluded.account_id,
           orders = excluded.orders, accepted = excluded.accepted,
           accept_seconds = excluded.accept_seconds, started = excluded.started,
           start_seconds = excluded.start_seconds, picked = excluded.picked,
           pick_seconds = excluded.pick_seconds, lines = excluded.lines, found = excluded.found,
           short = excluded.short, replaced = excluded.replaced, dropped = excluded.dropped,
           proposed = excluded.proposed, approved = excluded.approved,
           rejected = excluded.rejected, pieces = excluded.pieces, ready = excluded.ready,
           ready_on_time = excluded.ready_on_time, late_seconds = excluded.late_seconds,
           handed_over = excluded.handed_over, courier_waits = excluded.courier_waits,
           courier_wait_seconds = excluded.courier_wait_seconds, delivered = excluded.delivered,
           delivered_total = excluded.delivered_total, cancelled = excluded.cancelled,
           cancelled_by_store = excluded.cancelled_by_store, cancel = excluded.cancel,
           version = excluded.version, changed_at = excluded.changed_at
)
SELECT store_id, hour, account_id FROM news
 UNION
SELECT store_id, hour, account_id FROM gone;

-- name: add_up
-- These cells from what orders add to them; how many were not what they were.
-- $1 store ids, $2 hours, $3 account ids
WITH cell AS MATERIALIZED (
    SELECT DISTINCT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[])
                        AS each(store_id, hour, account_id)
), part AS MATERIALIZED (
    SELECT order_hour.* FROM cell JOIN order_hour USING (store_id, hour, account_id)
), why AS (
    SELECT store_id, hour, account_id, jsonb_object_agg(cancel, times) AS cancels
      FROM (SELECT store_id, hour, account_id, cancel, count(*) AS times
              FROM part WHERE cancel IS NOT NULL
             GROUP BY store_id, hour, account_id, cancel) AS each
     GROUP BY store_id, hour, account_id
), fresh AS MATERIALIZED (
    SELECT store_id, hour, account_id, sum(orders), sum(accepted), sum(accept_seconds),
           sum(started), sum(start_seconds),
           coalesce(array_agg(start_seconds ORDER BY start_seconds) FILTER (WHERE started = 1),
                    '{}'),
           sum(picked), sum(pick_seconds),
           coalesce(array_agg(pick_seconds ORDER BY pick_seconds) FILTER (WHERE picked = 1),
                    '{}'),
           sum(lines), sum(found), sum(short), sum(replaced), sum(dropped), sum(proposed),
           sum(approved), sum(rejected), sum(pieces), sum(ready), sum(ready_on_time),
           sum(late_seconds), max(late_seconds), sum(handed_over), sum(courier_waits),
           sum(courier_wait_seconds), sum(delivered), sum(delivered_total), sum(cancelled),
           sum(cancelled_by_store), coalesce(why.cancels, '{}')
      FROM part LEFT JOIN why USING (store_id, hour, account_id)
     GROUP BY store_id, hour, account_id, why.cancels
), gone AS (
    DELETE FROM store_hour
     USING cell
     WHERE store_hour.store_id = cell.store_id AND store_hour.hour = cell.hour
       AND store_hour.account_id = cell.account_id
       AND NOT EXISTS (SELECT FROM fresh
                        WHERE fresh.store_id = cell.store_id AND fresh.hour = cell.hour
                          AND fresh.account_id = cell.account_id)
    RETURNING 1
), saved AS (
    INSERT INTO store_hour
    SELECT * FROM fresh
    ON CONFLICT (store_id, hour, account_id) DO UPDATE
       SET orders = excluded.orders, accepted = excluded.accepted,
           accept_seconds = excluded.accept_seconds, started = excluded.started,
           start_seconds = excluded.start_seconds, start_times = excluded.start_times,
           picked = excluded.picked, pick_seconds = excluded.pick_seconds,
           pick_times = excluded.pick_times, lines = excluded.lines, found = excluded.found,
           short = excluded.short, replaced = excluded.replaced, dropped = excluded.dropped,
           proposed = excluded.proposed, approved = excluded.approved,
           rejected = excluded.rejected, pieces = excluded.pieces, ready = excluded.ready,
           ready_on_time = excluded.ready_on_time, late_seconds = excluded.late_seconds,
           late_seconds_max = excluded.late_seconds_max, handed_over = excluded.handed_over,
           courier_waits = excluded.courier_waits,
           courier_wait_seconds = excluded.courier_wait_seconds, delivered = excluded.delivered,
           delivered_total = excluded.delivered_total, cancelled = excluded.cancelled,
           cancelled_by_store = excluded.cancelled_by_store, cancels = excluded.cancels
     WHERE store_hour.* IS DISTINCT FROM excluded.*
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM saved) AS cells;

-- name: cells
-- The cells of a span, whether orders or sums speak of them; what orders add that are not there
-- any more is forgotten first.
-- $1 from, $2 until
WITH gone AS (
    DELETE FROM order_hour
     USING store
     WHERE order_hour.store_id = store.id AND order_hour.hour >= $1 AND order_hour.hour < $2
       AND NOT EXISTS (SELECT FROM orders WHERE orders.id = order_hour.order_id)
)
SELECT store_hour.store_id, store_hour.hour, store_hour.account_id
  FROM store_hour WHERE store_hour.hour >= $1 AND store_hour.hour < $2
 UNION
SELECT order_hour.store_id, order_hour.hour, order_hour.account_id
  FROM store
  JOIN order_hour ON order_hour.store_id = store.id
 WHERE order_hour.hour >= $1 AND order_hour.hour < $2;

-- name: arrivals
-- What arrived in these hours; ids begin with the time, up to a quarter of an hour wrong. How many
-- hours were not what they were.
-- $1 from, $2 until
WITH bound AS (
    SELECT rpad(lpad(to_hex(1000 * extract(epoch FROM $1::timestamptz)::bigint - 900000), 12, '0'),
                32, '0')::uuid AS least,
           rpad(lpad(to_hex(1000 * extract(epoch FROM $2::timestamptz)::bigint + 900000), 12, '0'),
                32, 'f')::uuid AS most
), delivery AS (
    SELECT item.account_id, date_trunc('hour', item.created_at, 'UTC') AS hour,
           count(*) AS deliveries, count(DISTINCT arrived.event) AS events
      FROM bound
      JOIN queue_item AS item ON item.queue = 'inbox' AND item.id BETWEEN bound.least AND bound.most
      JOIN inbox_delivery AS arrived ON arrived.id = item.id
     WHERE item.replay_of IS NULL AND item.created_at >= $1 AND item.created_at < $2
     GROUP BY item.account_id, 2
), knock AS (
    SELECT account.id AS account_id, date_trunc('hour', refused.at, 'UTC') AS hour,
           count(*) AS refused
      FROM bound
      JOIN inbox_refused AS refused ON refused.id BETWEEN bound.least AND bound.most
      JOIN account ON account.code = refused.account
     WHERE refused.at >= $1 AND refused.at < $2
     GROUP BY account.id, 2
), fresh AS (
    SELECT account_id, hour, coalesce(deliveries, 0) AS deliveries, coalesce(events, 0) AS events,
           coalesce(refused, 0) AS refused
      FROM delivery FULL JOIN knock USING (account_id, hour)
), saved AS (
    INSERT INTO account_hour (account_id, hour, deliveries, events, refused)
    SELECT account_id, hour, deliveries, events, refused FROM fresh
     WHERE NOT EXISTS (SELECT FROM account_away AS away  -- counted where it lives
                        WHERE away.account_id = fresh.account_id AND away.state = 'gone')
    ON CONFLICT (account_id, hour) DO UPDATE
       SET deliveries = excluded.deliveries, events = excluded.events,
           refused = greatest(account_hour.refused, excluded.refused)  -- kept for 30 days only
     WHERE (account_hour.deliveries, account_hour.events) <> (excluded.deliveries, excluded.events)
        OR account_hour.refused < excluded.refused
    RETURNING 1
)
SELECT count(*) FROM saved;
