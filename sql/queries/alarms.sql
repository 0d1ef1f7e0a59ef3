-- name: know
-- $1 way
INSERT INTO alarm_way (way) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: lock
-- The way, unless another process has it or writes a letter by it, or nothing is to go out.
-- $1 way, $2 now
SELECT epoch, failures, due_at <= $2 AS is_due FROM alarm_way
 WHERE way = $1 AND (leased_until IS NULL OR leased_until <= $2)
   AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
   FOR UPDATE SKIP LOCKED;

-- name: note
-- What is critical, firing, nobody's wish to be silent, and in no chat for long enough.
-- $1 way, $2 now, $3 seconds
INSERT INTO alarm AS known (way, incident_id, noted_at)
SELECT $1, incident.id, $2
  FROM incident JOIN incident_hearing AS hearing USING (id)
 WHERE incident.state <> 'resolved' AND incident.state = 'firing' AND incident.level = 'critical'
   AND incident.parent_id IS NULL AND incident.silenced_by IS NULL
   AND coalesce(incident.muted_until <= $2, true)
   AND hearing.since <= $2::timestamptz - $3::float8 * interval '1 second'
   AND NOT hearing.seen
    ON CONFLICT (way, incident_id) DO UPDATE SET state = 'due', noted_at = excluded.noted_at
 WHERE known.state = 'over';

-- name: open
-- What the way has to tell: began; passed (over before anybody heard of it); ended. None of them:
-- heard of otherwise, or nobody wants to hear. One that came back before ends only when it cannot
-- come back once more.
-- $1 way, $2 now, $3 seconds within which an incident may come back
SELECT CASE
         WHEN alarm.state = 'told' THEN 'ended'
         WHEN hearing.seen OR incident.acknowledged_at IS NOT NULL
           OR incident.muted_until > $2 THEN 'nothing'
         WHEN incident.state = 'resolved' THEN 'passed'
         WHEN incident.state = 'firing' AND incident.level = 'critical'
          AND incident.parent_id IS NULL AND incident.silenced_by IS NULL THEN 'began'
         ELSE 'nothing'
       END AS tells,
       alarm.letter_id,
       incident.id, rule, subject, level, incident.state, value, facts, seen_at, last_seen_at,
       merchant_id, store_id, account_id, order_id, fired_at, acknowledged_at, acknowledged_by,
       resolved_at, parent_id, silenced_by, step, stepped_at, returns, seq, revision,
       told_at, muted_until, muted_by, muted_why
  FROM alarm JOIN incident ON incident.id = alarm.incident_id
  JOIN incident_hearing AS hearing ON hearing.id = incident.id
 WHERE alarm.way = $1 AND alarm.state <> 'over'
   AND (alarm.state = 'due' OR incident.state = 'resolved' AND (
        incident.returns = 0 OR incident.resolved_at <= $2::timestamptz - $3::float8 * interval '1 second'))
 ORDER BY incident.fired_at, incident.id;

-- name: forget
-- $1 way, $2 incident ids
DELETE FROM alarm WHERE way = $1 AND incident_id = ANY ($2::uuid[]) AND state = 'due';

-- name: unsent
-- The letter of a try that nobody saw the end of.
-- $1 way
SELECT id, created_at, subject, body, facts, answers, began, ended FROM alarm_letter
 WHERE way = $1 AND sent_at IS NULL;

-- name: write
-- $1 way, $2 id, $3 created_at, $4 subject, $5 body, $6 facts, $7 answers, $8 began, $9 ended
INSERT INTO alarm_letter (way, id, created_at, subject, body, facts, answers, began, ended)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: lease
-- $1 way, $2 until
UPDATE alarm_way SET leased_until = $2, epoch = epoch + 1 WHERE way = $1 RETURNING epoch;

-- name: drop
-- $1 letter
DELETE FROM alarm_letter WHERE id = $1 AND sent_at IS NULL;

-- name: recent
-- How many letters went out since.
-- $1 way, $2 since
SELECT count(*) FROM alarm_letter WHERE way = $1 AND sent_at > $2;

-- name: rest
-- How the try under this epoch ended; no row when another process has the way now.
-- $1 way, $2 epoch, $3 now, $4 seconds until the next letter, $5 error or null
UPDATE alarm_way
   SET leased_until = NULL, due_at = $3::timestamptz + $4::float8 * interval '1 second', error = $5::text,
       failures = CASE WHEN $5 IS NULL THEN 0 ELSE failures + 1 END,
       failing_since = CASE WHEN $5 IS NULL THEN NULL ELSE coalesce(failing_since, $3) END,
       sent_at = CASE WHEN $5 IS NULL THEN $3 ELSE sent_at END
 WHERE way = $1 AND epoch = $2
RETURNING epoch;

-- name: sent
-- $1 letter, $2 now, $3 what the other side said
WITH letter AS (
    UPDATE alarm_letter SET sent_at = $2, said = $3 WHERE id = $1 RETURNING id, way, began, ended
)
UPDATE alarm
   SET state = CASE WHEN alarm.incident_id = ANY (letter.ended) THEN 'over' ELSE 'told' END,
       letter_id = letter.id
  FROM letter
 WHERE alarm.way = letter.way
   AND (alarm.incident_id = ANY (letter.began) OR alarm.incident_id = ANY (letter.ended));

-- name: ways
-- How each way did when it was used last.
SELECT way, failures, failing_since, error, sent_at, due_at FROM alarm_way ORDER BY way;
