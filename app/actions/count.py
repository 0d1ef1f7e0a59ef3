"""Keep the facts of each hour up to date: what changed since the last look is counted anew.

Which orders changed is known from the handhelds' feed and its snapshots: nothing is missed, in
whichever order transactions commit, and no picker waits for it. The feed forgets after two hours;
who was away for longer goes through all orders once, beside the news, and counts those that are not
as they were counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.db import changes, facts
from app.db.conn import Conn
from app.db.facts import ACCOUNTS, ORDERS, Mark
from app.domain.cursor import FIRST
from app.hub import Hub

#: Orders counted in one transaction; of history, four times as many are looked at.
BATCH: Final = 500
#: Seconds after which a run leaves the rest to the next one.
ENOUGH: Final = 40.0
#: What a delivery's moment may be older than its commit, and how far back the first count goes.
_LATE: Final = timedelta(minutes=15)
_HISTORY: Final = timedelta(days=35)
_DAY: Final = timedelta(days=1)


async def count(hub: Hub, *, enough: float = ENOUGH, batch: int = BATCH) -> str:
    """Count what changed; one line about it. Stops after so many seconds, for another run."""
    until = asyncio.get_running_loop().time() + enough
    news = await _turns(hub, partial(_news, batch=batch), until)
    old = await _turns(hub, partial(_history, batch=batch), until)
    hours = await _turns(hub, _arrivals, until)
    return f"{news} orders, {old} of history, {hours} hours of deliveries"


async def _turns(
    hub: Hub, turn: Callable[[Conn], Awaitable[tuple[int, bool]]], until: float
) -> int:
    """Turn after turn, each in its own transaction, until there is no more to do."""
    total, more, late = 0, True, False
    while more and not late:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await conn.execute("SET LOCAL lock_timeout = '5s'")
            done, more = await turn(conn)
        total, late = total + done, asyncio.get_running_loop().time() > until
    return total


async def _news(conn: Conn, batch: int) -> tuple[int, bool]:
    """One page of changed orders; whether there are more."""
    held = await facts.hold(conn, ORDERS)
    stand = await changes.stand(conn)
    mark = held.mark
    if held.missed or mark.seen is None or mark.place != stand.place:
        anew = Mark(stand.place, stand.seen, swept=FIRST)
        await facts.move(conn, ORDERS, anew)
        return 0, False
    goal = mark.goal or stand.seen
    ids = await facts.changed(conn, (mark.seen, goal), mark.after or FIRST, batch)
    await facts.add_up(conn, await facts.count(conn, ids))
    more = len(ids) == batch
    told = {"goal": goal, "after": ids[-1]} if more else {"seen": goal, "goal": None, "after": None}
    await facts.move(conn, ORDERS, replace(mark, **told))
    return len(ids), more


async def _history(conn: Conn, batch: int) -> tuple[int, bool]:
    """The next orders of all there are, while somebody must go through them."""
    mark = (await facts.hold(conn, ORDERS)).mark
    if mark.swept is None:
        return 0, False
    page = await facts.sweep(conn, mark.swept, 4 * batch)
    wanted = [id_ for id_, differs in page if differs][:batch]
    await facts.add_up(conn, await facts.count(conn, wanted))
    full = len(wanted) == batch
    last = wanted[-1] if full else page[-1][0] if len(page) == 4 * batch else None
    await facts.move(conn, ORDERS, replace(mark, swept=last))
    return len(wanted), last is not None


async def _arrivals(conn: Conn) -> tuple[int, bool]:
    """A day of deliveries, counted by hours; whether there are more days. A clock that was put back
    is no reason to count less."""
    held = await facts.hold(conn, ACCOUNTS)
    since = min(held.mark.until or held.now - _HISTORY, held.now)
    start = _hour(since - _LATE)
    end = min(start + _DAY, _hour(held.now) + timedelta(hours=1))
    different = await facts.arrivals(conn, (start, end))
    await facts.move(conn, ACCOUNTS, replace(held.mark, until=min(end, held.now)))
    return different, end < held.now


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
