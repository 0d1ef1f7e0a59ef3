-- Incidents as an operator sees them.

-- name: listed
-- Those that are on, the worst first, and with $1 what ended since.
-- $1 ended since or null, $2 rule or null, $3 store code or null, $4 most
SELECT incident.*,
       (SELECT count(*) FROM incident AS member
         WHERE member.parent_id = incident.id AND member.state <> 'resolved') AS members
  FROM incident
  LEFT JOIN store ON store.id = incident.store_id
 WHERE incident.fired_at IS NOT NULL
   AND (incident.state <> 'resolved'
        OR (incident.state = 'resolved' AND incident.resolved_at >= $1::timestamptz))
   AND ($2::text IS NULL OR incident.rule = $2)
   AND ($3::text IS NULL OR store.code = $3)
 ORDER BY incident.state = 'resolved', incident.parent_id IS NOT NULL,
          incident.level = 'warning', incident.state = 'acknowledged', incident.fired_at DESC
 LIMIT $4;

-- name: one
-- $1 id
SELECT incident.*,
       (SELECT count(*) FROM incident AS member
         WHERE member.parent_id = incident.id AND member.state <> 'resolved') AS members
  FROM incident
 WHERE incident.id = $1;

-- name: history
-- $1 incident id
SELECT at, kind, actor, detail FROM incident_event WHERE incident_id = $1 ORDER BY id;

-- name: members
-- $1 incident id, $2 most
SELECT id, state, value, fired_at, resolved_at, facts->>'number' AS number, facts->>'store' AS store
  FROM incident
 WHERE parent_id = $1
 ORDER BY state = 'resolved', fired_at
 LIMIT $2;

-- name: places
-- What people call where mutes hold: a store, an account, an incident's own subject; '' everywhere.
-- $1 mute ids
SELECT coalesce(nullif(concat_ws(' · ', coalesce(store.code, account.code),
                                 subject.facts->>'number'), ''),
                subject.facts->>'store', subject.facts->>'account', mute.subject, '') AS place
  FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, at)
  JOIN incident_mute AS mute USING (id)
  LEFT JOIN store ON store.id = mute.store_id
  LEFT JOIN account ON account.id = mute.account_id
  LEFT JOIN LATERAL (
      SELECT facts FROM incident
       WHERE incident.rule = mute.rule AND incident.subject = mute.subject
         AND incident.state <> 'resolved'
       LIMIT 1
  ) AS subject ON true
 ORDER BY asked.at;
