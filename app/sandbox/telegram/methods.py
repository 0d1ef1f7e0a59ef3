"""The Bot API's methods that bots like ours use: one function each, found by name in `METHODS`.

Each takes the bot and the call's arguments and returns `result`; `ApiError` is Telegram's refusal
in Telegram's own words.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from app.sandbox.telegram import params
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.calls import (
    SAME,
    Arguments,
    caption_of,
    let_through,
    open_chat,
    options_of,
    own_message,
    text_of,
)
from app.sandbox.telegram.errors import bad
from app.sandbox.telegram.keyboard import check_keyboard
from app.sandbox.telegram.markup import utf16_length
from app.sandbox.telegram.photo import read_photo
from app.sandbox.telegram.wire import message_wire

Method = Callable[[Bot, Arguments], Awaitable[Any]]

LONGEST_ANSWER: Final = 200
LONGEST_TOPIC: Final = 128


async def get_me(bot: Bot, _given: Arguments) -> Any:
    """`getMe`."""
    abilities = {"can_join_groups": True, "can_read_all_group_messages": False}
    return bot.user | abilities | {"supports_inline_queries": False}


async def send_message(bot: Bot, given: Arguments) -> Any:
    """`sendMessage`: text, parse_mode, reply_markup, thread, silence, reply."""
    chat = open_chat(bot, given)
    raw, parsed = text_of(given)
    markup = check_keyboard(params.structure(given, "reply_markup"))
    options = options_of(bot, chat, given)
    let_through(bot, chat)
    message = bot.post(chat, bot.user, raw, parsed, markup=markup, **options)
    return message_wire(chat, message)


async def edit_message_text(bot: Bot, given: Arguments) -> Any:
    """`editMessageText`: the same content again is refused; no reply_markup takes it away."""
    chat, message = own_message(bot, given, "edit")
    if message.photo is not None:
        raise bad("there is no text in the message to edit")
    raw, parsed = text_of(given)
    markup = check_keyboard(params.structure(given, "reply_markup"))
    if (parsed, markup) == (message.parsed, message.markup):
        raise bad(SAME)
    let_through(bot, chat)
    message.edit(raw, parsed, bot.now())
    message.markup = markup
    bot.touch()
    return message_wire(chat, message)


async def edit_message_reply_markup(bot: Bot, given: Arguments) -> Any:
    """`editMessageReplyMarkup`: only the keyboard."""
    chat, message = own_message(bot, given, "edit")
    markup = check_keyboard(params.structure(given, "reply_markup"))
    if markup == message.markup:
        raise bad(SAME)
    let_through(bot, chat)
    message.markup = markup
    bot.touch()
    return message_wire(chat, message)


async def delete_message(bot: Bot, given: Arguments) -> Any:
    """`deleteMessage`."""
    chat, message = own_message(bot, given, "delete")
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
    chat = open_chat(bot, given)
    return chat.wire() | {"accent_color_id": 0, "max_reaction_count": 11}


async def send_photo(bot: Bot, given: Arguments) -> Any:
    """`sendPhoto`: an uploaded PNG or JPEG with a caption; a file_id or an address is refused."""
    chat = open_chat(bot, given)
    photo = read_photo(given.get("photo"))
    raw, parsed = caption_of(given)
    markup = check_keyboard(params.structure(given, "reply_markup"))
    options = options_of(bot, chat, given)
    let_through(bot, chat)
    message = bot.post(chat, bot.user, raw, parsed, markup=markup, photo=photo, **options)
    return message_wire(chat, message)


async def edit_message_caption(bot: Bot, given: Arguments) -> Any:
    """`editMessageCaption`: the words under a picture."""
    chat, message = own_message(bot, given, "edit")
    if message.photo is None:
        raise bad("there is no caption in the message to edit")
    raw, parsed = caption_of(given)
    markup = check_keyboard(params.structure(given, "reply_markup"))
    if (parsed, markup) == (message.parsed, message.markup):
        raise bad(SAME)
    let_through(bot, chat)
    message.edit(raw, parsed, bot.now())
    message.markup = markup
    bot.touch()
    return message_wire(chat, message)


async def create_forum_topic(bot: Bot, given: Arguments) -> Any:
    """`createForumTopic`: in a supergroup that has topics."""
    chat = open_chat(bot, given)
    name = params.text(given, "name")
    if not chat.topics:
        raise bad("the chat is not a forum")
    if not 1 <= len(name) <= LONGEST_TOPIC:
        raise bad("TOPIC_TITLE_EMPTY" if not name else "topic name is too long")
    topic = chat.open_topic(bot.next_message(), name)
    bot.touch()
    return {"message_thread_id": topic.thread_id, "name": topic.title, "icon_color": 7322096}


async def set_my_commands(bot: Bot, given: Arguments) -> Any:
    """`setMyCommands`: the menu of commands, by language and scope."""
    listed = params.structure(given, "commands") or []
    if not isinstance(listed, list) or not all(map(_is_command, listed)):
        raise bad("BOT_COMMAND_INVALID")
    scope = params.structure(given, "scope") or {"type": "default"}
    language = params.text(given, "language_code")
    bot.commands[(scope["type"], language)] = {one["command"]: one["description"] for one in listed}
    bot.touch()
    return True


def _is_command(given: Any) -> bool:
    name, words = given.get("command", ""), given.get("description", "")
    return re.fullmatch("[a-z0-9_]{1,32}", name) is not None and 1 <= len(words) <= 256


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
    "setmycommands": set_my_commands,
    "sendphoto": send_photo,
    "editmessagecaption": edit_message_caption,
    "createforumtopic": create_forum_topic,
    "deletemycommands": accept,
}


def _drop_if_asked(bot: Bot, given: Arguments) -> None:
    if params.flag(given, "drop_pending_updates"):
        bot.updates.drop_all()
