-- A chain as monitoring sees it, for measuring (app/bench/monitoring.py): a day's open orders, and
-- finished ones as densely as they come, however far back. All moments are before or after $1, so
-- that two databases that were filled one after the other stand alike. Nothing here is asked by the
-- hub itself.

-- name: finished_id
-- Ids begin with the time, as all of ours do; the same number has the same id in every table.
CREATE FUNCTION pg_temp.finished_id(n bigint, came timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN overlay(md5('finished' || n)
               PLACING lpad(to_hex((extract(epoch FROM came) * 1000)::bigint), 12, '0') || '7'
               FROM 1 FOR 13)::uuid;

-- name: finished_orders
-- Of fifty one was late and one the customer called off; of a thousand two were called off by the
-- shop and one because nobody took it, one left the store before it was ready here. Every five
-- hundredth customer gave goods back. None of the last hour's is any of these.
-- $1 now, $2 store ids, $3 account ids, $4 how many, $5 seconds between them
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total,
                    final_total, paid_total, paid_at, due_at, implied, sale_due, courier,
                    cancelled_by, cancel_reason, received_at, accepted_at, picking_at, picked_at,
                    ready_at, courier_arrived_at, handed_over_at, delivered_at, ended_at,
                    changed_at, version)
SELECT pg_temp.finished_id(n, came.at), ($2::uuid[])[1 + n % cardinality($2::uuid[])],
       ($3::uuid[])[1 + n % cardinality($3::uuid[])], 'F-' || n, 'FO' || n,
       CASE WHEN it.off THEN 'cancelled' ELSE 'delivered' END, 300000,
       CASE WHEN NOT it.off THEN 290000 END,
       CASE WHEN NOT it.off THEN 290000 + CASE n % 500 WHEN 250 THEN 5000 ELSE 0 END END,
       came.at + interval '65 minutes',
       came.at + CASE n % 50 WHEN 20 THEN interval '15 minutes' ELSE interval '60 minutes' END,
       n % 1000 = 700, NOT it.off AND came.at > $1 - interval '95 minutes', 'arrived',
       CASE WHEN it.off THEN it.by END, CASE WHEN it.off THEN it.why END,
       came.at, came.at + interval '10 seconds',
       CASE WHEN NOT it.off THEN came.at + interval '4 minutes' END,
       CASE WHEN NOT it.off THEN came.at + interval '18 minutes' END,
       CASE WHEN NOT it.off THEN came.at + interval '20 minutes' END,
       CASE WHEN NOT it.off AND n % 2 = 0 THEN came.at + interval '40 minutes' END,
       CASE WHEN NOT it.off THEN came.at + interval '41 minutes' END,
       CASE WHEN NOT it.off THEN came.at + interval '65 minutes' END,
       CASE WHEN it.off THEN came.at + interval '12 minutes' END,
       came.at + interval '65 minutes', 20
  FROM generate_series($4::bigint, 1, -1) AS n,
       LATERAL (SELECT $1::timestamptz - interval '70 minutes' - n * $5::float8 * interval '1 second'
                       AS at) AS came,
       LATERAL (SELECT n % 50 = 10 OR n % 1000 IN (230, 640, 980) AS off,
                       CASE n % 1000 WHEN 230 THEN 'shop' WHEN 640 THEN 'shop'
                            WHEN 980 THEN 'marketplace' ELSE 'customer' END AS by,
                       CASE n % 1000 WHEN 230 THEN 'out_of_stock' WHEN 640 THEN 'out_of_stock'
                            WHEN 980 THEN 'no_response' ELSE 'customer_changed_mind' END AS why
               ) AS it;

-- name: finished_jobs
-- $1 now, $2 store ids, $3 picker ids, $4 how many, $5 seconds between them
INSERT INTO pick_job (order_id, store_id, state, picker_id, lease_until, claimed_at, done_at)
SELECT pg_temp.finished_id(n, came.at), ($2::uuid[])[1 + n % cardinality($2::uuid[])], 'done',
       ($3::uuid[])[1 + n % cardinality($3::uuid[])], came.at + interval '28 minutes',
       came.at + interval '3 minutes', came.at + interval '18 minutes'
  FROM generate_series($4::bigint, 1, -1) AS n,
       LATERAL (SELECT $1::timestamptz - interval '70 minutes' - n * $5::float8 * interval '1 second'
                       AS at) AS came;

-- name: finished_facts
-- What each of them added to its hour: one row, where an order over two hours has two.
-- $1 now, $2 store ids, $3 account ids, $4 how many, $5 seconds between them
INSERT INTO order_hour (order_id, hour, store_id, account_id, orders, accepted, accept_seconds,
                        started, start_seconds, picked, pick_seconds, lines, found, pieces, ready,
                        ready_on_time, handed_over, delivered, delivered_total, version, changed_at)
SELECT pg_temp.finished_id(n, came.at), date_trunc('hour', came.at),
       ($2::uuid[])[1 + n % cardinality($2::uuid[])], ($3::uuid[])[1 + n % cardinality($3::uuid[])],
       1, 1, 10, 1, 230, 1, 840, 12, 12, 24, 1, 1, 1, 1, 290000, 20,
       came.at + interval '65 minutes'
  FROM generate_series($4::bigint, 1, -1) AS n,
       LATERAL (SELECT $1::timestamptz - interval '70 minutes' - n * $5::float8 * interval '1 second'
                       AS at) AS came;

-- name: finished_hours
-- The same, added up: every store's every hour of that time.
-- $1 now, $2 store ids, $3 account ids, $4 how many, $5 seconds between them
INSERT INTO store_hour (store_id, hour, account_id, orders, accepted, accept_seconds, started,
                        start_seconds, start_times, picked, pick_seconds, pick_times, lines, found,
                        pieces, ready, ready_on_time, handed_over, delivered, delivered_total)
SELECT ($2::uuid[])[1 + n], slot.hour, ($3::uuid[])[1 + n % cardinality($3::uuid[])],
       3, 3, 30, 3, 690, '{230,230,230}', 3, 2520, '{840,840,840}', 36, 35, 72, 3, 3, 3, 3, 870000
  FROM generate_series(date_trunc('hour', $1::timestamptz
                                          - ($4::bigint * $5::float8 + 4200) * interval '1 second'),
                       $1, interval '1 hour') AS slot (hour),
       generate_series(0, cardinality($2::uuid[]) - 1) AS n;

-- name: finished_notices
-- One message of each to its marketplace: it was sent. (In a shop there are four.)
-- $1 now, $2 account ids, $3 how many, $4 seconds between them
INSERT INTO queue_item (queue, id, account_id, fifo_key, state, attempts, due_at, created_at,
                        finished_at)
SELECT 'outbox', pg_temp.finished_id(n, came.at), ($2::uuid[])[1 + n % cardinality($2::uuid[])],
       'FO' || n, 'done', 1, came.at, came.at, came.at + interval '1 second'
  FROM generate_series($3::bigint, 1, -1) AS n,
       LATERAL (SELECT $1::timestamptz - interval '70 minutes' - n * $4::float8 * interval '1 second'
                       AS at) AS came;

-- name: lines_of_a_day
-- Lines of what was finished within a day: rules read none of older orders.
-- $1 now, $2 lines of an order
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, price,
                        requested_pieces, barcodes, vat, state, picked_pieces, total, refused)
SELECT gen_random_uuid(), orders.id, orders.store_id, n, 'SKU' || n, 'Хлеб Бородинский № ' || n,
       'piece', 5000, 2, '{4690003000017}', 'reduced', 'picked', 2, 10000,
       CASE WHEN n = 1 AND orders.paid_total > orders.final_total THEN 1 ELSE 0 END
  FROM orders CROSS JOIN generate_series(1, $2::integer) AS n
 WHERE orders.delivered_at > $1::timestamptz - interval '1 day' AND orders.external_id LIKE 'FO%'
 ORDER BY orders.id, n;

-- name: open_orders
-- Of twelve four wait (two were planned for later), one is claimed, three are picked, one is
-- packed, two stand ready, one is with its courier. Nearly all are in good time.
-- $1 now, $2 store ids, $3 account ids, $4 how many
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total,
                    final_total, due_at, delivery_from, delivery_to, planned, courier, received_at,
                    accepted_at, picking_at, picked_at, ready_at, courier_arrived_at,
                    handed_over_at, changed_at, version)
SELECT overlay(md5('open' || n)
               PLACING lpad(to_hex((extract(epoch FROM it.came) * 1000)::bigint), 12, '0') || '7'
               FROM 1 FOR 13)::uuid,
       ($2::uuid[])[1 + n % cardinality($2::uuid[])], ($3::uuid[])[1 + n % cardinality($3::uuid[])],
       'O-' || n, 'OO' || n, it.state, 300000, CASE WHEN it.step >= 4 THEN 290000 END,
       it.due, it.due, it.due + interval '2 hours', n % 12 < 2, it.courier, it.came,
       it.came + interval '10 seconds', CASE WHEN it.step >= 2 THEN it.came + interval '3 minutes' END,
       CASE WHEN it.step >= 3 THEN it.moved - interval '1 minute' END,
       CASE WHEN it.step >= 4 THEN it.moved - interval '30 seconds' END,
       CASE WHEN it.courier = 'arrived' THEN it.moved END,
       CASE WHEN it.step >= 5 THEN it.moved END, it.moved, 3 + it.step
  FROM generate_series(1, $4::integer) AS n
 CROSS JOIN LATERAL (
       SELECT CASE WHEN n % 12 < 5 THEN 1 WHEN n % 12 < 8 THEN 2 WHEN n % 12 = 8 THEN 3
                   WHEN n % 12 < 11 THEN 4 ELSE 5 END AS step) AS at
 CROSS JOIN LATERAL (
       SELECT at.step,
              (ARRAY['accepted', 'picking', 'picked', 'ready', 'handed_over'])[at.step] AS state,
              CASE WHEN n % 12 < 2 THEN $1::timestamptz - n % 240 * interval '1 minute'
                   WHEN n % 1008 = 3 THEN $1 - interval '11 minutes'
                   WHEN n % 12 < 4 THEN $1 - n % 4 * interval '1 minute'
                   WHEN n % 12 = 4 THEN $1 - interval '4 minutes'
                   WHEN at.step = 2 THEN $1 - (6 + n % 10) * interval '1 minute'
                   ELSE $1 - (18 + n % 6) * interval '1 minute' END AS came,
              CASE WHEN n % 12 < 2 THEN $1 + (130 + n % 300) * interval '1 minute'
                   WHEN n % 504 = 6 THEN $1 - interval '4 minutes'
                   ELSE $1 + (35 + n % 60) * interval '1 minute' END AS due,
              CASE WHEN at.step = 1 THEN $1 - n % 4 * interval '1 minute'
                   WHEN at.step < 4 THEN $1 - n % 150 * interval '1 second'
                   ELSE $1 - n % 6 * interval '1 minute' END AS moved,
              CASE WHEN at.step = 5 OR n % 12 = 10 THEN 'arrived' WHEN n % 12 = 9 THEN 'assigned'
                   ELSE 'none' END AS courier) AS it;

-- name: open_lines
-- $1 now, $2 lines of an order
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, price,
                        requested_pieces, barcodes, vat, state, picked_pieces, total, decide_by)
SELECT gen_random_uuid(), orders.id, orders.store_id, n, 'SKU' || n, 'Товар для замера № ' || n,
       'piece', 5000, 2, '{4690077000012}', 'reduced', it.state,
       CASE it.state WHEN 'picked' THEN 2 END, CASE it.state WHEN 'picked' THEN 10000 END,
       CASE it.state WHEN 'proposed' THEN $1::timestamptz + interval '4 minutes' END
  FROM orders CROSS JOIN generate_series(1, $2::integer) AS n
 CROSS JOIN LATERAL (
       SELECT CASE WHEN orders.state = 'accepted' THEN 'todo'
                   WHEN orders.state <> 'picking' OR n <= $2 / 2 THEN 'picked'
                   WHEN n = $2 AND right(orders.number, 1) = '7' THEN 'proposed'
                   ELSE 'todo' END AS state) AS it
 WHERE orders.external_id LIKE 'OO%'
 ORDER BY orders.id, n;

-- name: open_jobs
-- Who holds what is claimed and picked; each was heard within the last two minutes.
-- $1 now, $2 picker ids
INSERT INTO pick_job (order_id, store_id, state, picker_id, lease_until, claimed_at, done_at)
SELECT id, store_id,
       CASE WHEN step.of = 4 THEN 'claimed' WHEN state = 'picking' THEN 'active' ELSE 'done' END,
       ($2::uuid[])[1 + step.n % cardinality($2::uuid[])],
       $1::timestamptz + interval '10 minutes' - step.n % 120 * interval '1 second',
       received_at + interval '2 minutes', CASE WHEN picked_at IS NOT NULL THEN picked_at END
  FROM orders
 CROSS JOIN LATERAL (SELECT substr(number, 3)::integer AS n,
                            substr(number, 3)::integer % 12 AS of) AS step
 WHERE external_id LIKE 'OO%' AND step.of >= 4;

-- name: open_scans
-- $1 now, $2 picker ids
INSERT INTO scan (id, order_id, picker_id, at, raw, outcome, pieces)
SELECT gen_random_uuid(), orders.id, ($2::uuid[])[1], $1::timestamptz - n * interval '40 seconds',
       '4690077000012', 'matched', 1
  FROM orders CROSS JOIN generate_series(1, 6) AS n
 WHERE orders.external_id LIKE 'OO%' AND orders.state IN ('picking', 'picked', 'ready');

-- name: open_timeline
-- $1 now
INSERT INTO timeline (id, order_id, store_id, at, kind, actor, trace_id, detail)
SELECT gen_random_uuid(), id, store_id, $1::timestamptz - n * interval '50 seconds',
       CASE WHEN n = 6 THEN 'marketplace' ELSE 'picker' END, 'bench', 'bench', '{"verb": "pick"}'
  FROM orders CROSS JOIN generate_series(1, 6) AS n
 WHERE external_id LIKE 'OO%';

-- name: attempts
-- What was sent to marketplaces within a day, five messages of an order; one of two hundred was
-- tried twice.
-- $1 now, $2 account ids, $3 seconds between orders
INSERT INTO outbox_attempt (message_id, attempt, account_id, at, ms, status, outcome, request,
                            response)
SELECT gen_random_uuid(), 1, ($2::uuid[])[1 + n % cardinality($2::uuid[])],
       $1::timestamptz - n * $3::float8 / 5 * interval '1 second', 80,
       CASE n % 200 WHEN 100 THEN 503 ELSE 200 END,
       CASE n % 200 WHEN 100 THEN 'remote_failed' ELSE 'delivered' END, '{}', '{}'
  FROM generate_series(1, (86400 * 5 / $3::float8)::integer) AS n;

-- name: arrivals
-- Eight weeks of deliveries by the hour, and three days of answers by the minute and worker.
-- $1 now, $2 account ids, $3 weeks
WITH hours AS (
    INSERT INTO account_hour (account_id, hour, deliveries, events)
    SELECT id, slot.hour, 700, 6
      FROM unnest($2::uuid[]) AS id,
           generate_series(date_trunc('hour', $1::timestamptz) - $3::integer * interval '7 days', $1,
                           interval '1 hour') AS slot (hour)
)
INSERT INTO hook_minute (account_id, minute, worker, answered, refused, failed, times)
SELECT id, slot.minute, worker, 6, 0, 0, '{0,0,0,0,0,0,0,0,0,0,0,0,3,3,0,0,0,0,0,0}'
  FROM unnest($2::uuid[]) AS id, unnest(ARRAY['a:web-1:1', 'a:web-2:1']) AS worker,
       generate_series($1 - interval '3 days', $1 + interval '5 minutes', interval '1 minute')
           AS slot (minute);

-- name: paces
-- $1 now, $2 store ids
INSERT INTO store_pace (store_id, orders, pick_seconds, line_seconds, counted_at)
SELECT id, 900, 840, 70, $1::timestamptz FROM unnest($2::uuid[]) AS id;

-- name: alive
-- Processes that are heard, a calendar that runs, a certificate for months; facts are counted.
-- $1 now
WITH beats AS (
    INSERT INTO heartbeat (worker, at, role, host, version, started_at, pulsed_at, reached_since,
                           reach_ms, skew_ms, disk_free)
    SELECT 'a:' || role || ':1', $1::timestamptz, role, 'a', '1', $1 - interval '3 days',
           $1 + interval '5 minutes', $1 - interval '3 days', 2, 3, 60
      FROM unnest(ARRAY['web-1', 'web-2', 'scheduler']) AS role
), expiry AS (
    INSERT INTO watched_expiry (host, what, ends_at, seen_at)
    VALUES ('a', 'certificate', $1 + interval '80 days', $1)
), counted AS (
    UPDATE fact_mark SET until = $1 WHERE name = 'accounts'
)
INSERT INTO tick (job, due_at, state, owner, lease_until, finished_at)
VALUES ('monitoring', $1, 'done', 'a', $1, $1 + interval '5 minutes');

-- name: indexes
-- How to drop and how to make again each index of a table that is not its primary key.
-- $1 table
SELECT CASE WHEN con.oid IS NULL THEN format('DROP INDEX %I', class.relname)
            ELSE format('ALTER TABLE %I DROP CONSTRAINT %I', $1::text, class.relname) END AS drop,
       CASE WHEN con.oid IS NULL THEN pg_get_indexdef(class.oid)
            ELSE format('ALTER TABLE %I ADD CONSTRAINT %I %s', $1::text, class.relname,
                        pg_get_constraintdef(con.oid)) END AS make
  FROM pg_index AS index
  JOIN pg_class AS class ON class.oid = index.indexrelid
  LEFT JOIN pg_constraint AS con ON con.conindid = class.oid AND con.contype = 'u'
 WHERE index.indrelid = $1::text::regclass AND NOT index.indisprimary
 ORDER BY class.relname;

-- name: flood
-- So many orders that wait already wait for too long: nobody has taken them for twenty minutes.
-- $1 now, $2 how many
UPDATE orders SET accepted_at = $1::timestamptz - interval '20 minutes', planned = false,
                  due_at = $1 + interval '1 hour'
 WHERE id IN (SELECT waiting.id FROM orders AS waiting
               WHERE waiting.external_id LIKE 'OO%' AND waiting.state = 'accepted'
                 AND NOT EXISTS (SELECT FROM pick_job WHERE order_id = waiting.id)
               ORDER BY md5(waiting.id::text) LIMIT $2);

-- name: found
-- Incidents that are on, and messages that are queued.
SELECT (SELECT count(*) FROM incident WHERE state <> 'resolved') AS incidents,
       (SELECT count(*) FROM queue_item WHERE queue = 'telegram_outbox') AS messages;
