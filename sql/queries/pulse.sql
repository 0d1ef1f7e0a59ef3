-- What processes say of themselves every few seconds, and what is asked of it.

-- name: clock
-- The time at this very moment, not that of a transaction's begin.
SELECT clock_timestamp();

-- name: beat
-- Who was not heard for a while (the database was away, the process or its machine stood still, a
-- clock was set) reaches the database anew from now on.
-- $1 worker, $2 role, $3 host, $4 version, $5 milliseconds there and back, $6 skew in milliseconds,
-- $7 percent of the disk that is free or null
INSERT INTO heartbeat AS old (worker, role, host, version, started_at, pulsed_at, reached_since,
                              reach_ms, skew_ms, disk_free)
VALUES ($1, $2, $3, $4, now(), now(), now(), $5, $6, $7)
    ON CONFLICT (worker) DO UPDATE
   SET at = now(), role = $2, host = $3, version = $4, pulsed_at = now(), reach_ms = $5,
       skew_ms = $6, disk_free = $7, started_at = coalesce(old.started_at, now()),
       reached_since = CASE
           WHEN old.pulsed_at BETWEEN now() - interval '45 seconds' AND now() THEN old.reached_since
           ELSE now() END;

-- name: hooks
-- Counts are added to what this minute has already; a name that is no account's counts nowhere.
-- $1 worker, $2 JSON array of {code, answered, refused, failed, times}
INSERT INTO hook_minute AS old (account_id, minute, worker, answered, refused, failed, times)
SELECT account.id, date_trunc('minute', now()), $1, new.answered, new.refused, new.failed, new.times
  FROM jsonb_to_recordset($2::jsonb) AS new (
           code text, answered integer, refused integer, failed integer, times integer[])
  JOIN account ON account.code = new.code
 ORDER BY account.id
    ON CONFLICT (account_id, minute, worker) DO UPDATE
   SET answered = old.answered + excluded.answered, refused = old.refused + excluded.refused,
       failed = old.failed + excluded.failed,
       times = (SELECT array_agg(coalesce(pair.before, 0) + coalesce(pair.more, 0) ORDER BY pair.n)
                  FROM unnest(old.times, excluded.times) WITH ORDINALITY AS pair (before, more, n));

-- name: goodbye
-- An orderly end is not silence.
-- $1 worker
DELETE FROM heartbeat WHERE worker = $1;

-- name: expiry
-- $1 host, $2 what, $3 ends at
INSERT INTO watched_expiry (host, what, ends_at) VALUES ($1, $2, $3)
    ON CONFLICT (host, what) DO UPDATE SET ends_at = $3, seen_at = now();

-- name: monitor_age
-- Seconds since monitoring last went over all rules; null when it never has.
SELECT extract(epoch FROM now() - finished_at)::float8
  FROM tick WHERE job = 'monitoring' AND state = 'done' AND due_at <= now()
 ORDER BY due_at DESC LIMIT 1;

-- name: incidents
-- How many are on, for gauges.
SELECT level, state, count(*) FROM incident WHERE state <> 'resolved'
 GROUP BY level, state ORDER BY level, state;
