-- name: places
-- Every chat that hears of a store by itself, or of a merchant, with the shifts that were on lately
-- and the days it has been told of already. As with incidents, a route goes before the chat of the
-- store or merchant, and one for digests before one for everything. A merchant's only store is not
-- told twice in one chat.
-- $1 now
WITH spoken AS (
    SELECT telegram_chat AS chat_id, NULL::integer AS thread_id, merchant_id, id AS store_id,
           2 AS fits
      FROM store WHERE telegram_chat IS NOT NULL
     UNION ALL
    SELECT telegram_chat, NULL, id, NULL, 2 FROM merchant WHERE telegram_chat IS NOT NULL
     UNION ALL
    SELECT route.chat_id, route.thread_id, coalesce(store.merchant_id, route.merchant_id), store.id,
           CASE WHEN route.class IS NULL THEN 1 ELSE 0 END
      FROM telegram_route AS route LEFT JOIN store ON store.id = route.store_id
     WHERE route.step = 0 AND (route.class IS NULL OR route.class = 'digest')
       AND route.merchant_id IS NOT NULL
), fitting AS (
    SELECT *, rank() OVER (PARTITION BY merchant_id, store_id ORDER BY fits) AS rank FROM spoken
), place AS (
    SELECT DISTINCT ON (chat_id, merchant_id, store_id) chat_id, merchant_id, store_id, thread_id
      FROM fitting WHERE rank = 1 ORDER BY chat_id, merchant_id, store_id, thread_id
), recent AS MATERIALIZED (
    SELECT store_id, started_at, ended_at FROM shift
     WHERE ended_at > $1::timestamptz - interval '40 hours'
     UNION ALL
    SELECT store_id, started_at, ended_at FROM shift
     WHERE ended_at IS NULL AND started_at > $1::timestamptz - interval '24 hours'
), worked AS MATERIALIZED (
    SELECT store.merchant_id, store.id AS store_id,
           array_agg(recent.started_at ORDER BY recent.started_at, recent.ended_at) AS started,
           array_agg(recent.ended_at ORDER BY recent.started_at, recent.ended_at) AS ended
      FROM recent JOIN store ON store.id = recent.store_id
     GROUP BY GROUPING SETS ((store.merchant_id, store.id), (store.merchant_id))
)
SELECT place.chat_id, place.thread_id, place.merchant_id, place.store_id,
       coalesce(store.timezone, chat.timezone) AS zone, chat.timezone AS chat_zone, chat.digest_at,
       chat.quiet_from, chat.quiet_until, chat.language,
       coalesce(store.code || ' · ' || store.name, merchant.name) AS title,
       ARRAY(SELECT digest.day FROM digest
              WHERE digest.chat_id = place.chat_id AND digest.merchant_id = place.merchant_id
                AND digest.store_id IS NOT DISTINCT FROM place.store_id
                AND digest.day > $1::date - 4) AS told,
       coalesce(worked.started, '{}') AS started, coalesce(worked.ended, '{}') AS ended
  FROM place
  JOIN telegram_chat AS chat ON chat.chat_id = place.chat_id AND chat.disabled_at IS NULL
  JOIN merchant ON merchant.id = place.merchant_id
  LEFT JOIN store ON store.id = place.store_id
  LEFT JOIN worked ON worked.merchant_id = place.merchant_id
                  AND worked.store_id IS NOT DISTINCT FROM place.store_id
 WHERE place.store_id IS NOT NULL
    OR 1 <> (SELECT count(*) FROM store AS its WHERE its.merchant_id = place.merchant_id)
    OR NOT EXISTS (SELECT FROM place AS other
                    WHERE other.chat_id = place.chat_id
                      AND other.merchant_id = place.merchant_id AND other.store_id IS NOT NULL)
 ORDER BY place.chat_id, place.store_id NULLS LAST;

-- name: hours
-- What each hour came to, by the clocks of its stores.
-- $1 merchant, $2 store or null for all, $3 from, $4 until (both without a zone)
WITH cell AS MATERIALIZED (
    SELECT it.*, it.hour AT TIME ZONE store.timezone AS local
      FROM store JOIN store_hour AS it ON it.store_id = store.id
     WHERE store.merchant_id = $1 AND ($2::uuid IS NULL OR store.id = $2)
       AND it.hour >= $3::timestamp AT TIME ZONE store.timezone
       AND it.hour < $4::timestamp AT TIME ZONE store.timezone
), typical AS (
    SELECT date_trunc('hour', cell.local) AS hour,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS pick_typical
      FROM cell CROSS JOIN unnest(cell.pick_times) AS seconds GROUP BY 1
)
SELECT date_trunc('hour', cell.local) AS hour, sum(cell.orders)::bigint AS orders,
       sum(cell.ready)::bigint AS ready, sum(cell.ready_on_time)::bigint AS on_time,
       sum(cell.picked)::bigint AS picked, max(typical.pick_typical) AS pick_typical
  FROM cell LEFT JOIN typical ON typical.hour = date_trunc('hour', cell.local)
 GROUP BY 1 ORDER BY 1;

-- name: totals
-- The same hours added up.
-- $1 merchant, $2 store or null for all, $3 from, $4 until (both without a zone)
WITH cell AS MATERIALIZED (
    SELECT it.*
      FROM store JOIN store_hour AS it ON it.store_id = store.id
     WHERE store.merchant_id = $1 AND ($2::uuid IS NULL OR store.id = $2)
       AND it.hour >= $3::timestamp AT TIME ZONE store.timezone
       AND it.hour < $4::timestamp AT TIME ZONE store.timezone
), pick AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS pick_typical,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS pick_long
      FROM cell CROSS JOIN unnest(cell.pick_times) AS seconds
)
SELECT coalesce(sum(orders), 0)::bigint AS orders,
       coalesce(sum(delivered), 0)::bigint AS delivered,
       coalesce(sum(cancelled), 0)::bigint AS cancelled,
       coalesce(sum(cancelled_by_store), 0)::bigint AS cancelled_by_store,
       coalesce(sum(ready), 0)::bigint AS ready,
       coalesce(sum(ready_on_time), 0)::bigint AS on_time,
       coalesce(sum(picked), 0)::bigint AS picked,
       coalesce(sum(lines), 0)::bigint AS lines, coalesce(sum(found), 0)::bigint AS found,
       coalesce(sum(replaced), 0)::bigint AS replaced,
       max(pick.pick_typical) AS pick_typical, max(pick.pick_long) AS pick_long
  FROM cell RIGHT JOIN pick ON true;

-- name: incidents
-- What people heard of in that time by itself, and who took care. $5: what lasts, lasts until then.
-- $1 merchant, $2 store or null for all, $3 from, $4 until, $5 now
SELECT incident.rule, incident.level, incident.state <> 'resolved' AS is_on,
       incident.muted_until IS NOT NULL AS is_muted,
       extract(epoch FROM coalesce(incident.resolved_at, $5) - incident.fired_at)::float8
           AS seconds,
       ARRAY(SELECT DISTINCT event.actor FROM incident_event AS event
              WHERE event.incident_id = incident.id
                AND event.kind IN ('acknowledged', 'muted') AND event.actor <> 'hub'
              ORDER BY event.actor) AS actors
  FROM incident
 WHERE (incident.state <> 'resolved' OR incident.state = 'resolved' AND incident.resolved_at >= $3)
   AND incident.merchant_id = $1 AND ($2::uuid IS NULL OR incident.store_id = $2)
   AND incident.fired_at >= $3 AND incident.fired_at < $4
   AND incident.parent_id IS NULL AND incident.silenced_by IS NULL
 ORDER BY incident.fired_at, incident.id;

-- name: claim
-- No row comes back when this day was told already.
-- $1 id, $2 chat_id, $3 merchant_id, $4 store_id, $5 day
INSERT INTO digest (id, chat_id, merchant_id, store_id, day) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
RETURNING id;
