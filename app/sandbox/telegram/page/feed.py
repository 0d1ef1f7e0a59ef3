"""What the page shows, as JSON: chats, their newest messages, presses and their answers. Pure."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.chats import Chat, Message

SHOWN: Final = 150  #: messages per chat
REPLY_PREVIEW: Final = 80  #: characters


def feed(bot: Bot) -> dict[str, Any]:
    """Describe everything visible; `version` grows with every change."""
    return {
        "version": bot.version,
        "chats": [_chat(chat) for chat in bot.chats],
        "presses": {
            press.query_id: {"text": press.text, "alert": press.alert}
            for press in bot.presses.values()
            if press.answered
        },
    }


def _chat(chat: Chat) -> dict[str, Any]:
    newest = list(islice(reversed(chat.messages.values()), SHOWN))
    return {
        "id": str(chat.chat_id),
        "title": chat.title,
        "kind": chat.kind,
        "blocked": chat.blocked,
        "migrated": chat.migrated_to is not None,
        "messages": [_message(chat, message) for message in reversed(newest)],
    }


def _message(chat: Chat, message: Message) -> dict[str, Any]:
    original = chat.messages.get(message.options.get("reply_to", 0))
    markup = message.markup or {}
    return {
        "id": message.message_id,
        "html": message.parsed.html,
        "preview": message.parsed.text[:REPLY_PREVIEW],
        "date": message.date,
        "edited": message.edit_date,
        "bot": message.by_bot,
        "author": message.author["first_name"],
        "silent": bool(message.options.get("silent")),
        "topic": _topic(chat, message),
        "photo": _photo(message),
        "reply": original.parsed.text[:REPLY_PREVIEW] if original else None,
        "keyboard": [
            [{"text": button["text"], "url": button.get("url")} for button in row]
            for row in markup.get("inline_keyboard", [])
        ],
    }


def _topic(chat: Chat, message: Message) -> str | None:
    thread = message.options.get("thread")
    topic = chat.topics.get(thread) if thread else None
    return topic.title if topic else (str(thread) if thread else None)


def _photo(message: Message) -> dict[str, Any] | None:
    photo = message.photo
    if photo is None:
        return None
    return {"width": photo.width, "height": photo.height, "gone": not photo.content}
