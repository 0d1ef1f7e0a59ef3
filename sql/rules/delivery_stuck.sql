-- rule: delivery_stuck
-- about: account
-- topic: connection
-- unit: minutes
-- critical: 5
-- ru: вебхуки не обрабатываются
-- ru: сколько: {waiting}, причина: {reason}
-- ru: например: {said}
-- ru: что делать: orderhub inbox
-- en: webhooks are not processed
-- en: how many: {waiting}, reason: {reason}
-- en: for example: {said}
-- en: to do: orderhub inbox
-- Deliveries that should have been processed long ago: they fail again and again, or nobody works
-- on them. Events that wait for their order are not stuck.
SELECT stuck.*
  FROM (
    SELECT item.account_id, count(*) AS waiting, coalesce(max(item.reason), '—') AS reason,
           left(max(item.last_error), 200) AS said,
           floor(extract(epoch FROM $1 - min(item.created_at)) / 60) AS value
      FROM queue_item AS item JOIN account ON account.id = item.account_id
     WHERE item.queue = 'inbox' AND item.state IN ('waiting', 'leased') AND account.active
     GROUP BY item.account_id
  ) AS stuck
 WHERE stuck.value >= $2;
