"""Accounts, their credentials, stores and goods."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn, Pool
from app.db.queries import load
from app.db.sealing import Seal
from app.domain.shop import AccountRules
from app.ports import Account

_SQL = load("accounts")
#: Seconds a worker may go on with what it knows of an account.
FRESH = 5.0
#: Seconds it may go on without one: a new account's first webhook must not find a closed door.
ABSENT = 0.5


@dataclass(frozen=True, slots=True)
class Store:
    """One of our shops, as an order needs it."""

    id: UUID
    merchant_id: UUID
    code: str


class AccountBook:
    """Accounts as this worker last read them; read again after a few seconds."""

    def __init__(self, pool: Pool, seal: Seal, clock: Callable[[], float] = time.monotonic) -> None:
        self._pool = pool
        self._seal = seal
        self._clock = clock
        self._known: dict[str | UUID, tuple[float, Account | None]] = {}

    @property
    def seal(self) -> Seal:
        """What opens secrets at rest."""
        return self._seal

    async def by_code(self, code: str) -> Account | None:
        """The account a hook URL names, also a paused one; None when there is none."""
        return await self._get(code, code, None)

    async def by_id(self, id_: UUID, conn: Conn | None = None) -> Account | None:
        """The account a row belongs to; who holds a connection lends it, and waits for no other."""
        return await self._get(id_, None, id_, conn)

    async def _get(
        self, key: str | UUID, code: str | None, id_: UUID | None, conn: Conn | None = None
    ) -> Account | None:
        read_at, account = self._known.get(key, (float("-inf"), None))
        if self._clock() - read_at < (ABSENT if account is None else FRESH):
            return account
        if conn is not None:
            account = await _read(conn, self._seal, code, id_)
        else:
            async with self._pool.acquire() as own:
                account = await _read(own, self._seal, code, id_)
        if len(self._known) > 10_000:  # a flood of invented names must not fill the memory
            self._known.clear()
        self._known[key] = (self._clock(), account)
        return account


async def _read(conn: Conn, seal: Seal, code: str | None, id_: UUID | None) -> Account | None:
    row = await conn.fetchrow(_SQL["find"], code, id_)
    if row is None:
        return None
    secrets: dict[str, tuple[str, ...]] = {}
    for credential in await conn.fetch(_SQL["credentials"], row["id"]):
        kind = credential["kind"]
        secrets[kind] = (*secrets.get(kind, ()), seal.open(credential["sealed"]))
    return Account(
        id=row["id"],
        merchant_id=row["merchant_id"],
        code=row["code"],
        adapter=row["adapter"],
        settings=row["settings"],
        active=row["active"],
        secrets=secrets,
        rules=AccountRules(**row["rules"]),
    )


async def store_of(conn: Conn, account_id: UUID, external_id: str) -> Store | None:
    """The store a marketplace means, None when nobody mapped it yet."""
    row = await conn.fetchrow(_SQL["store_of"], account_id, external_id)
    return Store(**row) if row else None


async def overview(conn: Conn) -> list[Record]:
    """Every account in one line; never a secret."""
    rows: list[Record] = await conn.fetch(_SQL["overview"])
    return rows


async def operator_hash(conn: Conn, login: str) -> str | None:
    """The password hash of an operator."""
    found: str | None = await conn.fetchval(_SQL["operator"], login)
    return found
