"""Work through one queue: claim a batch, handle each row, record the verdict of what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import structlog

from app import metrics
from app.db import queue
from app.db.conn import AWAY, CONTENDED, INDIGESTIBLE
from app.db.queue import Item, Queue
from app.domain.retry import Verdict, judge
from app.errors import LeaseLost
from app.hub import Hub

log = structlog.get_logger()

Handle: TypeAlias = Callable[[Hub, Item], Awaitable[None]]
#: Rows claimed at once, and how many of them are worked on side by side.
BATCH: Final = 20
SIDE_BY_SIDE: Final = 4
#: Seconds for one row; well inside the lease, so that nobody else begins while we still work.
LIMIT: Final = queue.LEASE - 10


async def drain(hub: Hub, name: Queue, handle: Handle, stopping: asyncio.Event) -> int:
    """Claim and handle one batch; how many rows were claimed.

    On `stopping`, rows in hand are finished and the others given back uncounted.
    """
    async with hub.pools.drains.acquire() as conn:
        items = await queue.claim(conn, name, hub.worker, BATCH)
    waiting = list(reversed(items))

    async def work() -> None:
        while waiting and not stopping.is_set():
            await _one(hub, waiting.pop(), handle)

    await asyncio.gather(*(work() for _ in range(min(SIDE_BY_SIDE, len(items)))))
    if waiting:
        async with hub.pools.drains.acquire() as conn:
            await queue.release(conn, name, [item.id for item in waiting], hub.worker)
    return len(items)


async def _one(hub: Hub, item: Item, handle: Handle) -> None:
    """One row's failure is its own: it is judged, written down, and the queue goes on."""
    try:
        async with asyncio.timeout(LIMIT):
            await handle(hub, item)
        metrics.DONE.labels(item.queue).inc()
    except LeaseLost:
        log.warning("lease lost", queue=item.queue, item=str(item.id))
    except INDIGESTIBLE as error:
        await _fail(hub, item, judge(error, item.attempts, hub.spread()))
    except (*AWAY, *CONTENDED) as error:
        await _fail(hub, item, Verdict("storage", repr(error)[:500], _storage_pause(item)))
    except Exception as error:  # noqa: BLE001 - a bug in one row must not stop the others
        await _fail(hub, item, judge(error, item.attempts, hub.spread()))


def _storage_pause(item: Item) -> float:
    """A database's trouble is nobody's attempt used up: soon at first, then once a minute."""
    return min(60.0, 2.0 ** min(item.attempts, 6))


async def _fail(hub: Hub, item: Item, verdict: Verdict) -> None:
    metrics.FAILED.labels(item.queue, verdict.reason).inc()
    log.warning(
        "row failed",
        queue=item.queue,
        item=str(item.id),
        attempt=item.attempts,
        reason=verdict.reason,
        error=verdict.error,
        delay=verdict.delay,
        trace_id=item.trace_id,
    )
    try:
        async with hub.pools.drains.acquire() as conn:
            await queue.fail(conn, item, verdict)
    except AWAY as error:  # the row comes back by itself when its lease ends
        log.warning("verdict not kept", queue=item.queue, item=str(item.id), error=repr(error))
