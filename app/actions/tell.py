"""Telegram outbox to the right chat to the archive: at least once, in order within a chat."""

from __future__ import annotations

from dataclasses import replace

import structlog

from app.db import incidents, telegram
from app.db.queue import Item
from app.db.telegram import ChatMessage, Post
from app.domain.incident import Incident
from app.errors import RemoteUnavailable
from app.hub import Hub
from app.ports import Saying
from app.render.incident import incident_text

log = structlog.get_logger()


async def tell(hub: Hub, item: Item) -> None:
    """Send one claimed message, or bring an incident's post up to date; then archive it.

    When the answer to an accepted send is lost, the message is sent again: one visible double.
    """
    if hub.chat is None:
        raise RemoteUnavailable("HUB_TELEGRAM_TOKEN is not set")
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        message, post = await telegram.message(conn, item.id)
        incident = await incidents.one(conn, message.incident_id) if message.incident_id else None
    saying = message.saying()
    if post is not None and incident is not None:
        saying = _as_it_stands(hub, incident, post, message)
    sent = await hub.chat.tell(saying)
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        if post is not None and incident is not None:
            await incidents.one(conn, incident.id)
            await telegram.shown(conn, message, sent, incident.revision)
        await telegram.archive(conn, item, sent, saying.text, edited=sent == saying.edit)
        if incident is not None:  # it may have changed while it was being sent
            await telegram.show(conn, [incident.id], item.trace_id)
    log.info("told", chat=message.chat_id, edited=sent == saying.edit, trace_id=item.trace_id)


def _as_it_stands(hub: Hub, incident: Incident, post: Post, message: ChatMessage) -> Saying:
    text = incident_text(incident, hub.rules.get(incident.rule), hub.language, hub.clock())
    silent = incident.resolved_at is not None
    return replace(
        message.saying(), text=text, edit=post.telegram_id, thread_id=post.thread_id, silent=silent
    )
