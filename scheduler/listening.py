"""What people write and press in Telegram: listened to, worked through and answered at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

from app.actions.chat_listen import Listener, Way
from app.actions.chat_work import Desk
from app.actions.tell import speak
from app.db.conn import AWAY, CONTENDED
from app.db.queue import Queue
from app.ending import ended
from app.errors import HubError
from app.hub import Hub
from app.ports import FrontDesk
from app.settings import Settings
from app.telegram.desk import desk

logger = structlog.get_logger()

#: Seconds that what is in hand gets to finish when the process stops.
GRACE: Final = 5.0
#: Seconds ahead of time that answers are waited for, when a chat's pace puts them off.
AHEAD: Final = 3.0


@asynccontextmanager
async def listening(hub: Hub, settings: Settings) -> AsyncIterator[None]:
    """Listen while the block lasts; without a token, or when switched off, there is nothing to."""
    way = Way(settings.telegram_updates)
    if settings.telegram_token is None or way is Way.OFF:
        yield
        return
    async with (
        desk(settings.telegram_token, settings.telegram_api) as front,
        at_work(hub, front, way),
    ):
        yield


@asynccontextmanager
async def at_work(hub: Hub, front: FrontDesk, way: Way) -> AsyncIterator[None]:
    """Three things side by side: listen, handle what came in, send what that has queued."""
    stopping, wake = asyncio.Event(), asyncio.Event()
    tasks = [
        _begin(Listener(hub, front, way, wake).run(stopping), "telegram listener"),
        _begin(Desk(hub, front, wake).run(stopping), "telegram desk"),
        _begin(_send(hub, stopping), "telegram answers"),
    ]
    try:
        yield
    finally:
        stopping.set()
        wake.set()
        hub.wakes[Queue.TELEGRAM].set()
        await ended(tasks, GRACE)


async def _send(hub: Hub, stopping: asyncio.Event) -> None:
    """Send as soon as something was queued here; the calendar's duty finds the rest."""
    queued = hub.wakes[Queue.TELEGRAM]
    while not stopping.is_set():
        await queued.wait()
        queued.clear()
        if stopping.is_set():
            return
        try:
            await speak(hub, stopping, AHEAD)
        except (HubError, *AWAY, *CONTENDED) as error:
            logger.warning("telegram out of reach", error=repr(error)[:300])


def _begin(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_let_it_crash)
    return task


def _let_it_crash(task: asyncio.Task[None]) -> None:
    """A scheduler that is deaf would look healthy: it ends instead, and another is started."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.critical("deaf to telegram", task=task.get_name(), exc_info=error)
        signal.raise_signal(signal.SIGTERM)
