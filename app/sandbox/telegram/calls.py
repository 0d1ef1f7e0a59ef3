"""What calls of the Bot API have in common: the open chat, the texts, the options, the limits.

`ApiError` is Telegram's refusal in Telegram's own words.
"""

from __future__ import annotations

from typing import Any, Final

from app.sandbox.telegram import params
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.chats import Chat, Message
from app.sandbox.telegram.errors import bad, too_many
from app.sandbox.telegram.markup import CannotParse, Parsed, parse, utf16_length

Arguments = dict[str, Any]

LONGEST_TEXT: Final = 4096  #: UTF-16 units after the markup is taken out
LONGEST_RAW: Final = 32_768  #: bytes before
LONGEST_CAPTION: Final = 1024
SAME: Final = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


def open_chat(bot: Bot, given: Arguments) -> Chat:
    """Return the chat the call is about; what Telegram says when one may not write there."""
    if not given.get("chat_id"):
        raise bad("chat_id is empty")
    chat = bot.chats.find(given["chat_id"])
    chat.check_open()
    return chat


def own_message(bot: Bot, given: Arguments, purpose: str) -> tuple[Chat, Message]:
    """Return a message of the bot's own and its chat."""
    chat = open_chat(bot, given)
    message = bot.chats.message(chat, given.get("message_id"), purpose)
    if not message.by_bot:
        raise bad(f"message can't be {purpose}ed")
    return chat, message


def text_of(given: Arguments) -> tuple[str, Parsed]:
    """Return a message's text as sent and as read."""
    raw, parsed = _marked(given, "text", "message is too long")
    if not parsed.text.strip():
        raise bad("message text is empty")
    if utf16_length(parsed.text) > LONGEST_TEXT:
        raise bad("message is too long")
    return raw, parsed


def caption_of(given: Arguments) -> tuple[str, Parsed]:
    """Return a caption as sent and as read; it may be empty."""
    raw, parsed = _marked(given, "caption", "message caption is too long")
    if utf16_length(parsed.text) > LONGEST_CAPTION:
        raise bad("message caption is too long")
    return raw, parsed


def _marked(given: Arguments, name: str, too_long: str) -> tuple[str, Parsed]:
    raw = params.text(given, name)
    if len(raw.encode("utf-8", "replace")) > LONGEST_RAW:
        raise bad(too_long)
    try:
        return raw, parse(raw, given.get("parse_mode"))
    except CannotParse as error:
        raise bad(f"can't parse entities: {error}") from None


def options_of(bot: Bot, chat: Chat, given: Arguments) -> dict[str, Any]:
    """Return what a new message is sent with: silence, topic, reply."""
    options: dict[str, Any] = {}
    if params.flag(given, "disable_notification"):
        options["silent"] = True
    if thread := params.whole(given, "message_thread_id"):
        chat.check_topic(thread)
        options["thread"] = thread
    reply = params.structure(given, "reply_parameters") or {}
    target = reply.get("message_id") or params.whole(given, "reply_to_message_id")
    lenient = reply.get("allow_sending_without_reply") or params.flag(
        given, "allow_sending_without_reply"
    )
    if target and not lenient:
        bot.chats.message(chat, target, "be replied")
    return options | ({"reply_to": int(target)} if target else {})


def let_through(bot: Bot, chat: Chat) -> None:
    """Count one message or edit against the limits; 429 when there is no room."""
    wait = 0 if bot.switches.unlimited else bot.gate.retry_after(chat.chat_id)
    if wait:
        raise too_many(wait)
