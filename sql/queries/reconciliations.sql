-- How comparing orders with marketplaces goes, for people and for metrics.

-- name: standings
-- Every account; lag in seconds. Of an account nobody has looked at yet only its rule is known.
SELECT account.code, account.adapter, account.active,
       coalesce((account.rules ->> 'reconcile_minutes')::integer, 15) AS minutes,
       standing.begun_at, standing.covered_until, standing.unlisted, standing.trouble,
       standing.retry_at, standing.run_id IS NOT NULL AS running,
       coalesce(standing.failures, 0) AS failures, coalesce(standing.found, 0) AS found,
       extract(epoch FROM now() - standing.covered_until)::float8 AS lag,
       coalesce(differ.orders, 0) AS differing
  FROM account
  LEFT JOIN reconciliation AS standing ON standing.account_id = account.id
  LEFT JOIN LATERAL (
    SELECT count(DISTINCT order_ref) AS orders
      FROM reconciliation_mismatch AS open
     WHERE open.account_id = account.id AND open.resolved_at IS NULL AND open.told_at IS NOT NULL
       ) AS differ ON true
 WHERE account.removed_at IS NULL
 ORDER BY account.code;

-- name: runs
-- The newest looks of an account.
-- $1 account's code, $2 limit
SELECT run.id, run.why, run.actor, run.since, run.until, run.pages, run.listed, run.found,
       run.differing, run.unreadable, run.state, run.error, run.started_at, run.finished_at
  FROM reconciliation_run AS run JOIN account ON account.id = run.account_id
 WHERE account.code = $1
 ORDER BY run.started_at DESC LIMIT $2;

-- name: mismatches
-- What differs, and with a time also what was over since; the newest first.
-- $1 account's code or null, $2 since or null, $3 limit
SELECT account.code AS account, differ.order_ref, orders.number, differ.order_id, differ.kind,
       differ.said_theirs AS theirs, differ.said_ours AS ours, differ.told_at AS first_seen,
       differ.seen_at AS last_seen, differ.resolved_at AS resolved
  FROM reconciliation_mismatch AS differ
  JOIN account ON account.id = differ.account_id
  LEFT JOIN orders ON orders.id = differ.order_id
 WHERE differ.told_at IS NOT NULL AND ($1::text IS NULL OR account.code = $1)
   AND (differ.resolved_at IS NULL OR differ.resolved_at >= $2::timestamptz)
 ORDER BY differ.told_at DESC, differ.id DESC LIMIT $3;

-- name: ask
-- Somebody wants an account looked at now; no row: there is none, or it is paused.
-- $1 account's code, $2 who, $3 since or null
INSERT INTO reconciliation AS old (account_id, asked_at, asked_by, asked_since)
SELECT id, now(), $2, $3 FROM account WHERE code = $1 AND active AND removed_at IS NULL
ON CONFLICT (account_id) DO UPDATE
   SET asked_at = now(), asked_by = excluded.asked_by,
       asked_since = least(old.asked_since, excluded.asked_since)
RETURNING account_id;
