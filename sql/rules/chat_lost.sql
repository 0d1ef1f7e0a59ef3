-- rule: chat_lost
-- about: hub
-- topic: hub
-- unit: count
-- critical: 1
-- ru: чат Telegram потерян
-- ru: «{chat}» · с {lost_at} · причина: {reason}
-- ru: что делать: вернуть туда бота, orderhub telegram chat enable; до тех пор пишем в другие
-- en: a Telegram chat is lost
-- en: «{chat}» · since {lost_at} · reason: {reason}
-- en: to do: bring the bot back and enable the chat; until then others are told
-- Chats that are meant to hear of troubles and cannot.
SELECT lost.*
  FROM (
    SELECT chat.chat_id::text AS subject, chat.merchant_id,
           coalesce(nullif(chat.title, ''), chat.chat_id::text) AS chat,
           left(chat.disabled_reason, 200) AS reason, chat.disabled_at AS lost_at, 1 AS value
      FROM telegram_chat AS chat
     WHERE chat.disabled_at <= $1
       AND (EXISTS (SELECT FROM telegram_route WHERE telegram_route.chat_id = chat.chat_id)
            OR EXISTS (SELECT FROM store WHERE store.telegram_chat = chat.chat_id)
            OR EXISTS (SELECT FROM merchant WHERE merchant.telegram_chat = chat.chat_id))
  ) AS lost
 WHERE lost.value >= $2;
