-- rule: notifications_failing
-- level: critical
-- minutes: 5
-- for: 0
-- An account whose notifications do not arrive: a fifth of at least ten tries in a quarter of an
-- hour failed, the last three did, or one waits for $1 minutes. (What was refused for good is
-- notification_buried's, so that an old refusal hides no outage.)
WITH tries AS (
    SELECT account_id, count(*) AS tried,
           count(*) FILTER (WHERE outcome NOT IN ('delivered', 'already_accepted')) AS failed,
           (array_agg(outcome ORDER BY at DESC))[1:3] AS latest,
           (array_agg(left(response, 200) ORDER BY at DESC)
               FILTER (WHERE outcome NOT IN ('delivered', 'already_accepted')))[1] AS said
      FROM outbox_attempt
     WHERE at > now() - interval '15 minutes'
     GROUP BY account_id
), waiting AS (
    SELECT account_id, max(now() - created_at) AS oldest
      FROM queue_item
     WHERE queue = 'outbox' AND state IN ('waiting', 'leased', 'parked')
     GROUP BY account_id
)
SELECT account.id::text AS subject, account.merchant_id, NULL::uuid AS store_id,
       account.id AS account_id, NULL::uuid AS order_id,
       jsonb_build_object(
           'account', account.code, 'tried', coalesce(tries.tried, 0),
           'failed', coalesce(tries.failed, 0),
           'oldest', floor(coalesce(extract(epoch FROM waiting.oldest), 0) / 60)::int,
           'said', coalesce(tries.said, '')
       ) AS facts
  FROM account
  LEFT JOIN tries ON tries.account_id = account.id
  LEFT JOIN waiting ON waiting.account_id = account.id
 WHERE waiting.oldest > make_interval(mins => $1)
    OR (tries.tried >= 10 AND tries.failed * 5 >= tries.tried)
    OR (tries.tried >= 3
        AND NOT tries.latest && ARRAY['delivered', 'already_accepted']);
