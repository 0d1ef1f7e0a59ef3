"""Telegram outbox to the right chat to the archive: at least once, in order within a chat."""

from __future__ import annotations

import structlog

from app.db import telegram
from app.db.queue import Item
from app.errors import RemoteUnavailable
from app.hub import Hub

log = structlog.get_logger()


async def tell(hub: Hub, item: Item) -> None:
    """Send one claimed message (or edit its incident's earlier one), then move it to the archive.

    When the answer to an accepted send is lost, the message is sent again: one visible double.
    """
    if hub.chat is None:
        raise RemoteUnavailable("HUB_TELEGRAM_TOKEN is not set")
    async with hub.pools.drains.acquire() as conn:
        message = await telegram.message(conn, item.id)
    sent = await hub.chat.tell(
        message.chat_id, message.text, edit=message.edit, silent=message.silent
    )
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await telegram.archive(conn, item, sent, edited=sent == message.edit)
    log.info("told", chat=message.chat_id, edited=sent == message.edit, trace_id=item.trace_id)
