"""Group commit: requests that arrive while a commit is on its way share the next one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from app.db import inbox
from app.db.conn import AWAY, CONTENDED, Pool
from app.db.inbox import Arrival
from app.errors import StorageAway
from app.ports import Reply

#: Deliveries in one commit; more wait for the next.
MOST: Final = 200
#: Seconds after which a sender is told to come again (503), rather than left to hang.
PATIENCE: Final = 1.8


class Commits(Protocol):
    """Takes deliveries in, and answers when they are safe; the benchmark has one that forgets."""

    async def store(self, arrival: Arrival) -> Reply:
        """Return the reply once the delivery is on disk."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    arrival: Arrival
    done: asyncio.Future[Reply]


class GroupCommit:
    """Flushes at once when idle, and gathers while a commit is in flight."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[_Waiting] = []
        self._flusher: asyncio.Task[None] | None = None

    async def store(self, arrival: Arrival) -> Reply:
        """Return the reply once the delivery is on disk; StorageAway when it could not be.

        A caller that goes away does not take its delivery along: it is stored all the same.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(arrival, done))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(done)
        except TimeoutError as error:
            raise StorageAway from error

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                async with asyncio.timeout(PATIENCE), self._pool.acquire() as conn:
                    replies = await inbox.store_batch(conn, [one.arrival for one in batch])
            except (*AWAY, *CONTENDED) as error:
                _settle_all(batch, error)
            else:
                for one, reply in zip(batch, replies, strict=True):
                    if not one.done.done():
                        one.done.set_result(reply)


def _settle_all(batch: list[_Waiting], error: BaseException) -> None:
    for one in batch:
        if not one.done.done():
            away = StorageAway()
            away.__cause__ = error
            one.done.set_exception(away)
            one.done.exception()  # somebody may have stopped listening: that is no fault
