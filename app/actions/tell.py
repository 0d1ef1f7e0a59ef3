"""Telegram outbox to the right chat to the archive: at least once, at Telegram's pace."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final

import structlog

from app.actions import lost_chat
from app.actions.drain import flow
from app.actions.wording import Words, words
from app.db import incidents, paces, queue, telegram
from app.db.conn import Conn
from app.db.queue import Item, Queue
from app.db.telegram import ChatMessage, Outcome
from app.domain.telegram import stagger
from app.errors import (
    ChatLost,
    ChatMoved,
    Paced,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    TokenUnknown,
)
from app.hub import Hub

log = structlog.get_logger()

#: Messages on their way at once: enough for the limit when Telegram takes a third of a second.
SIDE_BY_SIDE: Final = 10
#: Seconds one call of `speak` goes on claiming, however much there is to say.
LONGEST: Final = 60.0
#: Seconds between looks for what another process has queued.
SWEEP: Final = 1.0


async def keep_speaking(hub: Hub, stopping: asyncio.Event, seconds: float) -> int:
    """Send what is due, what falls due, and what is queued meanwhile, for so many seconds; how many
    rows were handled. Without a way to people it comes back at once."""
    until, told = time.monotonic() + seconds, 0
    while True:
        told += await speak(hub, stopping, max(0.0, until - time.monotonic()))
        left = until - time.monotonic()
        if left <= 0 or hub.chat is None or stopping.is_set():
            return told
        await _pause(stopping, min(left, SWEEP))


async def speak(hub: Hub, stopping: asyncio.Event, seconds: float = 0.0) -> int:
    """Send what is due, and what waits already and falls due within so many seconds; how many rows
    were handled. Any process may, at any time: paces are kept for all of them together."""
    begun, told = time.monotonic(), 0
    until = begun + max(LONGEST, seconds)
    while True:
        looked = time.monotonic()
        told += await flow(hub, Queue.TELEGRAM, tell, stopping, width=SIDE_BY_SIDE, until=until)
        async with hub.pools.drains.acquire() as conn:
            since = time.monotonic() - looked
            pause = await queue.next_due(conn, Queue.TELEGRAM, since)
        if pause is None or time.monotonic() + pause > begun + seconds or stopping.is_set():
            return told
        await _pause(stopping, min(pause, SWEEP))


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


async def tell(hub: Hub, item: Item) -> None:
    """Send one claimed message, or bring an incident's post up to date; then archive it.

    When the answer to an accepted send is lost, the message is sent again: one visible double.
    """
    if hub.chat is None:
        raise RemoteUnavailable("HUB_TELEGRAM_TOKEN is not set")
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        queued = await telegram.queued(conn, item.id)
        if queued is None:
            await queue.remove(conn, item)
            return
        said = await words(conn, hub, queued)
        if said.instead is not None or said.same:
            await _leave(conn, item, queued.message, said)
            return
    await _turn(hub, item, queued.message.chat_id)
    try:
        sent = await _send(hub, said)
    except ChatMoved as moved:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await lost_chat.move(conn, queued.message.chat_id, moved.chat_id)
        await tell(hub, item)
        return
    except ChatLost as lost:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await lost_chat.lose(conn, hub, queued.message.chat_id, str(lost)[:200], item.id)
            await _leave(conn, item, queued.message, _unsaid(said))
        return
    await _keep(hub, item, queued.message, said, sent)


async def _turn(hub: Hub, item: Item, chat_id: int) -> None:
    """Wait for the bot's turn, which comes within a second; a chat's may take longer, and then the
    row goes back until it comes. Raises Paced."""
    async with hub.pools.drains.acquire() as conn:
        taken, seconds = await paces.take(conn, hub.paces, chat_id)
    if not taken:
        raise Paced(seconds + stagger(item.fifo_key))
    await asyncio.sleep(seconds)


async def _send(hub: Hub, said: Words) -> int:
    """The message's id. What Telegram asks of patience is kept for all processes."""
    assert hub.chat is not None
    try:
        return await hub.chat.tell(said.saying)
    except RemoteBusy as busy:
        whole = isinstance(busy, TokenUnknown)
        chat_id = paces.BOT if whole else said.saying.chat_id
        log.warning("telegram asks for patience", chat=chat_id, seconds=busy.after)
        async with hub.pools.drains.acquire() as conn:
            await paces.close(conn, chat_id, busy.after)
        raise
    except (ChatLost, ChatMoved):
        raise
    except RemoteRefused as refused:
        log.error("telegram refuses", chat=said.saying.chat_id, said=str(refused)[:200])  # noqa: TRY400
        raise


def _unsaid(said: Words) -> Words:
    return Words(said.saying, said.incident, instead=Outcome.UNDELIVERABLE)


async def _leave(conn: Conn, item: Item, message: ChatMessage, said: Words) -> None:
    """Nothing is sent: the archive says why, unless the post shows just this already."""
    if said.incident is not None and message.kind == "incident":
        await telegram.passed(conn, message, said.incident.revision)
    if said.instead is None:
        await telegram.forget(conn, item)
        return
    await telegram.archive(conn, item, said.saying, said.instead)
    log.info("not told", chat=message.chat_id, outcome=said.instead, trace_id=item.trace_id)


async def _keep(hub: Hub, item: Item, message: ChatMessage, said: Words, sent: int) -> None:
    outcome = Outcome.EDITED if sent == said.saying.edit else Outcome.SENT
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        of_post = said.incident is not None and message.kind == "incident"
        if said.incident is not None and of_post:
            await incidents.one(conn, said.incident.id)
            await telegram.shown(conn, message, sent, said.incident.revision, said.digest)
        await telegram.archive(conn, item, said.saying, outcome, sent)
        if said.incident is not None and of_post:  # it may have changed while it was being sent
            await telegram.show(conn, [said.incident.id], item.trace_id)
    log.info("told", chat=message.chat_id, outcome=outcome, trace_id=item.trace_id)
