-- What marketplaces list, compared with what we know (app/actions/reconcile.py).

-- name: enrol
-- Accounts that nobody has looked at yet.
INSERT INTO reconciliation (account_id)
SELECT id FROM account WHERE removed_at IS NULL
   AND NOT EXISTS (SELECT FROM account_away WHERE account_away.account_id = account.id)
ON CONFLICT (account_id) DO NOTHING;

-- name: claim
-- Accounts to look at now, with the reason: those that wait longest first. A marketplace that is away
-- is not asked; when it is back, after webhooks could not reach us, or when none come, it is at once.
-- $1 adapters, $2 lease seconds, $3 limit
WITH reach AS MATERIALIZED (
    SELECT min(reached_since) AS since
      FROM heartbeat
     WHERE role LIKE 'web%' AND pulsed_at > now() - interval '2 minutes'
), due AS MATERIALIZED (
    SELECT standing.account_id, account.created_at, reason.why
      FROM reconciliation AS standing
      JOIN account ON account.id = standing.account_id
     CROSS JOIN reach
      LEFT JOIN account_gate AS gate ON gate.account_id = standing.account_id
     CROSS JOIN LATERAL (
        SELECT coalesce((account.rules ->> 'reconcile_minutes')::integer, 15) AS minutes) AS rule
     CROSS JOIN LATERAL (
        SELECT CASE
            WHEN standing.run_id IS NOT NULL THEN 'goes on'
            WHEN standing.asked_at IS NOT NULL THEN 'asked'
            WHEN rule.minutes <= 0 THEN NULL
            WHEN standing.begun_at IS NULL THEN 'first'
            WHEN standing.failures > 0 THEN 'again'
            WHEN reach.since > standing.begun_at THEN 'downtime'
            WHEN gate.state = 'closed' AND gate.opened > 0
             AND gate.since > standing.begun_at THEN 'outage'
            WHEN EXISTS (
                SELECT FROM incident
                 WHERE incident.rule = 'account_silent' AND incident.state <> 'resolved'
                   AND incident.account_id = account.id AND incident.fired_at > standing.begun_at)
            THEN 'silence'
            WHEN standing.begun_at + make_interval(mins => rule.minutes) <= now() THEN 'schedule'
        END AS why) AS reason
     WHERE reason.why IS NOT NULL
       AND account.active AND account.removed_at IS NULL AND account.adapter = ANY ($1)
       AND standing.lease_until <= now()
       AND (standing.retry_at <= now() OR reason.why = 'asked')
       AND (gate.account_id IS NULL OR now() >= greatest(
                gate.rest_until, CASE WHEN gate.state <> 'closed' THEN gate.open_until END))
       AND (standing.unlisted IS NULL OR gate.state IS NULL OR gate.state = 'closed')
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
     ORDER BY standing.begun_at NULLS FIRST
     LIMIT $3
       FOR UPDATE OF standing SKIP LOCKED
)
UPDATE reconciliation AS standing
   SET lease_until = now() + make_interval(secs => $2), epoch = standing.epoch + 1
  FROM due
 WHERE standing.account_id = due.account_id
RETURNING standing.account_id, standing.epoch, due.why, due.created_at, standing.run_id,
          standing.covered_until, standing.asked_at, standing.asked_by, standing.asked_since,
          standing.failures;

-- name: hold
-- The account is still ours for some seconds; no row: it is somebody else's.
-- $1 account_id, $2 epoch, $3 seconds
UPDATE reconciliation SET lease_until = now() + make_interval(secs => $3)
 WHERE account_id = $1 AND epoch = $2 AND lease_until > '-infinity'
RETURNING account_id;

-- name: release
-- Somebody goes on later.
-- $1 account_id, $2 epoch, $3 seconds until then
UPDATE reconciliation
   SET lease_until = '-infinity', retry_at = now() + make_interval(secs => $3)
 WHERE account_id = $1 AND epoch = $2;

-- name: begin
-- $1 run id, $2 account_id, $3 why, $4 actor, $5 since, $6 until
INSERT INTO reconciliation_run (id, account_id, why, actor, since, until)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: begun
-- $1 account_id, $2 run id
UPDATE reconciliation
   SET run_id = $2, begun_at = now(), unlisted = NULL
 WHERE account_id = $1;

-- name: granted
-- What somebody asks for meanwhile is another look.
-- $1 account_id, $2 when it was asked for, or null
UPDATE reconciliation
   SET asked_at = NULL, asked_by = NULL, asked_since = NULL
 WHERE account_id = $1 AND asked_at IS NOT DISTINCT FROM $2::timestamptz;

-- name: run
-- $1 run id
SELECT id, since, until, cursor, pages, stale, started_at, unreadable, listed
  FROM reconciliation_run WHERE id = $1;

-- name: seen
-- Note orders of a page; those that this look has not seen before.
-- $1 run id, $2 refs
INSERT INTO reconciliation_listed (run_id, order_ref)
SELECT $1, ref FROM unnest($2::text[]) AS ref
ON CONFLICT DO NOTHING
RETURNING order_ref;

-- name: turn
-- $1 run id, $2 cursor, $3 pages in a row without news, $4 listed, $5 found, $6 unreadable
UPDATE reconciliation_run
   SET cursor = $2, pages = pages + 1, stale = $3, listed = listed + $4, found = found + $5,
       unreadable = unreadable + $6
 WHERE id = $1;

-- name: well
-- Who was away is back. Looks that were given up stay failures until one is done.
-- $1 account_id, $2 found
UPDATE reconciliation AS standing
   SET failures = least(failures, (
           SELECT count(*) FROM reconciliation_run
            WHERE account_id = $1 AND state = 'failed'
              AND started_at > coalesce(standing.covered_until, '-infinity'))),
       trouble = NULL, found = found + $2
 WHERE account_id = $1;

-- name: trouble
-- It does not go on; what is next waits.
-- $1 account_id, $2 what, $3 seconds
UPDATE reconciliation
   SET failures = failures + 1, trouble = $2, lease_until = '-infinity',
       retry_at = now() + make_interval(secs => $3)
 WHERE account_id = $1;

-- name: given_up
-- The next look begins where this one did, whoever asked for it.
-- $1 account_id, $2 since
UPDATE reconciliation
   SET run_id = NULL, asked_since = least(asked_since, $2) WHERE account_id = $1;

-- name: unlisted
-- This account's orders cannot be listed; it is not asked again before its time.
-- $1 account_id, $2 why
UPDATE reconciliation
   SET unlisted = $2, lease_until = '-infinity', run_id = NULL, begun_at = now(), failures = 0,
       trouble = NULL, asked_at = NULL, asked_by = NULL, asked_since = NULL
 WHERE account_id = $1;

-- name: covered
-- $1 account_id, $2 until
UPDATE reconciliation
   SET covered_until = greatest(covered_until, $2), run_id = NULL, lease_until = '-infinity',
       failures = 0, trouble = NULL, retry_at = '-infinity'
 WHERE account_id = $1;

-- name: ended
-- $1 run id, $2 state, $3 error or null, $4 differing in the end
UPDATE reconciliation_run
   SET state = $2, error = $3, finished_at = now(), differing = coalesce($4, differing)
 WHERE id = $1;

-- name: forget_listed
-- What was seen long ago; the look before the last one still counts.
-- $1 account_id
DELETE FROM reconciliation_listed
 WHERE run_id IN (
    SELECT id FROM reconciliation_run
     WHERE account_id = $1 AND finished_at < now() - interval '2 hours'
     ORDER BY started_at DESC OFFSET 1 LIMIT 100);

-- name: waiting
-- How much of an account is in the inbox and not worked through, up to a limit.
-- $1 account_id, $2 limit
SELECT count(*) FROM (
    SELECT FROM queue_item
     WHERE queue = 'inbox' AND account_id = $1 AND state IN ('waiting', 'leased')
     LIMIT $2) AS few;
