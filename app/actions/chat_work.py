"""Work through what came in from Telegram: each update by itself, soon, and the bad ones last."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

import structlog

from app.actions.chat_handle import handle
from app.actions.chat_turn import Result
from app.db import telegram_updates
from app.db.conn import AWAY, CONTENDED, FAULTS
from app.db.queue import Queue
from app.db.telegram_updates import Claimed
from app.ending import to_the_end
from app.errors import HubError
from app.hub import Hub
from app.log import where
from app.ports import FrontDesk

log = structlog.get_logger()

#: Seconds between looks when nothing woke us: finds what a web worker stored.
SWEEP: Final = 0.7
#: Seconds until an update that somebody died over is anybody's again.
LEASE: Final = 30.0
#: Times an update is tried; then it is noted as failed and stands in nobody's way.
MOST: Final = 4
#: The same when only the database was in the way, or the process died.
MOST_EVER: Final = 20
#: Seconds until the next try, times the tries so far.
_PAUSE: Final = 2.0
#: Answers to presses on their way at once.
_AT_ONCE: Final = 8


class Desk:
    """Works through the updates of one bot until told to stop."""

    def __init__(self, hub: Hub, front: FrontDesk, wake: asyncio.Event) -> None:
        self._hub = hub
        self._front = front
        self._wake = wake
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Handle what there is, then wait for more; on `stopping`, finish what is in hand."""
        try:
            while not stopping.is_set():
                self._wake.clear()
                if not await self._found():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), SWEEP)
            await self.settle()
        finally:  # who waits no longer takes along what answers presses
            for task in self._tasks:
                task.cancel()
            await to_the_end(self._tasks)

    async def _found(self) -> bool:
        try:
            return await self.next()
        except (*AWAY, *CONTENDED) as error:
            log.warning("updates out of reach", error=repr(error)[:300])
            return False

    async def next(self) -> bool:
        """Handle one update; False when none waits."""
        async with self._hub.pools.drains.acquire() as conn:
            one = await telegram_updates.claim(conn, self._front.bot_id, LEASE)
            if one is not None and one.attempts > MOST_EVER:
                await telegram_updates.finish(conn, one, "given up")
                return True
        if one is None:
            return False
        result = await self._try(one)
        if result is not None:
            self._begin(self._after(result))
            self._hub.wakes[Queue.TELEGRAM].set()
        return True

    async def settle(self) -> None:
        """Wait until every press is answered that was handled."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _try(self, one: Claimed) -> Result | None:
        """One update's failure is its own: it is put off, then noted, and the others go on."""
        try:
            return await handle(self._hub, self._front, one)
        except (*AWAY, *CONTENDED) as error:
            log.warning("update put off", update=one.update_id, error=repr(error)[:300])
            with suppress(*FAULTS):
                await self._put_off(one, error, give_up=False)
        except Exception as error:  # noqa: BLE001 - a bug in one update must not stop the others
            log.error("update failed", update=one.update_id, where=where(error))  # noqa: TRY400
            await self._put_off(one, error, give_up=one.attempts >= MOST)
        return None

    async def _put_off(self, one: Claimed, error: BaseException, *, give_up: bool) -> None:
        async with self._hub.pools.drains.acquire() as conn:
            if give_up:
                await telegram_updates.finish(conn, one, f"failed: {type(error).__name__}")
            else:
                await telegram_updates.put_off(conn, one, _PAUSE * min(one.attempts, MOST))

    async def _after(self, result: Result) -> None:
        """What is done once the effect is certain; nothing of it may undo that."""
        async with self._room:
            if result.query_id is not None:
                await _politely(self._front.answer(result.query_id, result.answer), "answer")
            if result.unkey is not None:
                await _politely(self._front.unkey(*result.unkey), "buttons")

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _politely(call: Coroutine[Any, Any, None], what: str) -> None:
    try:
        await call
    except HubError as error:  # too late for Telegram, or it is away: the post tells the rest
        log.info("not taken", what=what, error=str(error)[:200])
