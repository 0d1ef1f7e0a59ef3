"""A retailer's own systems that are told of orders, with their secrets, and how each fares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.db.sealing import Seal
from app.domain.integrator import EventType, Integrator

_SQL = load("integrators")
#: So many late rows at most are tried again at once when one is back.
HURRIED = 5000
#: After so many failures in a row it rests (the query `ill`), and rows wait for it.
RESTED = 3


@dataclass(frozen=True, slots=True)
class Sealed:
    """A subscription as the database has it, its secrets shut."""

    integrator: Integrator
    sealed: bytes | None


def of_row(row: Record) -> Sealed:
    """A subscription from the columns of the query `find`."""
    found = Integrator(
        id=row["id"],
        merchant_id=row["merchant_id"],
        code=row["code"],
        url=row["url"],
        name=row["name"],
        events=frozenset(map(EventType, row["events"])),
        stores=frozenset(row["stores"]),
        parallel=row["parallel"],
        pause_after=row["pause_after"],
        active=row["active"],
        removed=row["removed"],
    )
    return Sealed(found, row["sealed"])


def opened(seal: Seal, shut: Sealed) -> Integrator:
    """The subscription with its secrets."""
    if shut.sealed is None:
        return shut.integrator
    secrets = msgspec.json.decode(seal.open(shut.sealed), type=tuple[str, ...])
    return replace(shut.integrator, secrets=secrets)


def closed(seal: Seal, secrets: Sequence[str]) -> bytes:
    """Secrets as the database keeps them."""
    return seal.close(msgspec.json.encode(list(secrets)).decode())


async def by_code(conn: Conn, code: str) -> Sealed | None:
    """A subscription that is there, also a paused one."""
    row = await conn.fetchrow(_SQL["find"], code)
    return of_row(row) if row else None


async def busy(conn: Conn) -> dict[UUID, int]:
    """Subscriptions that have something to be told, and how much at once."""
    return {row["id"]: row["parallel"] for row in await conn.fetch(_SQL["busy"])}


async def overview(conn: Conn, code: str | None = None) -> list[Record]:
    """All subscriptions, or one, and how they fare; never a secret."""
    rows: list[Record] = await conn.fetch(_SQL["overview"], code)
    return rows


async def stores(conn: Conn, merchant_id: UUID, codes: Sequence[str]) -> dict[str, UUID]:
    """Those of a merchant's stores that are called so."""
    rows = await conn.fetch(_SQL["stores"], merchant_id, list(codes))
    return {row["code"]: row["id"] for row in rows}


async def save(conn: Conn, integrator: Integrator, sealed: bytes | None) -> bool:
    """Write it; without secrets those it has stay. False when the code is another merchant's."""
    return (
        await conn.fetchval(
            _SQL["save"],
            integrator.id,
            integrator.merchant_id,
            integrator.code,
            integrator.name,
            integrator.url,
            sorted(integrator.events),
            sorted(integrator.stores),
            sealed,
            integrator.parallel,
            integrator.pause_after,
        )
        is not None
    )


async def put_secrets(conn: Conn, code: str, sealed: bytes, before: bytes | None) -> bool:
    """Give it other secrets instead of those it had; False when it has others by now."""
    return await conn.fetchval(_SQL["secrets"], code, sealed, before) is not None


async def pause(conn: Conn, code: str) -> bool:
    """It gathers what happens and is told nothing; False when there is no such one."""
    return await conn.fetchval(_SQL["pause"], code) is not None


async def resume(conn: Conn, code: str) -> bool:
    """It is told what has gathered, and what will come; False when there is no such one."""
    return await conn.fetchval(_SQL["resume"], code) is not None


async def remove(conn: Conn, code: str) -> bool:
    """It is told nothing more; False when there is no such one."""
    return await conn.fetchval(_SQL["remove"], code) is not None


async def well(conn: Conn, id_: UUID) -> None:
    """It has taken something; what waited because it did not is tried at once. In the caller's
    transaction."""
    failures = await conn.fetchval(_SQL["failures"], id_)
    await conn.execute(_SQL["well"], id_)
    if failures >= RESTED:
        await conn.execute(_SQL["hurry"], id_, HURRIED)


@dataclass(frozen=True, slots=True)
class Fares:
    """How one fares after a failure: whether it is still told anything, and whether it has taken
    nothing since the message came."""

    active: bool
    nothing_taken: bool


async def ill(
    conn: Conn, id_: UUID, said: str, rest: float, *, gone: bool, since: datetime
) -> Fares:
    """It did not take a message that is there `since` a moment: it rests `rest` seconds at least,
    and is paused when it wants no more (`gone`), or failed for longer than is borne."""
    row = await conn.fetchrow(_SQL["ill"], id_, _readable(said), rest, gone, since)
    return Fares(**row) if row else Fares(active=False, nothing_taken=False)


def _readable(text: str) -> str:
    return text.replace("\x00", "").encode(errors="replace").decode()[:300]
