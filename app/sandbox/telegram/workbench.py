"""The workbench: `_control` sets faults and chats, `_state` shows everything as JSON.

Loopback only, no authentication: this is a test bench.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.answers import Ascii
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.chats import Chat, Message
from app.sandbox.telegram.errors import ApiError
from app.sandbox.telegram.switches import NewTopic, Order
from app.sandbox.telegram.wire import moved_wire, presence_wire


async def control(request: Request) -> Response:
    """`POST /_control`: switches, chats, topics, what happens to the bot (see `Order`)."""
    bot: Bot = request.app.state.bot
    if request.method == "POST":
        try:
            carry_out(bot, msgspec.json.decode(await request.body(), type=Order))
        except (msgspec.DecodeError, ValueError, ApiError) as error:
            return Ascii({"error": str(error)}, status_code=400)
        bot.touch()
    return Ascii(msgspec.to_builtins(bot.switches))


def carry_out(bot: Bot, order: Order) -> None:
    """Do what the workbench asks; ValueError or ApiError says what cannot be done."""
    if order.switches:
        bot.switches = bot.switches.with_changes(order.switches)
    for new in order.add:
        bot.chats.add(new.id, new.title)
    for chat_id in order.block:
        bot.chats.find(chat_id).blocked = True
    for chat_id in order.unblock:
        bot.chats.find(chat_id).blocked = False
    for move in order.migrate:
        old = bot.chats.find(move.chat_id)
        bot.chats.add(move.to, old.title)
        old.migrated_to = move.to
        bot.updates.add(message=moved_wire(bot, old, move.to))
    for new in order.join:
        chat = bot.chats.add(new.id, new.title)
        chat.blocked = False
        bot.updates.add(my_chat_member=presence_wire(bot, chat))
    for chat_id in order.leave:
        chat = bot.chats.find(chat_id)
        chat.blocked = True
        bot.updates.add(my_chat_member=presence_wire(bot, chat))
    for update in order.updates:
        bot.updates.add(**update)
    for wanted in order.topics:
        _set_topic(bot.chats.find(wanted.chat_id), wanted)


def _set_topic(chat: Chat, wanted: NewTopic) -> None:
    if wanted.deleted:
        chat.topics.pop(wanted.thread_id, None)
        return
    chat.open_topic(wanted.thread_id, wanted.title).closed = wanted.closed


async def state(request: Request) -> Response:
    """`GET /_state`: chats with all messages, oldest first; counts; webhook; presses."""
    bot: Bot = request.app.state.bot
    hook = bot.updates.webhook
    return Ascii(
        {
            "counts": dict(bot.counts),
            "switches": msgspec.to_builtins(bot.switches),
            "webhook": {"url": hook.url, "delivered": hook.delivered, "error": hook.last_error},
            "updates_waiting": len(bot.updates),
            "presses": [describe_press(bot, query_id) for query_id in bot.presses],
            "commands": {" ".join(key): menu for key, menu in bot.commands.items()},
            "chats": [_chat(chat) for chat in bot.chats],
        }
    )


def describe_press(bot: Bot, query_id: str) -> dict[str, Any]:
    """Show one press of a button and its answer."""
    press = bot.presses[query_id]
    return {
        "id": press.query_id,
        "answered": press.answered,
        "text": press.text,
        "alert": press.alert,
    }


def _chat(chat: Chat) -> dict[str, Any]:
    return {
        **chat.wire(),
        "blocked": chat.blocked,
        "migrated_to": chat.migrated_to,
        "topics": [
            {"thread_id": topic.thread_id, "title": topic.title, "closed": topic.closed}
            for topic in chat.topics.values()
        ],
        "messages": [_message(message) for message in chat.messages.values()],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "date": message.date,
        "edit_date": message.edit_date,
        "by_bot": message.by_bot,
        "raw": message.raw,
        "text": message.parsed.text,
        "html": message.parsed.html,
        "reply_markup": message.markup,
        "earlier": message.earlier,
        "photo": None if message.photo is None else message.photo.wire()[0],
        **message.options,
    }
