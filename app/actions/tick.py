"""Run one tick of a scheduled job, once in the whole cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from app.db import ticks
from app.db.conn import AWAY, CONTENDED, FAULTS
from app.errors import HubError
from app.hub import Hub
from app.log import where

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Duty:
    """A scheduled job: its name, how often it is due, how long a run may take (seconds)."""

    name: str
    every: float
    lease: float
    run: Callable[[Hub], Awaitable[str]]


async def tick(hub: Hub, duty: Duty) -> bool:
    """Run the latest due tick if nobody has; False when it was done or is somebody else's.

    Missed ticks are not run one by one: every duty looks at all that is due.
    """
    async with hub.pools.drains.acquire() as conn:
        due_at = await ticks.due(conn, duty.every)
        epoch = await ticks.take(conn, duty.name, due_at, hub.worker, duty.lease)
    if epoch is None:
        return False
    try:
        result = "done", await duty.run(hub)
    except (HubError, *AWAY, *CONTENDED) as error:
        log.error("tick failed", job=duty.name, where=where(error))  # noqa: TRY400 - no values
        result = "failed", type(error).__name__
    except asyncio.CancelledError:  # this process stops: another one takes it up at once
        with suppress(*FAULTS):
            async with hub.pools.drains.acquire() as conn:
                await ticks.finish(conn, duty.name, due_at, epoch, ("failed", "broken off"))
        raise
    async with hub.pools.drains.acquire() as conn:
        await ticks.finish(conn, duty.name, due_at, epoch, result)
    return True
