-- What is told to people who ask in a chat. Only active rows are read, or a day's facts.

-- name: troubles
-- Incidents people know of, the worst first; members of a common one are told as part of it.
-- $1 merchant_id, $2 store_id or null, $3 most
SELECT rule, level, state, facts, fired_at, acknowledged_by, muted_until,
       silenced_by IS NOT NULL AS explained,
       count(*) FILTER (WHERE level = 'critical') OVER () AS critical,
       count(*) FILTER (WHERE level = 'warning') OVER () AS warning
  FROM incident
 WHERE state IN ('firing', 'acknowledged') AND parent_id IS NULL
   AND CASE WHEN $2::uuid IS NULL THEN merchant_id = $1 OR merchant_id IS NULL
            ELSE store_id = $2 END
 ORDER BY silenced_by IS NOT NULL, level = 'warning', state = 'acknowledged', fired_at, id
 LIMIT $3;

-- name: of_order
-- $1 order_id
SELECT rule, level, state, facts, fired_at, acknowledged_by, muted_until,
       silenced_by IS NOT NULL AS explained
  FROM incident
 WHERE order_id = $1 AND fired_at IS NOT NULL
 ORDER BY state = 'resolved', fired_at DESC, id
 LIMIT 10;

-- name: sources
-- When each account was heard last: to the second if just now, else to the minute or hour.
-- $1 merchant_id, $2 store_id or null, $3 the least id of a delivery that is new
SELECT account.code, account.active,
       coalesce((SELECT max(new.received_at) FROM inbox_delivery AS new
                  WHERE new.id > $3::uuid AND new.account_id = account.id),
                (SELECT max(minute) FROM hook_minute
                  WHERE hook_minute.account_id = account.id AND answered > 0),
                (SELECT max(hour) FROM account_hour
                  WHERE account_hour.account_id = account.id AND deliveries > 0)) AS last_at
  FROM account
 WHERE account.merchant_id = $1
   AND ($2::uuid IS NULL OR EXISTS (SELECT FROM account_store AS mapped
                                     WHERE mapped.account_id = account.id
                                       AND mapped.store_id = $2))
 ORDER BY account.code;

-- name: watching
-- When the rules were last run, and which of them fail.
SELECT max(at) AS watched_at,
       coalesce(array_agg(rule ORDER BY rule) FILTER (WHERE failures > 0), '{}') AS blind
  FROM rule_run;

-- name: stores
-- The person's stores that are called so.
-- $1 merchant_id, $2 store_id or null, $3 code
SELECT id, code, name, timezone, paused FROM store
 WHERE merchant_id = $1 AND ($2::uuid IS NULL OR id = $2) AND lower(code) = lower($3);

-- name: store_list
-- $1 merchant_id, $2 most
SELECT store.code, store.name,
       (SELECT count(*) FROM orders
         WHERE orders.store_id = store.id
           AND orders.state IN ('received', 'accepted', 'picking', 'picked', 'ready')) AS open,
       (SELECT count(*) FROM orders
         WHERE orders.store_id = store.id AND orders.due_at < now()
           AND orders.state IN ('received', 'accepted', 'picking', 'picked')) AS late,
       coalesce(wrong.critical, 0) AS critical, coalesce(wrong.warning, 0) AS warning
  FROM store
  LEFT JOIN (SELECT store_id, count(*) FILTER (WHERE level = 'critical') AS critical,
                    count(*) FILTER (WHERE level = 'warning') AS warning
               FROM incident
              WHERE state IN ('firing', 'acknowledged') AND parent_id IS NULL
              GROUP BY store_id) AS wrong ON wrong.store_id = store.id
 WHERE store.merchant_id = $1
 ORDER BY critical DESC, warning DESC, late DESC, open DESC, store.code
 LIMIT $2;

-- name: store_count
-- $1 merchant_id
SELECT count(*) FROM store WHERE merchant_id = $1;

-- name: open_orders
-- $1 store_id
SELECT state, count(*) AS number,
       count(*) FILTER (WHERE due_at < now() AND state NOT IN ('ready', 'handed_over')) AS late,
       count(*) FILTER (WHERE due_at BETWEEN now() AND now() + interval '30 minutes'
                          AND state NOT IN ('ready', 'handed_over')) AS soon
  FROM orders
 WHERE store_id = $1
   AND state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over')
 GROUP BY state;

-- name: today
-- A store's day so far, since midnight on its own clock.
-- $1 store_id
WITH hours AS (
    SELECT it.* FROM store_hour AS it JOIN store ON store.id = it.store_id
     WHERE it.store_id = $1
       AND it.hour >= date_trunc('day', now() AT TIME ZONE store.timezone) AT TIME ZONE store.timezone
)
SELECT coalesce(sum(orders), 0)::integer AS orders, coalesce(sum(picked), 0)::integer AS picked,
       coalesce(sum(ready), 0)::integer AS ready,
       coalesce(sum(ready_on_time), 0)::integer AS ready_on_time,
       coalesce(sum(lines), 0)::integer AS lines, coalesce(sum(found), 0)::integer AS found,
       coalesce(sum(replaced), 0)::integer AS replaced,
       coalesce(sum(delivered), 0)::integer AS delivered,
       coalesce(sum(cancelled), 0)::integer AS cancelled,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)
          FROM hours AS again, unnest(again.pick_times) AS seconds)::float AS pick_seconds
  FROM hours;

-- name: on_shift
-- Who is at work in a merchant's stores, or in one.
-- $1 merchant_id, $2 store_id or null, $3 most
SELECT picker.name, picker.badge, picker.role, shift.started_at, store.code AS store,
       (SELECT pause.started_at FROM shift_pause AS pause
         WHERE pause.shift_id = shift.id AND pause.ended_at IS NULL) AS paused_at
  FROM shift
  JOIN picker ON picker.id = shift.picker_id
  JOIN store ON store.id = shift.store_id
 WHERE shift.ended_at IS NULL AND store.merchant_id = $1
   AND ($2::uuid IS NULL OR store.id = $2)
 ORDER BY store.code, picker.role DESC, picker.name, picker.badge
 LIMIT $3;

-- name: order
-- By our number or the marketplace's; the newest.
-- $1 merchant_id, $2 store_id or null, $3 text
SELECT orders.id, orders.number, orders.external_id, account.code AS account, store.code AS store,
       store.timezone, orders.state, orders.due_at, orders.received_at, orders.ready_at,
       orders.ended_at, orders.cancelled_by,
       ARRAY (SELECT DISTINCT picker.badge FROM pick_job AS job
                JOIN picker ON picker.id = job.picker_id
               WHERE job.order_id = orders.id ORDER BY picker.badge) AS badges,
       line.lines, line.lines_done
  FROM orders
  JOIN store ON store.id = orders.store_id
  JOIN account ON account.id = orders.account_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS lines,
              count(*) FILTER (WHERE state NOT IN ('todo', 'proposed')) AS lines_done
         FROM order_line
        WHERE order_id = orders.id
          AND coalesce(reason, '') NOT IN ('removed_by_customer', 'withdrawn')) AS line
 WHERE (orders.number = $3 OR orders.external_id = $3)
   AND store.merchant_id = $1 AND ($2::uuid IS NULL OR store.id = $2)
 ORDER BY orders.id DESC
 LIMIT 1;

-- name: pressed
-- An incident as an answer to a press tells of it.
-- $1 id
SELECT incident.merchant_id, incident.store_id, incident.acknowledged_by, incident.acknowledged_at,
       incident.resolved_at, incident.fired_at, incident.muted_until,
       coalesce(store.timezone, 'Europe/Moscow') AS timezone
  FROM incident LEFT JOIN store ON store.id = incident.store_id
 WHERE incident.id = $1;

-- name: mute
-- $1 id
SELECT merchant_id, store_id FROM incident_mute WHERE id = $1;

-- name: mutes_about
-- What mutes are about, as people say it: a store, an account, an order's number.
-- $1 mute ids
SELECT mute.id,
       concat_ws(' · ', store.code, account.code) AS place,
       (SELECT incident.facts ->> 'number' FROM incident
         WHERE incident.rule = mute.rule AND incident.subject = mute.subject
           AND incident.state <> 'resolved' LIMIT 1) AS number
  FROM incident_mute AS mute
  LEFT JOIN store ON store.id = mute.store_id
  LEFT JOIN account ON account.id = mute.account_id
 WHERE mute.id = ANY ($1::uuid[]);
