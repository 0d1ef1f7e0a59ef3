-- What all processes know of an account's marketplace before they call it; app/domain/breaker.py and
-- app/domain/pace.py reckon, account_gate remembers.

-- name: know
-- $1 account_id
INSERT INTO account_gate (account_id) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: turn
-- The clock is read once the row is ours. Losing the last turns with the server is no harm: no wait
-- for disks.
-- $1 account_id
WITH gate AS MATERIALIZED (
    SELECT arrival FROM account_gate WHERE account_id = $1 FOR UPDATE
)
SELECT arrival, clock_timestamp() AS now, set_config('synchronous_commit', 'off', true) FROM gate;

-- name: take
-- $1 account_id, $2 arrival
UPDATE account_gate SET arrival = $2 WHERE account_id = $1;

-- name: crowded
-- All turns are taken for so many seconds: none of its messages is claimed until then.
-- $1 account_id, $2 seconds
UPDATE account_gate
   SET free_at = greatest(free_at, clock_timestamp() + make_interval(secs => $2))
 WHERE account_id = $1;

-- name: wait
-- Whether nobody is called at all; seconds until the account may be, and whether just to look.
-- $1 account_id
SELECT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL) AS held,
       extract(epoch FROM greatest(gate.rest_until,
                                   CASE WHEN gate.state <> 'closed' THEN gate.open_until END)
                          - clock_timestamp())::float8 AS seconds, gate.state <> 'closed' AS probing
  FROM (VALUES ($1::uuid)) AS asked (account_id)
  LEFT JOIN account_gate AS gate USING (account_id);

-- name: probe
-- One call in all processes; whose it is may ask again. No row comes back while another one's is out.
-- $1 account_id, $2 who, $3 seconds it may take
UPDATE account_gate
   SET state = 'half_open', probe_id = $2,
       probe_until = clock_timestamp() + make_interval(secs => $3),
       since = CASE state WHEN 'half_open' THEN since ELSE clock_timestamp() END
 WHERE account_id = $1 AND state <> 'closed'
   AND greatest(rest_until, open_until) <= clock_timestamp()
   AND (probe_until <= clock_timestamp() OR probe_id = $2)
RETURNING account_id;

-- name: leave
-- It did not call after all: somebody else may.
-- $1 account_id, $2 who
UPDATE account_gate SET probe_until = 'epoch', probe_id = NULL
 WHERE account_id = $1 AND probe_id = $2;

-- name: troubled
-- The row of an account that has just answered, if it did not before.
-- $1 account_id
SELECT state, since, open_until, rest_until, failures, opened, reason, clock_timestamp() AS now
  FROM account_gate
 WHERE account_id = $1 AND (failures > 0 OR state <> 'closed')
   FOR NO KEY UPDATE;

-- name: gate
-- $1 account_id
SELECT state, since, open_until, rest_until, failures, opened, reason, clock_timestamp() AS now
  FROM account_gate
 WHERE account_id = $1
   FOR NO KEY UPDATE;

-- name: stand
-- Whatever it is, a probe that was out is over.
-- $1 account_id, $2 state, $3 since, $4 open_until, $5 rest_until, $6 failures, $7 opened, $8 reason,
-- $9 what was said
UPDATE account_gate
   SET state = $2, since = $3, open_until = $4, rest_until = $5, failures = $6, opened = $7,
       reason = $8, said = coalesce($9, said), probe_until = 'epoch', probe_id = NULL
 WHERE account_id = $1;

-- name: record
-- $1 account_id, $2 what, $3 ms, $4 outcome, $5 what was said, $6 who it was for or null
INSERT INTO account_call (account_id, what, ms, outcome, said, who)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: message_to_blame
-- Whether the key was refused for this message before, and taken for another one since.
-- $1 account_id, $2 message_id
SELECT EXISTS (
    SELECT FROM outbox_attempt AS other
     WHERE other.account_id = $1 AND other.message_id <> $2
       AND other.outcome IN ('delivered', 'already_accepted')
       AND other.at > (SELECT min(own.at) FROM outbox_attempt AS own
                        WHERE own.message_id = $2 AND own.outcome = 'credentials'));

-- name: call_to_blame
-- The same for a call.
-- $1 account_id, $2 what, $3 who
SELECT EXISTS (
    SELECT FROM account_call AS other
     WHERE other.account_id = $1 AND other.what = $2 AND other.who <> $3
       AND other.outcome = 'answered'
       AND other.at > (SELECT min(own.at) FROM account_call AS own
                        WHERE own.account_id = $1 AND own.who = $3
                          AND own.outcome = 'credentials'));

-- name: sample
-- What calls came to since the account stands as it stands, but not longer ago than the window; of
-- those that were called or are not closed. Lists may have a key of their own.
-- $1 window in seconds
SELECT account.id AS account_id, account.code, gate.state, gate.since, gate.open_until, gate.rest_until,
       gate.failures, gate.opened, gate.reason, clock_timestamp() AS now,
       tried.calls, tried.failed, tried.credentials, tried.said
  FROM account
  JOIN account_gate AS gate ON gate.account_id = account.id
 CROSS JOIN LATERAL (
    SELECT count(*) AS calls,
           count(*) FILTER (WHERE call.outcome = 'remote_unavailable') AS failed,
           count(*) FILTER (WHERE call.outcome = 'credentials') AS credentials,
           left((array_agg(call.said ORDER BY call.at DESC) FILTER (
               WHERE call.outcome IN ('remote_unavailable', 'credentials')))[1], 300) AS said
      FROM (SELECT at, outcome, response AS said FROM outbox_attempt WHERE account_id = account.id
             UNION ALL
            SELECT at, outcome, said FROM account_call
             WHERE account_id = account.id AND (what <> 'page' OR outcome <> 'credentials')) AS call
     WHERE call.outcome <> 'remote_busy'
       AND call.at > greatest(now() - make_interval(secs => $1), gate.since)) AS tried
 WHERE tried.calls > 0 OR gate.state <> 'closed';

-- name: judge
-- Only while it stands as it stood; somebody else's word is newer.
-- $1 account_id, $2 state, $3 since, $4 open_until, $5 opened, $6 reason, $7 what was said,
-- $8 state before, $9 since before
UPDATE account_gate
   SET state = $2, since = $3, open_until = $4, opened = $5, reason = $6,
       said = coalesce($7, said), probe_until = 'epoch', probe_id = NULL
 WHERE account_id = $1 AND state = $8 AND since = $9
RETURNING account_id;

-- name: unwind
-- A clock that was put back keeps nobody away for longer than he would have been.
-- $1 longest rest in seconds, $2 longest patience that is asked for
UPDATE account_gate
   SET open_until = least(open_until, now() + make_interval(secs => $1)),
       probe_until = least(probe_until, now() + make_interval(secs => $1)),
       free_at = least(free_at, now() + make_interval(secs => $1)),
       since = least(since, now()),
       rest_until = least(rest_until, now() + make_interval(secs => $2))
 WHERE since > now() OR rest_until > now() + make_interval(secs => $2)
    OR greatest(open_until, probe_until, free_at) > now() + make_interval(secs => $1);

-- name: reset
-- Somebody has mended something: everything may be tried.
-- $1 account_id
UPDATE account_gate
   SET state = 'closed', since = now(), open_until = 'epoch', rest_until = 'epoch', free_at = 'epoch',
       probe_until = 'epoch', probe_id = NULL, failures = 0, opened = 0, reason = NULL, said = NULL
 WHERE account_id = $1;

-- name: standings
-- How each account's marketplace is called: closed is as usual, resting while it asked for patience.
SELECT account.id, account.code, gate.reason, gate.said, gate.since,
       coalesce(gate.failures, 0) AS failures,
       CASE WHEN gate.state = 'open' AND gate.open_until <= now() THEN 'half_open'
            WHEN gate.state = 'closed' AND gate.rest_until > now() THEN 'resting'
            ELSE coalesce(gate.state, 'closed') END AS state,
       nullif(greatest(gate.rest_until,
                       CASE WHEN gate.state <> 'closed' THEN gate.open_until END, now()), now())
           AS shut_until
  FROM account LEFT JOIN account_gate AS gate ON gate.account_id = account.id
 WHERE account.removed_at IS NULL
 ORDER BY account.code;
