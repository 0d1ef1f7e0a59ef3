"""Work through one queue: claim a batch, handle each row, record the verdict of what failed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from app import metrics
from app.actions.slots import Slots
from app.db import queue
from app.db.conn import AWAY, CONTENDED, FAULTS, INDIGESTIBLE
from app.db.queue import Item, Queue
from app.domain.retry import Verdict, judge
from app.ending import to_the_end
from app.errors import Held, LeaseLost, Paced
from app.hub import Hub
from app.log import where

log = structlog.get_logger()

Handle: TypeAlias = Callable[[Hub, Item], Awaitable[None]]
#: Rows claimed at once.
BATCH: Final = 20
#: Seconds for one row; well inside the lease, so that nobody else begins while we still work.
LIMIT: Final = queue.LEASE - 10
#: Seconds after the claim within which a row must be begun, or its lease could end under it.
MARGIN: Final = queue.LEASE - LIMIT
#: Seconds between looks for more while rows in hand take their time.
LOOK: Final = 0.5


async def drain(
    hub: Hub,
    name: Queue,
    handle: Handle,
    stopping: asyncio.Event,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Claim and handle one batch; how many rows were claimed.

    On `stopping`, rows in hand are finished and the others given back uncounted; so are rows that
    slow ones before them kept from being begun within MARGIN seconds.
    """
    begin_until = clock() + MARGIN
    slots = Slots()
    async with hub.pools.drains.acquire() as conn:
        hands = slots.hands(tuple(hub.marketplaces))
        items = await queue.claim(conn, name, hub.worker, BATCH, hands=hands)
    slots.take_in(items, begin_until)

    async def work() -> None:
        while not stopping.is_set() and clock() < begin_until:
            if (item := slots.begin()) is None:
                return
            await one_row(hub, item, handle)
            slots.end(item)

    await asyncio.gather(*(work() for _ in range(min(slots.width, len(items)))))
    await give_back(hub, name, slots.give_back(float("inf")))
    return len(items)


async def give_back(hub: Hub, name: Queue, items: Sequence[Item]) -> None:
    """Rows that were not begun, uncounted."""
    if items:
        async with hub.pools.drains.acquire() as conn:
            await queue.release(conn, name, [item.id for item in items], hub.worker)


async def flow(  # noqa: PLR0913 - what to work on, and how
    hub: Hub,
    name: Queue,
    handle: Handle,
    stopping: asyncio.Event,
    *,
    width: int,
    until: float,
    destination: UUID | None = None,
) -> int:
    """Claim and handle rows until nothing is due, `stopping`, or the monotonic clock says `until`;
    how many. Up to `width` side by side, and a slow one keeps no other from being claimed.
    `destination`: rows for this ERP alone."""
    claimed, busy = 0, set[asyncio.Task[None]]()
    try:
        while True:
            items, free = [], width - len(busy)
            if free > 0 and time.monotonic() < until and not stopping.is_set():
                async with hub.pools.drains.acquire() as conn:
                    items = await queue.claim(conn, name, hub.worker, free, destination=destination)
            claimed += len(items)
            busy |= {asyncio.create_task(one_row(hub, item, handle)) for item in items}
            if not busy:
                return claimed
            _, busy = await asyncio.wait(busy, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        for task in busy:
            task.cancel()
        raise
    finally:  # what is in hand is brought to its end, also when no more can be claimed
        await to_the_end(busy)


async def one_row(hub: Hub, item: Item, handle: Handle) -> None:
    """One row's failure is its own: it is judged, written down, and the queue goes on."""
    try:
        async with asyncio.timeout(LIMIT):
            await handle(hub, item)
        metrics.DONE.labels(item.queue).inc()
    except Held as held:  # and in nobody's way
        why = Verdict(held.reason, str(held), held.after, parked=True, counted=False)
        await _keep(hub, item, why)
    except Paced as pace:
        await _keep(hub, item, Verdict("paced", "", pace.after, counted=False))
    except LeaseLost:
        log.warning("lease lost", queue=item.queue, item=str(item.id))
    except INDIGESTIBLE as error:
        await _fail(hub, item, judge(error, item.attempts, hub.spread()), where(error))
    except (*AWAY, *CONTENDED) as error:
        pause = _storage_pause(hub, item)
        late = isinstance(error, TimeoutError)  # ours, at the end of the row's time: who knows
        verdict = Verdict("storage", repr(error)[:500], pause, unsure=late, counted=False)
        await _fail(hub, item, verdict)
    except Exception as error:  # noqa: BLE001 - a bug in one row must not stop the others
        verdict = judge(error, item.attempts, hub.spread())
        await _fail(hub, item, verdict, where(error) if verdict.reason == "bug" else None)


def _storage_pause(hub: Hub, item: Item) -> float:
    """A database's trouble uses up no attempt: a tenth of the row's age, from 2 s to a minute."""
    age = (hub.clock() - item.created_at).total_seconds()
    return min(60.0, max(2.0, age / 10))


async def _fail(hub: Hub, item: Item, verdict: Verdict, place: str | None = None) -> None:
    """Write the verdict on the row; its text stays there, the log says which row and why."""
    metrics.FAILED.labels(item.queue, verdict.reason).inc()
    log.warning(
        "row failed",
        queue=item.queue,
        item=str(item.id),
        attempt=item.attempts,
        reason=verdict.reason,
        delay=verdict.delay,
        where=place,
        trace_id=item.trace_id,
    )
    await _keep(hub, item, verdict)


async def _keep(hub: Hub, item: Item, verdict: Verdict) -> None:
    try:
        async with hub.pools.drains.acquire() as conn:
            await queue.fail(conn, item, verdict)
    except FAULTS as error:  # the row comes back by itself when its lease ends
        log.warning("verdict not kept", queue=item.queue, item=str(item.id), error=repr(error))
