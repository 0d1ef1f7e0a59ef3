"""Messages, presses and writings as the Bot API shows them. Pure."""

from __future__ import annotations

from typing import Any

from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.chats import Chat, Message
from app.sandbox.telegram.markup import utf16_length
from app.sandbox.telegram.people import PEOPLE, acting


def message_wire(chat: Chat, message: Message) -> dict[str, Any]:
    """Return one message as Telegram's Message object."""
    wire: dict[str, Any] = {
        "message_id": message.message_id,
        "from": message.author,
        "chat": chat.wire(),
        "date": message.date,
    }
    texts = ("text", "entities") if message.photo is None else ("caption", "caption_entities")
    optional = {
        "edit_date": message.edit_date,
        "photo": message.photo.wire() if message.photo else None,
        texts[0]: message.parsed.text or None,
        texts[1]: message.parsed.entities or None,
        "reply_markup": message.markup,
        "message_thread_id": message.options.get("thread"),
        "is_topic_message": True if message.options.get("thread") else None,
        "reply_to_message": _replied(chat, message),
    }
    return wire | {name: value for name, value in optional.items() if value is not None}


def moved_wire(bot: Bot, chat: Chat, to: int) -> dict[str, Any]:
    """Return the message by which a group says that it has another id now."""
    return {
        "message_id": bot.next_message(),
        "from": PEOPLE[0],
        "chat": chat.wire(),
        "date": bot.now(),
        "migrate_to_chat_id": to,
    }


def presence_wire(bot: Bot, chat: Chat) -> dict[str, Any]:
    """Return what a bot is told when somebody adds it to a chat or sends it away."""
    before, after = ("member", "left") if chat.blocked else ("left", "member")
    return {
        "chat": chat.wire(),
        "from": acting(chat, 0),
        "date": bot.now(),
        "old_chat_member": {"user": bot.user, "status": before},
        "new_chat_member": {"user": bot.user, "status": after},
    }


def command_entities(text: str) -> list[dict[str, Any]]:
    """Mark a command at the start of what a person wrote: "/status" and so on."""
    word = text.split(maxsplit=1)[0] if text.strip() else ""
    if not text.startswith("/") or len(word) < 2:
        return []
    return [{"type": "bot_command", "offset": 0, "length": utf16_length(word)}]


def _replied(chat: Chat, message: Message) -> dict[str, Any] | None:
    original = chat.messages.get(message.options.get("reply_to", 0))
    if original is None:
        return None
    return {
        "message_id": original.message_id,
        "from": original.author,
        "chat": chat.wire(),
        "date": original.date,
        "text": original.parsed.text,
    }
