"""Digests: when a store's day is over its chats are told what it came to, once, with a picture.

Only the scheduler's process does this; drawing takes memory that web workers have not."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from app.db import digests, health, telegram
from app.db.conn import Conn
from app.db.telegram import ChatMessage
from app.domain.digest import WEEKS, Day, Place, Span, due, moment_of, span_of
from app.hub import Hub
from app.identifiers import new_id
from app.render.day_chart import day_png
from app.render.digest import Telling, caption, chart

log = structlog.get_logger()

#: Digests made side by side; they are drawn one after the other.
_AT_ONCE: Final = 2


async def digest(hub: Hub, now: datetime | None = None) -> int:
    """Queue the digests that are due; how many. `now`: the database's clock, unless a test moves
    it. Two that do this at once queue each digest once."""
    async with hub.pools.drains.acquire() as conn:
        moment = now or await health.clock(conn)
        places = await digests.places(conn, moment)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(place: Place, day: date) -> bool:
        async with gate:
            return await _tell(hub, place, day, moment)

    over = [one(place, day) for place in places if (day := due(place, moment)) is not None]
    told = await asyncio.gather(*over, return_exceptions=True)
    for each in told:  # one that fails keeps no other from being told
        if isinstance(each, BaseException):
            raise each
    return sum(each is True for each in told)


async def _tell(hub: Hub, place: Place, which: date, now: datetime) -> bool:
    """Queue one digest; False when somebody else did, or there is nothing to say."""
    span = span_of(which, place.zone, now)
    async with hub.pools.drains.acquire() as conn:
        day = await _look(conn, place, which, span, now)
    message = await _message(hub, place, day, span)
    trace_id = new_id().hex
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        if not await digests.claim(conn, new_id(), place, which):
            return False
        if message is None:
            return False
        await telegram.add(conn, message, trace_id)
    log.info("digest", chat=place.chat_id, day=str(which), orders=day.totals.orders)
    return True


async def _look(conn: Conn, place: Place, which: date, span: Span, now: datetime) -> Day:
    start, end = (moment_of(local, place.zone) for local in span)
    usual = [
        await digests.totals(conn, place, Span(*(local - timedelta(weeks=n) for local in span)))
        for n in range(1, WEEKS + 1)
    ]
    return Day(
        which,
        await digests.totals(conn, place, span),
        await digests.hours(conn, place, span),
        [one for one in usual if one.orders],
        await digests.troubles(conn, place, start, end, now),
    )


async def _message(hub: Hub, place: Place, day: Day, span: Span) -> ChatMessage | None:
    """With a picture if there were orders; nothing when there is nothing to say at all: nobody was
    at work, nothing came and nothing happened."""
    if day.is_empty and not place.shifts:
        return None
    telling = Telling(place.title, place.language or hub.language, hub.rules, day)
    photo = None
    if day.hours:
        drawing = asyncio.get_running_loop().run_in_executor(
            hub.drawer, day_png, chart(telling, span)
        )
        photo = await drawing
    return ChatMessage(
        place.chat_id, "digest", caption(telling), silent=True, thread_id=place.thread_id,
        photo=photo,
    )  # fmt: skip
