-- name: take
-- One due time of one job is run once: whoever inserts the row runs it. A tick whose runner died
-- (lease over), or that failed, is taken again, at most $5 times.
-- $1 job, $2 due_at, $3 owner, $4 lease seconds, $5 most
INSERT INTO tick (job, due_at, owner, lease_until)
VALUES ($1, $2, $3, now() + make_interval(secs => $4))
ON CONFLICT (job, due_at) DO UPDATE
   SET owner = $3, epoch = tick.epoch + 1, state = 'running', started_at = now(),
       finished_at = NULL, lease_until = now() + make_interval(secs => $4)
 WHERE tick.epoch < $5
   AND ((tick.state = 'running' AND tick.lease_until < now()) OR tick.state = 'failed')
RETURNING epoch;

-- name: due
-- The latest due time of a job that runs every $1 seconds, by the database's clock.
-- $1 seconds
SELECT to_timestamp(floor(extract(epoch FROM now()) / $1::float8) * $1::float8);

-- name: forget_ahead
-- What ran by a clock that has been put back since: its due times come again.
-- $1 job
DELETE FROM tick WHERE job = $1 AND due_at > now() + interval '5 seconds';

-- name: finish
-- $1 job, $2 due_at, $3 epoch, $4 state, $5 result
UPDATE tick SET state = $4, result = $5, finished_at = now()
 WHERE job = $1 AND due_at = $2 AND epoch = $3 AND state = 'running';

-- name: latest
SELECT DISTINCT ON (job) job, due_at, state, started_at, finished_at, result, owner
  FROM tick ORDER BY job, due_at DESC;
