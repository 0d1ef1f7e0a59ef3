"""Documents are brought to ERPs and events to whoever wants them all the time, beside the calendar;
at once what is issued here."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from app.actions.notify import notifier
from app.actions.porter import DOCUMENTS, Cargo, carry
from app.db import integrators
from app.db.queue import Queue
from app.ending import ended
from app.hub import Hub
from app.integrators.post import poster

logger = structlog.get_logger()
#: Seconds that what is in hand gets to finish when the process stops; the rest comes again.
GRACE: Final = 5.0


@asynccontextmanager
async def carrying(hub: Hub, *, grace: float = GRACE) -> AsyncIterator[None]:
    """Bring documents and events while the block lasts, and `grace` seconds longer."""
    async with poster() as posting:
        cargoes = (DOCUMENTS, Cargo(Queue.EVENTS, integrators.busy, notifier(posting)))
        async with _at_work(hub, cargoes, grace):
            yield


@asynccontextmanager
async def _at_work(hub: Hub, cargoes: Sequence[Cargo], grace: float) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    tasks = [
        asyncio.create_task(carry(hub, stopping, cargo), name=f"carrying {cargo.queue}")
        for cargo in cargoes
    ]
    for task in tasks:
        task.add_done_callback(_let_it_crash)
    try:
        yield
    finally:
        stopping.set()
        for cargo in cargoes:
            hub.wakes[cargo.queue].set()
        await ended(tasks, grace)


def _let_it_crash(task: asyncio.Task[None]) -> None:
    """A scheduler that brings nothing would look healthy: it ends instead, and another starts."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("nothing is brought", task=task.get_name(), exc_info=error)
        signal.raise_signal(signal.SIGTERM)
