"""Documents are brought to ERPs all the time, beside the calendar; at once what is issued here."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from app.actions.porter import carry
from app.db.queue import Queue
from app.hub import Hub

logger = structlog.get_logger()
#: Seconds that what is in hand gets to finish when the process stops; the rest comes again.
GRACE: Final = 5.0


@asynccontextmanager
async def carrying(hub: Hub) -> AsyncIterator[None]:
    """Bring documents while the block lasts."""
    stopping = asyncio.Event()
    task = asyncio.create_task(carry(hub, stopping), name="documents to ERPs")
    task.add_done_callback(_let_it_crash)
    try:
        yield
    finally:
        stopping.set()
        hub.wakes[Queue.ERP].set()
        _, late = await asyncio.wait([task], timeout=GRACE)
        for one in late:
            one.cancel()
        await asyncio.wait([task])


def _let_it_crash(task: asyncio.Task[None]) -> None:
    """A scheduler that brings nothing would look healthy: it ends instead, and another starts."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("no documents are brought", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
