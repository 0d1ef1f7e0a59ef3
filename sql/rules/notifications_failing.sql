-- rule: notifications_failing
-- about: account
-- topic: connection
-- unit: percent
-- warn: 5
-- critical: 20
-- least: 10
-- silenced by: key_refused
-- ru: маркетплейс не принимает уведомления
-- ru: с первого раза не ушло {failed} из {tried} · самое старое ждёт {oldest} мин
-- ru: последний ответ: {said}
-- ru: что делать: orderhub outbox
-- en: the marketplace does not take notifications
-- en: {failed} of {tried} failed at first · the oldest has waited for {oldest} min
-- en: last answer: {said}
-- en: to do: orderhub outbox
-- An account whose notifications do not arrive: of at least ten first tries of a quarter of an hour
-- so many failed, or the last three tries did and something that was tried still waits. When the
-- last ten went through it is over. What was refused for good is notification_buried's, so that an
-- old refusal hides no outage; a marketplace that asks for patience has not failed.
SELECT failing.*
  FROM (
    SELECT account.id AS account_id, tries.tried, tries.failed, latest.said,
           floor(extract(epoch FROM $1 - waiting.since) / 60) AS oldest,
           CASE WHEN NOT latest.three THEN tries.tried END AS cases,
           CASE WHEN latest.three AND waiting.tried THEN 100
                WHEN latest.ten THEN 0
                ELSE 100.0 * tries.failed / nullif(tries.tried, 0) END AS value
      FROM account
     CROSS JOIN LATERAL (
        SELECT count(*) >= 3 AND bool_and(last.failed) FILTER (WHERE last.n <= 3) AS three,
               count(*) = 10 AND NOT bool_or(last.failed) AS ten,
               (array_agg(last.said ORDER BY last.n) FILTER (WHERE last.failed))[1] AS said
          FROM (SELECT row_number() OVER (ORDER BY at DESC) AS n, left(response, 200) AS said,
                       outcome NOT IN ('delivered', 'already_accepted', 'remote_refused') AS failed
                  FROM outbox_attempt
                 WHERE account_id = account.id AND outcome <> 'remote_busy'
                 ORDER BY at DESC
                 LIMIT 10) AS last
           ) AS latest
     CROSS JOIN LATERAL (
        SELECT count(*) AS tried,
               count(*) FILTER (WHERE outcome NOT IN (
                   'delivered', 'already_accepted', 'remote_refused')) AS failed
          FROM outbox_attempt
         WHERE account_id = account.id AND at > $1 - interval '15 minutes'
           AND attempt = 1 AND outcome <> 'remote_busy'
           ) AS tries
     CROSS JOIN LATERAL (
        SELECT min(created_at) AS since, bool_or(reason IS NOT NULL) AS tried
          FROM queue_item
         WHERE queue = 'outbox' AND account_id = account.id AND state IN ('waiting', 'leased')
           ) AS waiting
     WHERE account.active
  ) AS failing
 WHERE failing.value >= $2;
