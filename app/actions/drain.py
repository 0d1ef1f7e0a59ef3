"""Work through one queue: claim a batch, handle each row, record the verdict of what failed."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
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
#: Seconds after the claim within which a row must be begun, or its lease could end under it.
MARGIN: Final = queue.LEASE - LIMIT


async def drain(
    hub: Hub, name: Queue, handle: Handle, stopping: asyncio.Event, *, margin: float = MARGIN
) -> int:
    """Claim and handle one batch; how many rows were claimed.

    On `stopping`, rows in hand are finished and the others given back uncounted; so are rows that
    slow ones before them kept from being begun within `margin` seconds.
    """
    begin_until = time.monotonic() + margin
    async with hub.pools.drains.acquire() as conn:
        items = await queue.claim(conn, name, hub.worker, BATCH)
    waiting = list(reversed(items))

    async def work() -> None:
        while waiting and not stopping.is_set() and time.monotonic() < begin_until:
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
        await _fail(hub, item, judge(error, item.attempts, hub.spread()), _where(error))
    except (*AWAY, *CONTENDED) as error:
        pause = _storage_pause(item)  # whatever was sent before, the answer to it is lost
        await _fail(hub, item, Verdict("storage", repr(error)[:500], pause, unsure=True))
    except Exception as error:  # noqa: BLE001 - a bug in one row must not stop the others
        verdict = judge(error, item.attempts, hub.spread())
        await _fail(hub, item, verdict, _where(error) if verdict.reason == "bug" else None)


def _storage_pause(item: Item) -> float:
    """A database's trouble is nobody's attempt used up: soon at first, then once a minute."""
    return min(60.0, 2.0 ** min(item.attempts, 6))


def _where(error: BaseException) -> str:
    """The way to the fault: files and lines, without values, which may be a customer's."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


async def _fail(hub: Hub, item: Item, verdict: Verdict, where: str | None = None) -> None:
    """Write the verdict on the row; its text stays there, the log says which row and why."""
    metrics.FAILED.labels(item.queue, verdict.reason).inc()
    log.warning(
        "row failed",
        queue=item.queue,
        item=str(item.id),
        attempt=item.attempts,
        reason=verdict.reason,
        delay=verdict.delay,
        where=where,
        trace_id=item.trace_id,
    )
    try:
        async with hub.pools.drains.acquire() as conn:
            await queue.fail(conn, item, verdict)
    except AWAY as error:  # the row comes back by itself when its lease ends
        log.warning("verdict not kept", queue=item.queue, item=str(item.id), error=repr(error))
