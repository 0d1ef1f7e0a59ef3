-- rule: telegram_failing
-- about: hub
-- topic: hub
-- unit: minutes
-- warn: 2
-- critical: 5
-- for: 30
-- ru: сообщения в Telegram не уходят
-- ru: ждут: {waiting} · самое старое {value} мин
-- ru: последний ответ: {said}
-- ru: что делать: проверить сеть, токен бота (HUB_TELEGRAM_TOKEN) и права бота в чатах
-- en: messages to Telegram do not get out
-- en: waiting: {waiting} · the oldest for {value} min
-- en: last answer: {said}
-- en: to do: look at the network, the bot's token (HUB_TELEGRAM_TOKEN) and its rights in the chats
-- The oldest message that was tried and did not get out. (What waits for its turn in Telegram's
-- limits is not tried; what nobody works on is queue_old's.)
SELECT failing.*
  FROM (
    SELECT 'telegram' AS subject, count(*) AS waiting,
           (array_agg(left(item.last_error, 200) ORDER BY item.created_at))[1] AS said,
           floor(extract(epoch FROM $1 - min(item.created_at)) / 60) AS value
      FROM queue_item AS item
     WHERE item.queue = 'telegram_outbox' AND item.state IN ('waiting', 'leased')
       AND item.reason IS NOT NULL AND item.reason NOT IN ('paced', 'remote_busy', 'storage')
       AND NOT EXISTS (SELECT FROM outbound_hold WHERE released_at IS NULL)
    HAVING count(*) > 0
  ) AS failing
 WHERE failing.value >= $2;
