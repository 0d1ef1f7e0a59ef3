"""All documents to all ERPs, each by a lane of its own: one that hangs holds up no other.

Any number of processes may do this at any time: rows are claimed under a lease."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final
from uuid import UUID

import structlog

from app.actions.drain import flow
from app.actions.hand_over import hand_over
from app.db import destinations
from app.db.conn import AWAY, CONTENDED
from app.db.queue import Queue
from app.hub import Hub

log = structlog.get_logger()
#: Seconds between looks for what another process has queued, or what falls due.
SWEEP: Final = 1.0
_ENDLESS: Final = float("inf")


async def carry(hub: Hub, stopping: asyncio.Event) -> None:
    """Bring documents until told to stop; then what is in hand is brought to its end."""
    lanes: dict[UUID, asyncio.Task[int]] = {}
    wake = hub.wakes[Queue.ERP]
    try:
        while not stopping.is_set():
            wake.clear()
            await _open(hub, lanes, stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), SWEEP)
    except asyncio.CancelledError:
        for lane in lanes.values():
            lane.cancel()
        raise
    finally:
        if lanes:
            await asyncio.wait(lanes.values())


async def carry_due(hub: Hub, stopping: asyncio.Event) -> int:
    """Bring what is due now, and what falls due meanwhile; how many rows were claimed."""
    claimed = 0
    while not stopping.is_set():
        async with hub.pools.drains.acquire() as conn:
            waiting = await destinations.busy(conn)
        found = sum(
            await asyncio.gather(*(_lane(hub, id_, n, stopping) for id_, n in waiting.items()))
        )
        if found == 0:
            break
        claimed += found
    return claimed


async def _open(hub: Hub, lanes: dict[UUID, asyncio.Task[int]], stopping: asyncio.Event) -> None:
    """A lane for each destination that has something to bring and has none; ended ones go."""
    for id_, lane in list(lanes.items()):
        if lane.done():
            del lanes[id_]
            lane.result()  # a bug stops the process, which is started anew
    try:
        async with hub.pools.drains.acquire() as conn:
            waiting = await destinations.busy(conn)
    except (*AWAY, *CONTENDED) as error:
        log.warning("queue out of reach", queue=Queue.ERP, error=repr(error)[:300])
        return
    for id_, parallel in waiting.items():
        if id_ not in lanes:
            lanes[id_] = asyncio.create_task(_safe_lane(hub, id_, parallel, stopping))


async def _safe_lane(hub: Hub, id_: UUID, parallel: int, stopping: asyncio.Event) -> int:
    try:
        return await _lane(hub, id_, parallel, stopping)
    except (*AWAY, *CONTENDED) as error:
        log.warning("queue out of reach", queue=Queue.ERP, error=repr(error)[:300])
        return 0


async def _lane(hub: Hub, id_: UUID, parallel: int, stopping: asyncio.Event) -> int:
    """Bring what is due for one destination, so many documents side by side."""
    return await flow(
        hub, Queue.ERP, hand_over, stopping, width=parallel, until=_ENDLESS, destination=id_
    )
