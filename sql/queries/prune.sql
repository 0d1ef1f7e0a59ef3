-- What may be forgotten, and when. Orders, documents and timelines are not here.

-- name: ticks
DELETE FROM tick WHERE finished_at < now() - interval '7 days';

-- name: operations
-- A handheld repeats within hours; two days are plenty.
DELETE FROM operation WHERE at < now() - interval '2 days';

-- name: refusals
DELETE FROM inbox_refused WHERE at < now() - interval '30 days';

-- name: sessions
DELETE FROM picker_session WHERE expires_at < now() - interval '1 day';

-- name: doors
-- Word for sessions that are over.
DELETE FROM door_away WHERE until < now();

-- name: heartbeats
DELETE FROM heartbeat WHERE at < now() - interval '1 day';

-- name: changes
-- Twice as long as a cursor is good for (app/domain/cursor.py). Those who count are told how far, so
-- that they notice when they have not seen it.
WITH gone AS (
    DELETE FROM order_change WHERE at < now() - interval '2 hours' RETURNING xid
), told AS (
    UPDATE fact_mark SET pruned = greatest(pruned, (SELECT max(xid) FROM gone))
     WHERE name = 'orders' AND EXISTS (SELECT FROM gone)
)
SELECT FROM gone;

-- name: hook_minutes
-- Rules look back for a quarter of an hour, people for a day or two.
DELETE FROM hook_minute WHERE minute < now() - interval '3 days';

-- name: expiries
-- Of hosts that are gone.
DELETE FROM watched_expiry WHERE seen_at < now() - interval '7 days';

-- name: unheard_incidents
-- What was seen, but never for as long as its rule asks; some at a time, as of all of these.
DELETE FROM incident WHERE id IN (
    SELECT id FROM incident
     WHERE fired_at IS NULL AND state = 'resolved' AND resolved_at < now() - interval '1 day'
     ORDER BY resolved_at LIMIT 5000);

-- name: incidents
-- A year and a month, with their history, so that a month can be compared with the one a year ago.
DELETE FROM incident WHERE id IN (
    SELECT id FROM incident AS old
     WHERE state = 'resolved' AND resolved_at < now() - interval '400 days'
       AND NOT EXISTS (SELECT FROM telegram_message WHERE incident_id = old.id)
     ORDER BY resolved_at LIMIT 5000);

-- name: mutes
DELETE FROM incident_mute WHERE until < now() - interval '400 days';

-- name: telegram_updates
-- What people wrote; longer than Telegram keeps what it could send again.
DELETE FROM telegram_update WHERE received_at < now() - interval '14 days' AND done_at IS NOT NULL;

-- name: telegram_links
DELETE FROM telegram_link WHERE until < now() - interval '7 days';

-- name: telegram_audit
DELETE FROM telegram_audit WHERE at < now() - interval '400 days';

-- name: replays
-- Who asked for what; the rows they made stay.
DELETE FROM replay_run WHERE id IN (
    SELECT id FROM replay_run
     WHERE state <> 'running' AND finished_at < now() - interval '400 days'
     ORDER BY finished_at LIMIT 20);

-- name: events
-- What own systems were told, a month ago; also what still waits for one that is paused that long. Their
-- rows in the queue go with them.
WITH old AS (
    SELECT id FROM integrator_event
     WHERE occurred_at < now() - interval '30 days' ORDER BY occurred_at LIMIT 5000
), delivery AS (
    DELETE FROM integrator_delivery USING old WHERE event_id = old.id RETURNING integrator_delivery.id
), attempt AS (
    DELETE FROM integrator_attempt USING delivery WHERE delivery_id = delivery.id
), queued AS (
    DELETE FROM event_outbox AS item USING delivery
     WHERE item.queue = 'event_outbox' AND item.id = delivery.id
)
DELETE FROM integrator_event USING old WHERE integrator_event.id = old.id;

-- name: reconciliations
-- Looks at what marketplaces list: a month is enough to see how often something was missed.
DELETE FROM reconciliation_run WHERE id IN (
    SELECT id FROM reconciliation_run
     WHERE state <> 'running' AND finished_at < now() - interval '30 days'
     ORDER BY finished_at LIMIT 5000);

-- name: mismatches
DELETE FROM reconciliation_mismatch WHERE id IN (
    SELECT id FROM reconciliation_mismatch
     WHERE resolved_at < now() - interval '400 days' ORDER BY resolved_at LIMIT 5000);

-- name: patience
-- Whoever sends right now is not kept waiting for long; the next hour is as good.
SET LOCAL lock_timeout = '2s';

-- name: months_to_come
-- This month of the archive of Telegram and the two after it.
SELECT telegram_archive_month(date_trunc('month', now() AT TIME ZONE 'UTC')
                              + make_interval(months => ahead))
  FROM generate_series(0, 2) AS ahead;

-- name: months
-- Months of the archive of Telegram that ended thirteen months ago.
SELECT telegram_archive_forget(date_trunc('month', now() AT TIME ZONE 'UTC')
                               - interval '13 months');

-- name: calls
-- What calls that are no messages came to: judged within a minute, read by people for a day or two.
DELETE FROM account_call WHERE at < now() - interval '3 days';
