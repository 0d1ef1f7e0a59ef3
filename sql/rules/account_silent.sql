-- rule: account_silent
-- about: account
-- topic: connection
-- unit: times
-- warn: 3
-- critical: 6
-- ru: маркетплейс молчит
-- ru: тишина {silent} мин · обычно вебхуков в час: {usual}
-- ru: последний в {heard_at}
-- ru: что делать: проверить подключение и витрину маркетплейса
-- en: the marketplace is silent
-- en: silent for {silent} min · usually {usual} webhooks an hour
-- en: the last one at {heard_at}
-- en: to do: look at the connection and at the marketplace's storefront
-- Minutes without a webhook against the longest pause that is usual at these hours: what should have
-- come meanwhile, by the lower median of the same hours of up to four past weeks, in units of a
-- usual hour's longest pause (of n an hour: ln n + 0.58 of their mean gap, and never less than 3, so
-- that chance alone is not told). 3 of them and half an hour is critical.
-- Hours in which nothing usually comes add nothing: what is closed is not silent. Nothing is said of
-- accounts younger than two weeks, paused ones and those whose stores are all paused, and of times
-- when no web worker could have heard anything.
WITH hub AS MATERIALIZED (
    SELECT min(reached_since) AS reached_since
      FROM heartbeat
     WHERE role LIKE 'web%' AND pulsed_at > $1 - interval '2 minutes'
), silent AS MATERIALIZED (
    SELECT account.id AS account_id, first.hour AS first_hour,
           CASE WHEN hook.minute >= counted.hour OR counted.hour IS NULL
                THEN hook.minute + interval '1 minute'
                ELSE counted.hour + interval '1 hour' END AS heard_at
      FROM account
      JOIN LATERAL (
        SELECT hour FROM account_hour WHERE account_id = account.id ORDER BY hour LIMIT 1
           ) AS first ON first.hour <= $1 - interval '14 days'
      LEFT JOIN LATERAL (
        SELECT minute FROM hook_minute
         WHERE account_id = account.id AND minute <= $1 AND answered > 0
         ORDER BY minute DESC LIMIT 1
           ) AS hook ON true
      LEFT JOIN LATERAL (
        SELECT hour FROM account_hour
         WHERE account_id = account.id AND hour <= $1 AND deliveries > 0
         ORDER BY hour DESC LIMIT 1
           ) AS counted ON true
     WHERE account.active
       AND EXISTS (SELECT FROM account_store JOIN store ON store.id = account_store.store_id
                    WHERE account_store.account_id = account.id AND NOT store.paused)
), span AS (
    SELECT silent.account_id, silent.first_hour, silent.heard_at,
           greatest(silent.heard_at, hub.reached_since, $1 - interval '12 hours') AS since
      FROM silent CROSS JOIN hub
     WHERE hub.reached_since IS NOT NULL AND silent.heard_at IS NOT NULL
), usual AS (
    SELECT span.account_id, span.heard_at, span.since, past.usual,
           past.usual * extract(epoch FROM least($1, slot.hour + interval '1 hour')
                                           - greatest(span.since, slot.hour)) / 3600 AS missed
      FROM span
     CROSS JOIN LATERAL generate_series(
        date_trunc('hour', span.since), $1, interval '1 hour') AS slot (hour)
     CROSS JOIN LATERAL (
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(counted.deliveries, 0)) AS usual
          FROM generate_series(1, 4) AS week (n)
          LEFT JOIN account_hour AS counted
            ON counted.account_id = span.account_id
           AND counted.hour = slot.hour - week.n * interval '7 days'
         WHERE slot.hour - week.n * interval '7 days' >= span.first_hour
           ) AS past
     WHERE span.since < $1 - interval '3 minutes'
), judged AS (
    SELECT usual.account_id, usual.heard_at, max(usual.usual) AS usual,
           floor(extract(epoch FROM $1 - usual.since) / 60) AS silent,
           sum(usual.missed) / greatest(3, ln(greatest(max(usual.usual), 1)) + 0.58) AS pauses
      FROM usual
     GROUP BY usual.account_id, usual.heard_at, usual.since
)
SELECT judged.account_id, judged.heard_at, judged.usual, judged.silent,
       round(CASE WHEN judged.pauses >= 3 AND judged.silent >= 30
                  THEN greatest(judged.pauses, 6) ELSE judged.pauses END::numeric, 1) AS value
  FROM judged
 WHERE judged.pauses >= $2;
