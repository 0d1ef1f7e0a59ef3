-- rule: delivery_stuck
-- about: account
-- topic: connection
-- unit: minutes
-- warn: 2
-- critical: 5
-- silenced by: key_refused
-- ru: вебхуки не обрабатываются
-- ru: ждут: {waiting} · причина: {reason}
-- ru: например: {said}
-- ru: что делать: orderhub inbox
-- en: webhooks are not processed
-- en: how many: {waiting}, reason: {reason}
-- en: for example: {said}
-- en: to do: orderhub inbox
-- Deliveries that fail again and again. Events that wait for their order are not stuck; what nobody
-- works on is queue_old's; what a database's absence held up begins to wait when it is back.
SELECT stuck.*
  FROM (
    SELECT item.account_id, count(*) AS waiting, max(item.reason) AS reason,
           left(max(item.last_error), 200) AS said,
           floor(extract(epoch FROM $1 - min(
               CASE WHEN item.reason = 'storage' THEN greatest(item.created_at, hub.reached_since)
                    ELSE item.created_at END)) / 60) AS value
      FROM queue_item AS item
      JOIN account ON account.id = item.account_id
     CROSS JOIN (SELECT min(reached_since) AS reached_since
                   FROM heartbeat
                  WHERE role LIKE 'web%' AND pulsed_at > $1 - interval '1 minute') AS hub
     WHERE item.queue = 'inbox' AND item.state IN ('waiting', 'leased') AND account.active
       AND item.reason <> 'early'
       AND (item.reason <> 'paced' OR NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL))
     GROUP BY item.account_id
  ) AS stuck
 WHERE stuck.value >= $2;
