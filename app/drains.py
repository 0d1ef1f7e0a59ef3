"""The two drains of a web worker: inbox to orders, outbox to marketplaces; and its pulse."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from app.actions.deliver import deliver
from app.actions.drain import Handle
from app.actions.keep_draining import keep_draining
from app.actions.process import process
from app.actions.pulse import pulsing
from app.actions.watcher import look_after
from app.db.queue import Queue
from app.ending import ended
from app.hub import Hub

log = structlog.get_logger()

DRAINS: Final[Mapping[Queue, Handle]] = {Queue.INBOX: process, Queue.OUTBOX: deliver}
#: Seconds the rows in hand get to finish when the worker stops.
GRACE: Final = 5.0


@asynccontextmanager
async def draining(
    hub: Hub, stopping: asyncio.Event | None = None, *, grace: float = GRACE
) -> AsyncIterator[None]:
    """Run both drains while the block lasts, or until `stopping`, and the pulse; then finish what
    is in hand."""
    stopping = stopping or asyncio.Event()
    tasks = [
        asyncio.create_task(keep_draining(hub, name, handle, stopping), name=name)
        for name, handle in DRAINS.items()
    ]
    for task in tasks:
        task.add_done_callback(_let_it_crash)
    try:
        async with pulsing(hub, look_after):
            try:
                yield
            finally:
                stopping.set()  # nothing more is claimed while the goodbye is said
    finally:
        stopping.set()
        for wake in hub.wakes.values():
            wake.set()
        await ended(tasks, grace)


def _let_it_crash(task: asyncio.Task[None]) -> None:
    """A worker whose drain died of a bug would serve on and process nothing: it ends instead, and
    whoever supervises it starts another."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("drain died", queue=task.get_name(), exc_info=error)
        signal.raise_signal(signal.SIGTERM)
