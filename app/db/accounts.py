"""Accounts, their credentials, stores and goods."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.contract import Account
from app.db.conn import Conn, Pool
from app.db.queries import load
from app.db.sealing import Seal
from app.domain.shop import AccountRules
from app.errors import StorageAway

_SQL = load("accounts")
#: Seconds a worker may go on with what it knows of an account.
FRESH = 5.0
#: Seconds it may go on without one: a new account's first webhook must not find a closed door.
ABSENT = 0.5
#: Seconds between two readings of one account because of calls it did not prove.
SPACING = 0.1


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
        self._reading: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)

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

    async def renewed(self, account: Account) -> Account | None:
        """The account as it is now, read after this call began; None when it is there no more. A
        call that proves nothing may be made with a secret that is a moment old. However many ask,
        an account is read a few times a second: the others wait for that."""
        asked_at = self._clock()
        async with self._reading[account.id]:
            read_at, found = self._known.get(account.code, (float("-inf"), None))
            if read_at > asked_at:
                return found
            await asyncio.sleep(min(SPACING, max(0.0, read_at + SPACING - self._clock())))
            self.forget(account)
            return await self.by_code(account.code)

    def forget(self, account: Account) -> None:
        """Read it again when it is next asked for."""
        self._known.pop(account.code, None)
        self._known.pop(account.id, None)

    async def _get(
        self, key: str | UUID, code: str | None, id_: UUID | None, conn: Conn | None = None
    ) -> Account | None:
        read_at, account = self._known.get(key, (float("-inf"), None))
        if self._clock() - read_at < (ABSENT if account is None else FRESH):
            return account
        read_at = self._clock()
        if conn is not None:
            account = await _read(conn, self._seal, code, id_)
        else:
            async with self._pool.acquire() as own:
                account = await _read(own, self._seal, code, id_)
        if len(self._known) > 10_000:  # a flood of invented names must not fill the memory
            self._known.clear()
        self._known[key] = (read_at, account)
        return account


async def _read(conn: Conn, seal: Seal, code: str | None, id_: UUID | None) -> Account | None:
    row = await conn.fetchrow(_SQL["find"], code, id_)
    if row is None:
        return None
    if row["gone"]:  # to another cell: whoever calls shall come again, by the new way
        raise StorageAway
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
        codes=await _codes(conn, row["id"]),
    )


async def _codes(conn: Conn, account_id: UUID) -> dict[str, dict[str, str]]:
    codes: dict[str, dict[str, str]] = {}
    for row in await conn.fetch(_SQL["codes"], account_id):
        codes.setdefault(row["kind"], {})[row["theirs"]] = row["ours"]
    return codes


async def opened(conn: Conn, seal: Seal, account_id: UUID) -> Account:
    """An account that is there with its secrets open, as it is now."""
    found = await _read(conn, seal, None, account_id)
    assert found is not None
    return found


async def store_of(conn: Conn, account_id: UUID, external_id: str) -> Store | None:
    """The store a marketplace means, None when nobody mapped it yet."""
    row = await conn.fetchrow(_SQL["store_of"], account_id, external_id)
    return Store(**row) if row else None


async def operator_hash(conn: Conn, login: str) -> str | None:
    """The password hash of an operator."""
    found: str | None = await conn.fetchval(_SQL["operator"], login)
    return found
