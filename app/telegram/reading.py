"""Updates as Telegram sends them, told in our own words. Anybody can write to a bot."""

from __future__ import annotations

import json
from typing import Any, Final

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User
from telegram.error import TelegramError

from app.domain.chat import Deed, Moved, Nothing, Presence, Press, Room, Said, Someone

#: What reading something that is no update ends with.
_NO_UPDATE: Final = (
    TelegramError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
_AWAY: Final = (ChatMember.LEFT, ChatMember.BANNED)
_LONGEST_NAME: Final = 100
#: What PostgreSQL's bigint holds; what Telegram uses has 52 bits.
_LARGEST: Final = 2**63


def read_update(body: bytes) -> Deed:
    """What an update says; Nothing for one that says nothing to us, or cannot be read."""
    try:
        content: Any = json.loads(body)
        update = Update.de_json(content, None)
        return _deed(update)
    except _NO_UPDATE as error:
        return Nothing(f"unreadable: {type(error).__name__}")


def _deed(update: Update) -> Deed:
    if update.callback_query is not None:
        return _pressed(update.callback_query)
    if update.my_chat_member is not None:
        return _presence(update.my_chat_member)
    if update.message is not None:
        return _said(update.message)
    return Nothing("of no concern")


def _said(message: Message) -> Deed:
    if message.migrate_to_chat_id is not None:
        return Moved(_id(message.chat.id), _id(message.migrate_to_chat_id))
    who = message.from_user
    if who is None or who.is_bot or message.forward_origin is not None:
        return Nothing("not written by a person here")
    if message.text is None:
        return Nothing("no text")
    room = _room(message.chat, _thread(message))
    text = _clean(message.text, 4096)
    return Said(_someone(who), room, _id(message.message_id), text, message.date)


def _pressed(query: CallbackQuery) -> Deed:
    message = query.message
    if query.data is None or not isinstance(query.id, str):
        return Nothing("a press without data")
    room, message_id = None, None
    if message is not None:
        thread = _thread(message) if isinstance(message, Message) else None
        room, message_id = _room(message.chat, thread), _id(message.message_id)
    return Press(_someone(query.from_user), query.id[:64], _clean(query.data, 64), room, message_id)


def _presence(change: ChatMemberUpdated) -> Deed:
    present = change.new_chat_member.status not in _AWAY
    return Presence(_someone(change.from_user), _room(change.chat, None), present)


def _someone(user: User) -> Someone:
    name = " ".join(f"{user.first_name} {user.last_name or ''}".split()) or str(user.id)
    return Someone(
        _id(user.id),
        _clean(name, _LONGEST_NAME),
        _clean(user.username or "", 64),
        _clean(user.language_code or "", 20),
    )


def _thread(message: Message) -> int | None:
    """The topic; in other groups the same field names a thread of replies, which is no place."""
    if not message.is_topic_message or message.message_thread_id is None:
        return None
    if not 0 < message.message_thread_id < 2**31:
        raise ValueError("no topic")
    return message.message_thread_id


def _room(chat: Chat, thread_id: int | None) -> Room:
    private = chat.type == Chat.PRIVATE
    title = chat.title or chat.first_name or chat.username or ""
    return Room(_id(chat.id), _clean(title, _LONGEST_NAME), private, thread_id)


def _id(number: Any) -> int:
    if not isinstance(number, int) or not -_LARGEST <= number < _LARGEST:
        raise ValueError("no identifier")
    return int(number)


def _clean(text: Any, longest: int) -> str:
    """What a database keeps: no NUL, no half of a character."""
    if not isinstance(text, str):
        raise TypeError("no text")
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("\x00", "\ufffd")[:longest]
