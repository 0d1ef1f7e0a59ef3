"""The two drains of a web worker: inbox to orders, outbox to marketplaces; and its pulse."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from app.actions.deliver import deliver
from app.actions.drain import Handle, drain
from app.actions.process import process
from app.actions.pulse import pulsing
from app.actions.watcher import look_after
from app.db.conn import AWAY, CONTENDED
from app.db.queue import Queue
from app.hub import Hub

log = structlog.get_logger()

DRAINS: Final[Mapping[Queue, Handle]] = {Queue.INBOX: process, Queue.OUTBOX: deliver}
#: Seconds between looks when nothing woke the drain: finds what a dead worker left.
SWEEP: Final = 1.0
#: Seconds the rows in hand get to finish when the worker stops.
GRACE: Final = 5.0


@asynccontextmanager
async def draining(hub: Hub) -> AsyncIterator[None]:
    """Run both drains while the block lasts, and the pulse; then finish what is in hand."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(_run(hub, name, stopping), name=name) for name in DRAINS]
    for task in tasks:
        task.add_done_callback(_let_it_crash)
    try:
        async with pulsing(hub, look_after):
            yield
    finally:
        stopping.set()
        for wake in hub.wakes.values():
            wake.set()
        _, late = await asyncio.wait(tasks, timeout=GRACE)
        for task in late:
            task.cancel()


async def _run(hub: Hub, name: Queue, stopping: asyncio.Event) -> None:
    wake = hub.wakes[name]
    while not stopping.is_set():
        wake.clear()
        try:
            claimed = await drain(hub, name, DRAINS[name], stopping)
        except (*AWAY, *CONTENDED) as error:
            log.warning("queue out of reach", queue=name, error=repr(error))
            claimed = 0
        if claimed == 0:  # after any work there may be more: an order's next event, for one
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), SWEEP * (0.75 + 0.5 * hub.spread()))


def _let_it_crash(task: asyncio.Task[None]) -> None:
    """A worker whose drain died of a bug would serve on and process nothing: it ends instead, and
    whoever supervises it starts another."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("drain died", queue=task.get_name(), exc_info=error)
        signal.raise_signal(signal.SIGTERM)
