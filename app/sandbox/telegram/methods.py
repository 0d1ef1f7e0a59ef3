"""The Bot API's methods that bots like ours use: one function each, found by name in `METHODS`.

Each takes the bot and the call's arguments and returns `result`; `ApiError` is Telegram's refusal
in Telegram's own words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from app.sandbox.telegram import params
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.chats import Chat, Message
from app.sandbox.telegram.errors import bad, too_many
from app.sandbox.telegram.keyboard import check_keyboard
from app.sandbox.telegram.markup import CannotParse, Parsed, parse, utf16_length
from app.sandbox.telegram.wire import message_wire

Arguments = dict[str, Any]
Method = Callable[[Bot, Arguments], Awaitable[Any]]

LONGEST_TEXT: Final = 4096  #: UTF-16 units after the markup is taken out
LONGEST_RAW: Final = 32_768  #: bytes before
LONGEST_ANSWER: Final = 200
SAME: Final = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


async def get_me(bot: Bot, _given: Arguments) -> Any:
    """`getMe`."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False}
    return bot.user | abilities | {"supports_inline_queries": False}


async def send_message(bot: Bot, given: Arguments) -> Any:
    """`sendMessage`: text, parse_mode, reply_markup, thread, silence, reply."""
    chat = _open_chat(bot, given)
    raw, parsed = _text(given)
    markup = check_keyboard(params.structure(given, "reply_markup"))
    options = _options(bot, chat, given)
    _let_through(bot, chat)
    message = bot.post(chat, bot.user, raw, parsed, markup=markup, **options)
    return message_wire(chat, message)


async def edit_message_text(bot: Bot, given: Arguments) -> Any:
    """`editMessageText`: the same content again is refused; no reply_markup takes it away."""
    chat, message = _own_message(bot, given, "edit")
    raw, parsed = _text(given)
    markup = check_keyboard(params.structure(given, "reply_markup"))
    if (parsed, markup) == (message.parsed, message.markup):
        raise bad(SAME)
    _let_through(bot, chat)
    message.edit(raw, parsed, bot.now())
    message.markup = markup
    bot.touch()
    return message_wire(chat, message)


async def edit_message_reply_markup(bot: Bot, given: Arguments) -> Any:
    """`editMessageReplyMarkup`: only the keyboard."""
    chat, message = _own_message(bot, given, "edit")
    markup = check_keyboard(params.structure(given, "reply_markup"))
    if markup == message.markup:
        raise bad(SAME)
    _let_through(bot, chat)
    message.markup = markup
    bot.touch()
    return message_wire(chat, message)


async def delete_message(bot: Bot, given: Arguments) -> Any:
    """`deleteMessage`."""
    chat, message = _own_message(bot, given, "delete")
    del chat.messages[message.message_id]
    bot.touch()
    return True


async def answer_callback_query(bot: Bot, given: Arguments) -> Any:
    """`answerCallbackQuery`: once per press."""
    press = bot.presses.get(params.text(given, "callback_query_id"))
    if press is None or press.answered:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    text = params.text(given, "text")
    if utf16_length(text) > LONGEST_ANSWER:
        raise bad("MESSAGE_TOO_LONG")
    press.text, press.alert, press.answered = text, params.flag(given, "show_alert"), True
    bot.touch()
    return True


async def get_updates(bot: Bot, given: Arguments) -> Any:
    """`getUpdates`: long polling; `offset` confirms what lies before it."""
    limit = min(100, max(1, params.whole(given, "limit", 100)))
    offset, timeout = params.whole(given, "offset"), params.whole(given, "timeout")
    return await bot.updates.fetch(offset, limit, timeout)


async def set_webhook(bot: Bot, given: Arguments) -> Any:
    """`setWebhook`: an empty URL takes it away."""
    url = params.text(given, "url")
    if url and not url.startswith("https://"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    _drop_if_asked(bot, given)
    bot.updates.webhook.url = url
    bot.updates.webhook.secret = params.text(given, "secret_token")
    return True


async def delete_webhook(bot: Bot, given: Arguments) -> Any:
    """`deleteWebhook`."""
    _drop_if_asked(bot, given)
    bot.updates.webhook.url = bot.updates.webhook.secret = ""
    return True


async def get_webhook_info(bot: Bot, _given: Arguments) -> Any:
    """`getWebhookInfo`."""
    hook = bot.updates.webhook
    info = {"url": hook.url, "has_custom_certificate": False}
    waiting = {"pending_update_count": len(bot.updates)}
    return info | waiting | ({"last_error_message": hook.last_error} if hook.last_error else {})


async def get_chat(bot: Bot, given: Arguments) -> Any:
    """`getChat`: the fields every chat has."""
    chat = _open_chat(bot, given)
    return chat.wire() | {"accent_color_id": 0, "max_reaction_count": 11}


async def accept(_bot: Bot, _given: Arguments) -> Any:
    """Answer true to calls that change nothing we show."""
    return True


METHODS: Final[Mapping[str, Method]] = {
    "getme": get_me,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "getchat": get_chat,
    "sendchataction": accept,
    "setmycommands": accept,
    "deletemycommands": accept,
}


def _open_chat(bot: Bot, given: Arguments) -> Chat:
    if not given.get("chat_id"):
        raise bad("chat_id is empty")
    chat = bot.chats.find(given["chat_id"])
    chat.check_open()
    return chat


def _own_message(bot: Bot, given: Arguments, purpose: str) -> tuple[Chat, Message]:
    chat = _open_chat(bot, given)
    message = bot.chats.message(chat, given.get("message_id"), purpose)
    if not message.by_bot:
        raise bad(f"message can't be {purpose}ed")
    return chat, message


def _text(given: Arguments) -> tuple[str, Parsed]:
    raw = params.text(given, "text")
    if len(raw.encode("utf-8", "replace")) > LONGEST_RAW:
        raise bad("message is too long")
    try:
        parsed = parse(raw, given.get("parse_mode"))
    except CannotParse as error:
        raise bad(f"can't parse entities: {error}") from None
    if not parsed.text.strip():
        raise bad("message text is empty")
    if utf16_length(parsed.text) > LONGEST_TEXT:
        raise bad("message is too long")
    return raw, parsed


def _options(bot: Bot, chat: Chat, given: Arguments) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if params.flag(given, "disable_notification"):
        options["silent"] = True
    if params.whole(given, "message_thread_id"):
        options["thread"] = params.whole(given, "message_thread_id")
    reply = params.structure(given, "reply_parameters") or {}
    target = reply.get("message_id") or params.whole(given, "reply_to_message_id")
    if target and not reply.get("allow_sending_without_reply"):
        bot.chats.message(chat, target, "be replied")
    return options | ({"reply_to": int(target)} if target else {})


def _let_through(bot: Bot, chat: Chat) -> None:
    wait = 0 if bot.switches.unlimited else bot.gate.retry_after(chat.chat_id)
    if wait:
        raise too_many(wait)


def _drop_if_asked(bot: Bot, given: Arguments) -> None:
    if params.flag(given, "drop_pending_updates"):
        bot.updates.drop_all()
