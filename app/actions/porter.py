"""All documents to all ERPs and all events to all who want them, each side by a lane of its own:
one that hangs holds up no other.

Any number of processes may do this at any time: rows are claimed under a lease."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from app.actions.drain import Handle, flow
from app.actions.hand_over import hand_over
from app.db import destinations
from app.db.conn import AWAY, CONTENDED, Conn
from app.db.queue import Queue
from app.ending import to_the_end
from app.hub import Hub

log = structlog.get_logger()
#: Seconds between looks for what another process has queued, or what falls due.
SWEEP: Final = 1.0
_ENDLESS: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Cargo:
    """What is brought: rows of a queue, by `hand`; `busy`: to whom there is something to bring
    right now, and how much at once."""

    queue: Queue
    busy: Callable[[Conn], Awaitable[dict[UUID, int]]]
    hand: Handle


#: Documents to ERPs.
DOCUMENTS: Final = Cargo(Queue.ERP, destinations.busy, hand_over)


async def carry(hub: Hub, stopping: asyncio.Event, cargo: Cargo = DOCUMENTS) -> None:
    """Bring it until told to stop; then what is in hand is brought to its end."""
    lanes: dict[UUID, asyncio.Task[int]] = {}
    wake, well = hub.wakes[cargo.queue], False
    try:
        while not stopping.is_set():
            wake.clear()
            await _open(hub, cargo, lanes, stopping)
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), SWEEP)
        well = True
    finally:
        if not well:  # cancelled, or a bug: lanes know no other end while there is more to bring
            for lane in lanes.values():
                lane.cancel()
        await to_the_end(lanes.values())


async def carry_due(hub: Hub, stopping: asyncio.Event, cargo: Cargo = DOCUMENTS) -> int:
    """Bring what is due now, and what falls due meanwhile; how many rows were claimed."""
    claimed = 0
    while not stopping.is_set():
        async with hub.pools.drains.acquire() as conn:
            waiting = await cargo.busy(conn)
        lanes = (_lane(hub, cargo, id_, n, stopping) for id_, n in waiting.items())
        found = sum(await asyncio.gather(*lanes))
        if found == 0:
            break
        claimed += found
    return claimed


async def _open(
    hub: Hub, cargo: Cargo, lanes: dict[UUID, asyncio.Task[int]], stopping: asyncio.Event
) -> None:
    """A lane for each side that has something to be brought and has none; ended ones go."""
    for id_, lane in list(lanes.items()):
        if lane.done():
            del lanes[id_]
            lane.result()  # a bug stops the process, which is started anew
    try:
        async with hub.pools.drains.acquire() as conn:
            waiting = await cargo.busy(conn)
    except (*AWAY, *CONTENDED) as error:
        log.warning("queue out of reach", queue=cargo.queue, error=repr(error)[:300])
        return
    for id_, parallel in waiting.items():
        if id_ not in lanes:
            lanes[id_] = asyncio.create_task(_safe_lane(hub, cargo, id_, parallel, stopping))


async def _safe_lane(
    hub: Hub, cargo: Cargo, id_: UUID, parallel: int, stopping: asyncio.Event
) -> int:
    try:
        return await _lane(hub, cargo, id_, parallel, stopping)
    except (*AWAY, *CONTENDED) as error:
        log.warning("queue out of reach", queue=cargo.queue, error=repr(error)[:300])
        return 0


async def _lane(hub: Hub, cargo: Cargo, id_: UUID, parallel: int, stopping: asyncio.Event) -> int:
    """Bring what is due for one side, so much of it side by side."""
    return await flow(
        hub, cargo.queue, cargo.hand, stopping, width=parallel, until=_ENDLESS, destination=id_
    )
