"""Duties are looked at when they fall due; when the process stops, those under way are brought to
their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.actions.tick import Duty, tick
from app.db.conn import AWAY, CONTENDED
from app.ending import ended
from app.hub import Hub

logger = structlog.get_logger()

#: One run at a time, missed ticks become one late run. (The library's own grace is one second.)
DEFAULTS: Final = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
#: A duty is looked at this often or more: a tick that failed, or whose runner died, is soon found.
LOOK: Final = 30.0
#: Duties fall due on whole multiples of their period, so every scheduler names the same ticks.
EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)
#: Seconds that duties under way get when the process stops; then they are broken off, and another
#: process takes up their ticks.
GRACE: Final = 5.0


class Calendar:
    """Looks at duties from `add` on."""

    def __init__(self, hub: Hub, clock: AsyncIOScheduler) -> None:
        self._hub = hub
        self._clock = clock
        self.under_way: set[asyncio.Task[None]] = set()

    def add(self, duty: Duty) -> None:
        """At once, and then whenever it may be due."""
        every = IntervalTrigger(seconds=min(duty.every, LOOK), start_date=EPOCH, timezone=UTC)
        now = datetime.now(UTC)
        self._clock.add_job(self._begin, every, [duty], id=duty.name, next_run_time=now)

    async def _begin(self, duty: Duty) -> None:
        """In a task of ours: the library would cancel its own as soon as it stops."""
        task = asyncio.create_task(look(self._hub, duty), name=duty.name)
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()  # a bug is told by the library, and the next look comes


@asynccontextmanager
async def calendar(
    hub: Hub, stopping: asyncio.Event, *, grace: float = GRACE
) -> AsyncIterator[Calendar]:
    """A calendar that runs while the block lasts; `stopping` is set after it, if not before."""
    clock = AsyncIOScheduler(job_defaults=DEFAULTS, timezone=UTC)
    running = Calendar(hub, clock)
    clock.start()
    try:
        yield running
    finally:
        clock.pause()
        stopping.set()
        await ended(tuple(running.under_way), grace)
        clock.shutdown()


async def look(hub: Hub, duty: Duty) -> None:
    """Run a duty if its tick is due; a database that is away makes it late, not lost."""
    try:
        await tick(hub, duty)
    except (*AWAY, *CONTENDED) as error:
        logger.warning("tick out of reach", job=duty.name, error=repr(error)[:300])
