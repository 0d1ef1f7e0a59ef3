-- rule: words_unmapped
-- about: account
-- topic: connection
-- unit: count
-- warn: 1
-- critical: 5
-- ru: заказы ждут: не сказано, что значат слова маркетплейса
-- ru: что ({kind}): {words} · разных: {different}
-- ru: ждут вебхуков: {waiting}, первый с {first_at}, например заказ {example}
-- ru: что делать: orderhub mappings put {code} {kind} {word} НАШЕ — дальше пойдёт само
-- en: orders wait: nobody said what words of the marketplace mean
-- en: which ({kind}): {words} · different ones: {different}
-- en: webhooks waiting: {waiting}, the first since {first_at}, for example order {example}
-- en: to do: orderhub mappings put {code} {kind} {word} OURS — they go on by themselves
-- Stores, goods, units and statuses that nobody has mapped, and deliveries that wait for it. One that
-- has waited for a quarter of an hour counts for five.
SELECT waits.*,
       greatest(waits.waiting, CASE WHEN waits.first_at <= $1 - interval '15 minutes' THEN 5 END)
           AS value
  FROM (
    SELECT word.account_id || ':' || word.kind AS subject, word.account_id, account.code, word.kind,
           left(array_to_string((array_agg(DISTINCT word.theirs))[1:5], ', '), 200) AS words,
           left(min(word.theirs), 100) AS word, count(DISTINCT word.theirs) AS different,
           count(DISTINCT word.inbox_id) AS waiting, min(word.seen_at) AS first_at,
           left(min(word.order_ref), 60) AS example
      FROM unmapped AS word JOIN account ON account.id = word.account_id
     GROUP BY word.account_id, account.code, word.kind
  ) AS waits
 WHERE waits.waiting >= $2 OR waits.first_at <= $1 - interval '15 minutes';
