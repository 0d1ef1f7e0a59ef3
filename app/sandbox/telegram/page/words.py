"""The page's words in Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "title": "Telegram · тестовый стенд",
        "stand_in": "Тестовый стенд: это не Telegram, сообщения никуда не уходят.",
        "chats": "Чаты",
        "empty": "Пока тихо. Здесь появятся сообщения бота.",
        "no_messages": "Сообщений пока нет",
        "write": "Написать боту, например /status",
        "send": "Отправить",
        "edited": "изменено",
        "silent": "без звука",
        "photo": "Картинка",
        "photo_gone": "Картинка уже не хранится",
        "bot": "бот",
        "today": "Сегодня",
        "yesterday": "Вчера",
        "lost": "Нет связи со стендом, пробуем снова…",
        "blocked": "Бот здесь заблокирован",
        "migrated": "Группа переехала в супергруппу",
        "no_answer": "Бот не ответил на нажатие",
        "press_as": "Нажимает",
        "close": "Понятно",
        "latest": "К последним сообщениям",
    },
    "en": {
        "title": "Telegram · test stand-in",
        "stand_in": "A test stand-in: this is not Telegram, nothing leaves this machine.",
        "chats": "Chats",
        "empty": "Quiet so far. The bot's messages will appear here.",
        "no_messages": "No messages yet",
        "write": "Write to the bot, e.g. /status",
        "send": "Send",
        "edited": "edited",
        "silent": "silent",
        "photo": "Picture",
        "photo_gone": "The picture is not kept any more",
        "bot": "bot",
        "today": "Today",
        "yesterday": "Yesterday",
        "lost": "The stand-in does not answer, trying again…",
        "blocked": "The bot is blocked here",
        "migrated": "The group has become a supergroup",
        "no_answer": "The bot did not answer the press",
        "press_as": "Acting as",
        "close": "OK",
        "latest": "To the latest messages",
    },
}


def language(accepted: str) -> str:
    """Choose ru or en from an Accept-Language header: the first of the two it names."""
    for part in accepted.lower().split(","):
        code = part.partition(";")[0].strip().partition("-")[0]
        if code in WORDS:
            return code
    return "en"
