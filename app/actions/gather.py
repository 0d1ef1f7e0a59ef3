"""Group commit: requests that arrive while a commit is on its way share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from app.contract import Reply
from app.db import inbox
from app.db.conn import AWAY, CONTENDED, FAULTS, INDIGESTIBLE, Pool, within
from app.db.inbox import Arrival
from app.db.patience import awake
from app.errors import StorageAway

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

    def __init__(self, pool: Pool, patience: float = PATIENCE) -> None:
        self._pool = pool
        self._patience = patience
        self._waiting: dict[UUID, _Waiting] = {}
        self._flusher: asyncio.Task[None] | None = None

    async def store(self, arrival: Arrival) -> Reply:
        """Return the reply once the delivery is on disk; StorageAway when it could not be.

        A caller that goes away does not take its delivery along: it is stored all the same. One
        that was told to come again does, or an outage would pile up what comes again anyway.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting[arrival.id] = _Waiting(arrival, done)
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        try:
            async with awake(self._patience):
                return await asyncio.shield(done)
        except TimeoutError as error:
            self._waiting.pop(arrival.id, None)
            raise StorageAway from error

    def waiting(self) -> int:
        """How many deliveries wait for a commit that has not begun."""
        return len(self._waiting)

    async def _flush(self) -> None:
        while self._waiting:
            batch = [self._waiting.pop(id_) for id_ in list(self._waiting)[:MOST]]
            await self._commit(batch)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            replies = await within(self._patience, self._store([one.arrival for one in batch]))
        except FAULTS as error:
            heals = isinstance(error, (*AWAY, *CONTENDED)) and not isinstance(error, INDIGESTIBLE)
            if len(batch) == 1 or heals:
                _fail(batch, error)
                return
            for one in batch:  # one that cannot be stored must not take the others along
                await self._commit([one])
        else:
            for one, reply in zip(batch, replies, strict=True):
                if reply is None:
                    _fail([one], StorageAway())
                elif not one.done.done():
                    one.done.set_result(reply)

    async def _store(self, arrivals: list[Arrival]) -> list[Reply | None]:
        async with self._pool.acquire() as conn:
            return await inbox.store_batch(conn, arrivals)


def _fail(batch: Sequence[_Waiting], error: BaseException) -> None:
    for one in batch:
        if not one.done.done():
            away = StorageAway()
            away.__cause__ = error
            one.done.set_exception(away)
            one.done.exception()  # somebody may have stopped listening: that is no fault
