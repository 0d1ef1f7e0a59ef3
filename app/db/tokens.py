"""Tokens of marketplaces, sealed, kept for all processes: one asks, the others use its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.contract import Account, Token
from app.db.conn import Pool
from app.db.queries import load
from app.db.sealing import Seal
from app.errors import RemoteUnavailable
from app.plugin import named

_SQL = load("tokens")
#: Seconds somebody may take to get a new token before another one tries.
ASKING: Final = 30.0
#: Seconds to wait for what somebody else is getting.
PATIENCE: Final = 12.0
_LOOK: Final = 0.1


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
                return await self._ask(key, kept, ask)
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

    async def _ask(
        self,
        key: tuple[UUID, str],
        kept: str | None,
        ask: Callable[[str | None], Awaitable[Token]],
    ) -> str:
        """Nothing is locked while the marketplace is asked."""
        done = False
        try:
            token = await ask(kept)
            sealed = self._seal.close(token.value)
            new = None if token.kept is None else self._seal.close(token.kept)
            async with self._pool.acquire() as conn:
                await conn.execute(_SQL["store"], *key, sealed, new, token.seconds)
            self._known[key] = _Known(token.value, self._clock() + token.seconds)
            done = True
        finally:
            if not done:
                async with self._pool.acquire() as conn:
                    await conn.execute(_SQL["give_up"], *key)
        return token.value


class _Taken:
    """Somebody else is asking."""
