-- name: finish_former
-- A run with nothing left in hand makes room for the next one.
-- $1 picker_id
UPDATE pick_run SET finished_at = now() WHERE picker_id = $1 AND finished_at IS NULL;

-- name: open
-- $1 id, $2 store_id, $3 picker_id
INSERT INTO pick_run (id, store_id, picker_id) VALUES ($1, $2, $3);

-- name: add
-- $1 run_id, $2 order_id, $3 tote
INSERT INTO pick_run_order (run_id, order_id, tote) VALUES ($1, $2, $3);

-- name: read
-- $1 id, $2 store_id
SELECT run.id, run.picker_id, picker.badge, picker.name, run.started_at, run.finished_at
  FROM pick_run AS run JOIN picker ON picker.id = run.picker_id
 WHERE run.id = $1 AND run.store_id = $2;

-- name: of_picker
-- $1 picker_id
SELECT id FROM pick_run WHERE picker_id = $1 AND finished_at IS NULL;

-- name: members
-- The orders of a run; `job` is empty when the order has left it.
-- $1 run_id
SELECT member.order_id, member.tote, job.state AS job
  FROM pick_run_order AS member
  LEFT JOIN pick_job AS job
         ON job.order_id = member.order_id AND job.zone = '' AND job.run_id = member.run_id
 WHERE member.run_id = $1
 ORDER BY member.tote;

-- name: finish
-- $1 id
UPDATE pick_run SET finished_at = now() WHERE id = $1 AND finished_at IS NULL;
