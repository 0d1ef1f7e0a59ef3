-- rule: key_refused
-- about: account
-- topic: connection
-- unit: count
-- critical: 1
-- ru: маркетплейс не принимает ключ хаба
-- ru: отказов подряд: {value} · уведомлений ждёт: {messages} · вебхуков ждёт: {deliveries}
-- ru: ответ: {said}
-- ru: что делать: проверить ключ подключения и внести новый (orderhub accounts); всё, что ждёт, уйдёт само
-- en: the marketplace does not take the hub's key
-- en: refusals in a row: {value} · notifications waiting: {messages} · webhooks waiting: {deliveries}
-- en: answer: {said}
-- en: to do: check the account's key and set a new one (orderhub accounts); what waits goes by itself then
-- Accounts whose marketplace answers 401 or 403 to everything: nothing is sent or fetched but one call now
-- and then, to see (account_gate). What it forbids alone is notification_buried's.
SELECT refused.*
  FROM (
    SELECT gate.account_id, left(gate.said, 200) AS said, greatest(1, gate.failures) AS value,
           waiting.messages, waiting.deliveries
      FROM account_gate AS gate JOIN account ON account.id = gate.account_id
     CROSS JOIN LATERAL (
        SELECT nullif(count(*) FILTER (WHERE queue = 'outbox'), 0) AS messages,
               nullif(count(*) FILTER (WHERE queue = 'inbox'), 0) AS deliveries
          FROM queue_item
         WHERE queue IN ('inbox', 'outbox') AND account_id = gate.account_id
           AND state IN ('waiting', 'leased') AND created_at <= $1) AS waiting
     WHERE gate.state <> 'closed' AND gate.reason = 'credentials' AND account.active
  ) AS refused
 WHERE refused.value >= $2;
