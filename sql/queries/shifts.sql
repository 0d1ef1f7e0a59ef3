-- name: start
-- The second start goes on with the shift that runs.
-- $1 id, $2 picker_id, $3 store_id
INSERT INTO shift (id, picker_id, store_id) VALUES ($1, $2, $3)
ON CONFLICT (picker_id) WHERE ended_at IS NULL DO NOTHING;

-- name: lock_open
-- $1 picker_id
SELECT id FROM shift WHERE picker_id = $1 AND ended_at IS NULL FOR NO KEY UPDATE;

-- name: hold_running
-- A write of a picker and the end of the shift come one after the other. No row: not on shift.
-- $1 picker_id
SELECT shift.id
  FROM shift
 WHERE picker_id = $1 AND ended_at IS NULL
   AND NOT EXISTS (SELECT FROM shift_pause AS pause
                    WHERE pause.shift_id = shift.id AND pause.ended_at IS NULL)
   FOR SHARE OF shift;

-- name: pause
-- $1 shift_id
INSERT INTO shift_pause (shift_id) VALUES ($1)
ON CONFLICT (shift_id) WHERE ended_at IS NULL DO NOTHING;

-- name: resume
-- $1 shift_id
UPDATE shift_pause SET ended_at = now() WHERE shift_id = $1 AND ended_at IS NULL;

-- name: end_shift
-- $1 shift_id
UPDATE shift SET ended_at = now() WHERE id = $1;

-- name: of_picker
-- The shift that runs, and how long it was paused so far.
-- $1 picker_id
SELECT shift.id, shift.started_at, pause.open_since AS paused_at,
       coalesce(pause.seconds, 0)::float AS paused_seconds
  FROM shift
  LEFT JOIN LATERAL (
       SELECT max(p.started_at) FILTER (WHERE p.ended_at IS NULL) AS open_since,
              sum(extract(epoch FROM coalesce(p.ended_at, now()) - p.started_at)) AS seconds
         FROM shift_pause AS p WHERE p.shift_id = shift.id) AS pause ON true
 WHERE shift.picker_id = $1 AND shift.ended_at IS NULL;

-- name: held_orders
-- Everything whose claim is still this person's, run out or not.
-- $1 picker_id
SELECT DISTINCT order_id FROM pick_job
 WHERE picker_id = $1 AND state IN ('claimed', 'active', 'paused')
 ORDER BY order_id;

-- name: give_back
-- $1 order_id, $2 picker_id
UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL, run_id = NULL
 WHERE order_id = $1 AND picker_id = $2 AND state IN ('claimed', 'active', 'paused')
RETURNING order_id;

-- name: workload
-- What a person did since the shift began (without one: since midnight in the store), and what is
-- in hand. A line counts when it is still closed and was closed by this person; the seconds between
-- two lines of one order are its pace, unless they are so many that it was no picking.
-- $1 picker_id, $2 most seconds
WITH person AS (
    SELECT picker.id, picker.badge,
           coalesce(shift.started_at,
                    date_trunc('day', now() AT TIME ZONE store.timezone) AT TIME ZONE store.timezone)
               AS since
      FROM picker
      JOIN store ON store.id = picker.store_id
      LEFT JOIN shift ON shift.picker_id = picker.id AND shift.ended_at IS NULL
     WHERE picker.id = $1
), deed AS (
    SELECT timeline.id, timeline.order_id, timeline.at, timeline.detail ->> 'verb' AS verb,
           timeline.detail ->> 'line_id' AS line_id,
           timeline.detail ->> 'verb' IN ('pick', 'weigh', 'short', 'drop', 'replace')
               OR (timeline.detail ->> 'verb' = 'scan'
                   AND timeline.detail ->> 'outcome' IN ('MATCHED', 'SUBSTITUTE_OF')) AS on_line
      FROM timeline, person
     WHERE timeline.kind = 'picker' AND timeline.actor = person.badge
       AND timeline.at >= person.since
), closed AS (
    SELECT deed.order_id, deed.line_id, max(deed.at) AS at
      FROM deed
      JOIN order_line AS line ON line.id = deed.line_id::uuid AND line.state <> 'todo'
     WHERE deed.on_line AND deed.line_id IS NOT NULL
     GROUP BY deed.order_id, deed.line_id
), stop AS (
    SELECT order_id, at, true AS is_line FROM closed
    UNION ALL
    SELECT order_id, at, false FROM deed WHERE verb = 'start'
), step AS (
    SELECT is_line, extract(epoch FROM at - lag(at) OVER (PARTITION BY order_id ORDER BY at))
               AS seconds
      FROM stop
)
SELECT person.since,
       (SELECT count(DISTINCT order_id) FROM deed WHERE verb IN ('complete', 'ready'))
           AS orders_done,
       (SELECT count(*) FROM closed) AS lines_done,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM step
         WHERE is_line AND seconds <= $2)::float AS seconds_per_line,
       (SELECT count(DISTINCT job.order_id) FROM pick_job AS job
         WHERE job.picker_id = person.id AND job.state IN ('claimed', 'active', 'paused'))
           AS orders_in_hand,
       (SELECT count(*) FROM pick_job AS job
          JOIN order_line AS line ON line.order_id = job.order_id AND line.state = 'todo'
               AND job.zone IN ('', line.zone)
         WHERE job.picker_id = person.id AND job.state IN ('claimed', 'active', 'paused'))
           AS lines_left
  FROM person;

-- name: team
-- Everybody of a store who is on shift, or holds an order without one.
-- $1 store_id
SELECT picker.id, picker.badge, picker.name, picker.role, shift.started_at,
       (SELECT pause.started_at FROM shift_pause AS pause
         WHERE pause.shift_id = shift.id AND pause.ended_at IS NULL) AS paused_at
  FROM picker LEFT JOIN shift ON shift.picker_id = picker.id AND shift.ended_at IS NULL
 WHERE picker.store_id = $1 AND picker.active
   AND (shift.id IS NOT NULL
        OR EXISTS (SELECT FROM pick_job AS job
                    WHERE job.picker_id = picker.id
                      AND job.state IN ('claimed', 'active', 'paused')))
 ORDER BY picker.name, picker.badge;
