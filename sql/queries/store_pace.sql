-- name: count
-- Each store's pace of the last 14 days, in place of what was counted before; how many there are.
-- A store that picked nothing in that time has none.
-- $1 now
WITH spans AS MATERIALIZED (
    SELECT store_id, pick_times, pick_seconds, lines
      FROM store_hour
     WHERE hour > $1::timestamptz - interval '14 days' AND hour <= $1 AND picked > 0
), medians AS (
    SELECT spans.store_id, count(*) AS orders,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY times.seconds) AS median
      FROM spans CROSS JOIN LATERAL unnest(spans.pick_times) AS times (seconds)
     GROUP BY spans.store_id
), sums AS (
    SELECT store_id, sum(pick_seconds) AS seconds, sum(lines) AS lines
      FROM spans GROUP BY store_id
), counted AS (
    INSERT INTO store_pace AS pace (store_id, orders, pick_seconds, line_seconds, counted_at)
    SELECT store_id, orders, round(median), seconds::float8 / lines, $1
      FROM medians JOIN sums USING (store_id)
     WHERE median >= 0.5 AND seconds > 0 AND lines > 0
     ORDER BY store_id
    ON CONFLICT (store_id) DO UPDATE
       SET orders = excluded.orders, pick_seconds = excluded.pick_seconds,
           line_seconds = excluded.line_seconds, counted_at = excluded.counted_at
    RETURNING store_id
), gone AS (
    DELETE FROM store_pace WHERE store_id NOT IN (SELECT store_id FROM counted)
)
SELECT count(*) FROM counted;
