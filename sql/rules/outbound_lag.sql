-- rule: outbound_lag
-- about: account
-- topic: connection
-- unit: seconds
-- warn: 60
-- critical: 300
-- for: 30
-- silenced by: notifications_failing key_refused
-- ru: уведомления маркетплейсу задерживаются
-- ru: самое старое ждёт {minutes} мин · всего ждёт: {waiting}
-- ru: последний ответ: {said}
-- ru: что делать: orderhub outbox
-- en: notifications to the marketplace are late
-- en: the oldest has waited for {minutes} min · waiting in all: {waiting}
-- en: last answer: {said}
-- en: to do: orderhub outbox
-- How long the oldest message of an account has not been sent. A paused account's wait on purpose.
SELECT late.*
  FROM (
    SELECT item.account_id, count(*) AS waiting,
           (array_agg(left(item.last_error, 200) ORDER BY item.created_at))[1] AS said,
           floor(extract(epoch FROM $1 - min(item.created_at)) / 60) AS minutes,
           floor(extract(epoch FROM $1 - min(item.created_at))) AS value
      FROM queue_item AS item JOIN account ON account.id = item.account_id
     WHERE item.queue = 'outbox' AND item.state IN ('waiting', 'leased') AND account.active
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
     GROUP BY item.account_id
  ) AS late
 WHERE late.value >= $2;
