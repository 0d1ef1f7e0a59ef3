"""Tokens of marketplaces, sealed, kept for all processes: one asks, the others use its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from uuid import UUID

from app.contract import Account, Token
from app.db.conn import AWAY, FAULTS, Pool
from app.db.queries import load
from app.db.sealing import Seal
from app.ending import to_the_end
from app.errors import RemoteUnavailable
from app.plugin import named

_SQL = load("tokens")
#: Seconds somebody may take to get a new token before another one tries.
ASKING: Final = 30.0
#: Seconds to wait for what somebody else is getting.
PATIENCE: Final = 12.0
_LOOK: Final = 0.1
#: Times an answer is tried to be kept, each pause twice the last: 6 s in all.
_TRIES: Final = 6


@dataclass(frozen=True, slots=True)
class _Known:
    value: str = field(repr=False)
    good_until: float


class TokenBook:
    """Tokens as this process last read them."""

    def __init__(self, pool: Pool, seal: Seal, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._seal = seal
        self._clock = clock
        self._known: dict[tuple[UUID, str], _Known] = {}
        self._asking: set[asyncio.Task[str]] = set()

    async def aclose(self) -> None:
        """Wait until what was asked for is answered and kept."""
        await to_the_end(self._asking)

    async def get(
        self, account: Account, kinds: Sequence[str], ask: Callable[[str | None], Awaitable[Token]]
    ) -> str:
        """See app.plugin.Tokens."""
        key = account.id, named(account, kinds)
        until = self._clock() + PATIENCE
        while True:
            known = self._known.get(key)
            if known is not None and known.good_until > self._clock():
                return known.value
            if await self._found(key):
                continue
            kept = await self._claim(key)
            if not isinstance(kept, _Taken):
                return await self._undisturbed(self._ask(key, kept, ask))
            if self._clock() > until:
                raise RemoteUnavailable("another process is getting a token")
            await asyncio.sleep(_LOOK)

    async def drop(self, account: Account, kinds: Sequence[str], value: str) -> None:
        """See app.plugin.Tokens."""
        key = account.id, named(account, kinds)
        known = self._known.get(key)
        if known is not None and known.value == value:
            del self._known[key]
        async with self._pool.acquire() as conn:
            row = await conn.fetchrow(_SQL["find"], *key)
            # by what it is, for its seal may be another one since it was read
            if row is not None and self._seal.open(row["sealed"]) == value:
                await conn.execute(_SQL["drop"], *key, row["sealed"])

    async def _found(self, key: tuple[UUID, str]) -> bool:
        async with self._pool.acquire() as conn:
            row = await conn.fetchrow(_SQL["find"], *key)
        if row is None:
            return False
        until = self._clock() + row["seconds"]
        self._known[key] = _Known(self._seal.open(row["sealed"]), until)
        return True

    async def _claim(self, key: tuple[UUID, str]) -> str | _Taken | None:
        async with self._pool.acquire() as conn:
            row = await conn.fetchrow(_SQL["claim"], *key, ASKING)
        if row is None:
            return _Taken()
        return None if row["kept"] is None else self._seal.open(row["kept"])

    async def _undisturbed(self, asking: Coroutine[Any, Any, str]) -> str:
        """Who waits for it may stop waiting. The asking goes on: what the marketplace gave may be
        good for one use, and used again it would end them all."""
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[str]) -> None:
        self._asking.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; if nobody did, the next one asks again

    async def _ask(
        self,
        key: tuple[UUID, str],
        kept: str | None,
        ask: Callable[[str | None], Awaitable[Token]],
    ) -> str:
        """Nothing is locked while the marketplace is asked."""
        answered = False
        try:
            token = await ask(kept)
            answered = True
        finally:
            if not answered:
                with suppress(*FAULTS):  # then others wait until ASKING is over
                    async with self._pool.acquire() as conn:
                        await conn.execute(_SQL["give_up"], *key)
        await self._store(key, token)
        self._known[key] = _Known(token.value, self._clock() + token.seconds)
        return token.value

    async def _store(self, key: tuple[UUID, str], token: Token) -> None:
        sealed = self._seal.close(token.value)
        new = None if token.kept is None else self._seal.close(token.kept)
        for tries in count(1):
            try:
                async with self._pool.acquire() as conn:
                    await conn.execute(_SQL["store"], *key, sealed, new, token.seconds)
            except AWAY:
                if tries == _TRIES:
                    raise
                await asyncio.sleep(_LOOK * 2**tries)
            else:
                return


class _Taken:
    """Somebody else is asking."""
