-- The report of orders: facts of hours (migration 0026) added up over days of the stores' own.

-- name: today
-- The date where it is latest.
SELECT coalesce(max((now() AT TIME ZONE timezone)::date), current_date) FROM store;

-- name: stores
-- $1 store code or null
SELECT store.id::text AS key, store.code, store.name
  FROM store JOIN merchant ON merchant.id = store.merchant_id
 WHERE $1::text IS NULL OR store.code = $1
 ORDER BY merchant.name, store.code;

-- name: accounts
-- $1 account code or null
SELECT account.id::text AS key, account.code, '' AS name
  FROM account WHERE $1::text IS NULL OR account.code = $1
 ORDER BY account.code;

-- name: sums
-- What the hours of each store's days come to, by key and (key '') in all. Percentiles are exact:
-- each order's own seconds are there.
-- $1 first day, $2 last day, $3 by hour, day, store or account, $4 store code or null,
-- $5 account code or null
WITH cell AS MATERIALIZED (
    SELECT CASE $3::text WHEN 'hour' THEN to_char(own.clock, 'YYYY-MM-DD HH24:MI')
                         WHEN 'day' THEN to_char(own.clock, 'YYYY-MM-DD')
                         WHEN 'store' THEN store.id::text
                         ELSE account.id::text END AS key, it.*
      FROM store
      JOIN store_hour AS it ON it.store_id = store.id
      JOIN account ON account.id = it.account_id
     CROSS JOIN LATERAL (SELECT it.hour AT TIME ZONE store.timezone AS clock) AS own
     WHERE it.hour >= $1::date::timestamp AT TIME ZONE store.timezone
       AND it.hour < ($2::date + 1)::timestamp AT TIME ZONE store.timezone
       AND ($4::text IS NULL OR store.code = $4) AND ($5::text IS NULL OR account.code = $5)
), pick AS (
    SELECT coalesce(key, '') AS key,
           percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds) AS pick
      FROM cell CROSS JOIN unnest(pick_times) AS seconds GROUP BY GROUPING SETS ((key), ())
), start AS (
    SELECT coalesce(key, '') AS key,
           percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY seconds) AS start
      FROM cell CROSS JOIN unnest(start_times) AS seconds GROUP BY GROUPING SETS ((key), ())
), why AS (
    SELECT key, jsonb_object_agg(cause, times) AS cancels
      FROM (SELECT coalesce(key, '') AS key, cause, sum(times::integer) AS times
              FROM cell CROSS JOIN jsonb_each_text(cancels) AS each(cause, times)
             GROUP BY GROUPING SETS ((key, cause), (cause))) AS causes
     GROUP BY key
), total AS (
    SELECT coalesce(key, '') AS key, sum(orders) AS orders, sum(accepted) AS accepted,
           sum(accept_seconds)::bigint AS accept_seconds, sum(started) AS started,
           sum(start_seconds)::bigint AS start_seconds, sum(picked) AS picked,
           sum(pick_seconds)::bigint AS pick_seconds, sum(lines) AS lines, sum(found) AS found,
           sum(short) AS short, sum(replaced) AS replaced, sum(dropped) AS dropped,
           sum(proposed) AS proposed, sum(approved) AS approved, sum(rejected) AS rejected,
           sum(pieces) AS pieces, sum(ready) AS ready, sum(ready_on_time) AS ready_on_time,
           sum(late_seconds)::bigint AS late_seconds, max(late_seconds_max) AS late_seconds_max,
           sum(handed_over) AS handed_over, sum(courier_waits) AS courier_waits,
           sum(courier_wait_seconds)::bigint AS courier_wait_seconds, sum(delivered) AS delivered,
           sum(delivered_total)::bigint AS delivered_total, sum(cancelled) AS cancelled,
           sum(cancelled_by_store) AS cancelled_by_store
      FROM cell GROUP BY GROUPING SETS ((key), ())
)
SELECT total.*, pick.pick[1] AS pick_p50, pick.pick[2] AS pick_p95, start.start[1] AS start_p50,
       start.start[2] AS start_p95, coalesce(why.cancels, '{}') AS cancels
  FROM total
  LEFT JOIN pick ON pick.key = total.key
  LEFT JOIN start ON start.key = total.key
  LEFT JOIN why ON why.key = total.key
 ORDER BY total.key;
