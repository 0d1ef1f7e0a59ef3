-- rule: notifications_failing
-- about: account
-- topic: connection
-- unit: percent
-- critical: 20
-- ru: маркетплейс не принимает уведомления
-- ru: не удалось {failed} из {tried} попыток
-- ru: самое старое неотправленное: {oldest} мин
-- ru: последний ответ: {said}
-- ru: что делать: orderhub outbox
-- en: the marketplace does not take notifications
-- en: failed {failed} of {tried} tries
-- en: oldest unsent: {oldest} min
-- en: last answer: {said}
-- en: to do: orderhub outbox
-- An account whose notifications do not arrive: a fifth of at least ten tries in a quarter of an
-- hour failed, the last three did, or one waits for 5 minutes. (What was refused for good is
-- notification_buried's, so that an old refusal hides no outage.)
WITH tries AS (
    SELECT account_id, count(*) AS tried,
           count(*) FILTER (WHERE outcome NOT IN ('delivered', 'already_accepted')) AS failed,
           (array_agg(outcome ORDER BY at DESC))[1:3] AS latest,
           (array_agg(left(response, 200) ORDER BY at DESC)
               FILTER (WHERE outcome NOT IN ('delivered', 'already_accepted')))[1] AS said
      FROM outbox_attempt
     WHERE at > $1 - interval '15 minutes'
     GROUP BY account_id
), waiting AS (
    SELECT account_id, max($1 - created_at) AS oldest
      FROM queue_item
     WHERE queue = 'outbox' AND state IN ('waiting', 'leased', 'parked')
     GROUP BY account_id
)
SELECT failing.*
  FROM (
    SELECT account.id AS account_id, coalesce(tries.tried, 0) AS tried,
           coalesce(tries.failed, 0) AS failed, tries.said,
           floor(coalesce(extract(epoch FROM waiting.oldest), 0) / 60) AS oldest,
           CASE WHEN waiting.oldest > interval '5 minutes' THEN 100
                WHEN tries.tried >= 3
                     AND NOT tries.latest && ARRAY['delivered', 'already_accepted'] THEN 100
                WHEN tries.tried >= 10 THEN 100 * tries.failed / tries.tried
                ELSE 0 END AS value
      FROM account
      LEFT JOIN tries ON tries.account_id = account.id
      LEFT JOIN waiting ON waiting.account_id = account.id
  ) AS failing
 WHERE failing.value >= $2;
