"""Work through one queue until told to stop: slots are filled as they come free, so that what takes
long holds up nothing but itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from app.actions.drain import BATCH, MARGIN, Handle, give_back, one_row
from app.actions.slots import Slots
from app.db import queue
from app.db.conn import AWAY, CONTENDED
from app.db.queue import Item, Queue
from app.hub import Hub

log = structlog.get_logger()
#: Seconds between looks when nothing woke the drain: finds what a dead worker left.
SWEEP: Final = 1.0
#: The same while slots are free and what is in hand may not have them: somebody else's may be due.
PINCHED: Final = 0.1
_ENDLESS: Final = float("inf")


async def keep_draining(hub: Hub, name: Queue, handle: Handle, stopping: asyncio.Event) -> None:
    """Claim and handle rows. On `stopping` (and the queue's wake, set after it) rows in hand are
    finished and the others given back uncounted."""
    crew = _Crew(hub, name, handle, stopping)
    try:
        while not stopping.is_set():
            await crew.fill()
            crew.begin()
            await crew.wait()
        await crew.finish()
    finally:
        await crew.cancel()


@dataclass(slots=True)
class _Crew:
    hub: Hub
    name: Queue
    handle: Handle
    stopping: asyncio.Event
    slots: Slots = field(default_factory=Slots)
    at_work: dict[asyncio.Task[None], Item] = field(default_factory=dict)
    #: When the queue may be looked into: after it was out of reach; while slots are pinched.
    in_reach: float = 0.0
    looked: float = 0.0

    def _looks(self, now: float) -> bool:
        """Whether more may be claimed."""
        after = self.looked + PINCHED if self.slots.waits else 0.0
        return self.slots.room() > 0 and now >= max(self.in_reach, after)

    async def fill(self) -> None:
        """Give back what waited in vain, and claim what there is a slot for."""
        now = time.monotonic()
        try:
            await give_back(self.hub, self.name, self.slots.give_back(now))
            if self._looks(now):
                await self._claim(now)
        except (*AWAY, *CONTENDED) as error:
            log.warning("queue out of reach", queue=self.name, error=repr(error))
            self.in_reach = time.monotonic() + SWEEP

    async def _claim(self, now: float) -> None:
        self.looked = now
        self.hub.wakes[self.name].clear()
        hands = self.slots.hands(tuple(self.hub.marketplaces))
        room = min(BATCH, self.slots.room())
        async with self.hub.pools.drains.acquire() as conn:
            items = await queue.claim(conn, self.name, self.hub.worker, room, hands=hands)
        self.slots.take_in(items, now + MARGIN)

    def begin(self) -> None:
        """Work begins on every row that may have a slot."""
        while (item := self.slots.begin()) is not None:
            task = asyncio.create_task(one_row(self.hub, item, self.handle))
            self.at_work[task] = item

    async def wait(self) -> None:
        """Until a row is done, it is time to look again, or, with slots to fill, something is
        queued."""
        seconds = PINCHED if self.slots.waits else SWEEP * (0.75 + 0.5 * self.hub.spread())
        bell = self.hub.wakes[self.name] if self._idle() else self.stopping
        rung = asyncio.create_task(bell.wait())
        try:
            done, _ = await asyncio.wait(
                {rung, *self.at_work}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            rung.cancel()
        self._ended(done)

    def _idle(self) -> bool:
        return not self.slots.waits and self._looks(time.monotonic())

    def _ended(self, done: set[asyncio.Task[Any]]) -> None:
        for task in done & self.at_work.keys():
            self.slots.end(self.at_work.pop(task))
            task.result()  # a bug in the drain itself ends the worker

    async def finish(self) -> None:
        """Give back what was not begun; until what is at work is done."""
        try:
            await give_back(self.hub, self.name, self.slots.give_back(_ENDLESS))
        except (*AWAY, *CONTENDED) as error:  # it comes back by itself when its leases end
            log.warning("queue out of reach", queue=self.name, error=repr(error))
        while self.at_work:
            done, _ = await asyncio.wait(self.at_work)
            self._ended(done)

    async def cancel(self) -> None:
        """Whoever stops us waits no longer."""
        for task in self.at_work:
            task.cancel()
        if self.at_work:
            await asyncio.wait(self.at_work)
