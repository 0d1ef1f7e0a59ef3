"""Where documents go: ERPs with their secrets, and how each of them fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.db.sealing import Seal
from app.domain.destination import Destination, Way
from app.domain.document import Kind

_SQL = load("destinations")
#: So many late rows at most are tried again at once when an ERP is back.
HURRIED = 5000
#: After so many failures in a row it rests (the query `ill`), and rows wait for that.
RESTED = 3
#: Documents on their way at once to one ERP, unless its settings say.
USUAL = 4


@dataclass(frozen=True, slots=True)
class Sealed:
    """A destination as the database has it, its secrets shut."""

    destination: Destination
    sealed: bytes | None


def of_row(row: Record) -> Sealed:
    """A destination from the columns of the query `find`."""
    found = Destination(
        id=row["id"],
        merchant_id=row["merchant_id"],
        code=row["code"],
        way=Way(row["way"]),
        form=row["form"],
        language=row["language"],
        kinds=frozenset(map(Kind, row["kinds"])),
        settings=row["settings"],
        active=row["active"],
        removed=row["removed"],
    )
    return Sealed(found, row["sealed"])


def opened(seal: Seal, shut: Sealed) -> Destination:
    """The destination with its secrets."""
    if shut.sealed is None:
        return shut.destination
    secrets = msgspec.json.decode(seal.open(shut.sealed), type=dict[str, tuple[str, ...]])
    return replace(shut.destination, secrets=secrets)


def closed(seal: Seal, secrets: Mapping[str, tuple[str, ...]]) -> bytes | None:
    """Secrets as the database keeps them; None for none."""
    return seal.close(msgspec.json.encode(dict(secrets)).decode()) if secrets else None


async def by_code(conn: Conn, code: str) -> Sealed | None:
    """A destination that is there, also a paused one."""
    row = await conn.fetchrow(_SQL["find"], code, None)
    return of_row(row) if row else None


async def by_token(conn: Conn, token_hash: bytes) -> Destination | None:
    """The destination whose ERP shows a token with this hash."""
    row = await conn.fetchrow(_SQL["find"], None, token_hash)
    return of_row(row).destination if row else None


async def busy(conn: Conn) -> dict[UUID, int]:
    """Destinations that have something to bring, and how much at once."""
    return {row["id"]: row["parallel"] or USUAL for row in await conn.fetch(_SQL["busy"])}


async def overview(conn: Conn, code: str | None = None) -> list[Record]:
    """All destinations, or one, and how they fare; never a secret."""
    rows: list[Record] = await conn.fetch(_SQL["overview"], code)
    return rows


async def save(
    conn: Conn, destination: Destination, sealed: bytes | None, token_hash: bytes | None
) -> bool:
    """Write it; without secrets or a token those it has stay. False when the code is taken by
    another merchant's, or one of another way."""
    kinds = sorted(destination.kinds)
    return (
        await conn.fetchval(
            _SQL["save"],
            destination.id,
            destination.merchant_id,
            destination.code,
            destination.way,
            destination.form,
            destination.language,
            kinds,
            dict(destination.settings),
            sealed,
            token_hash,
        )
        is not None
    )


async def put_secrets(
    conn: Conn, code: str, sealed: bytes | None, token_hash: bytes | None
) -> bool:
    """Give it other secrets, and another token unless None; False when there is no such one."""
    return await conn.fetchval(_SQL["secrets"], code, sealed, token_hash) is not None


async def activate(conn: Conn, code: str, *, active: bool) -> bool:
    """Pause it or let it go on; False when there is no such one."""
    return await conn.fetchval(_SQL["activate"], code, active) is not None


async def remove(conn: Conn, code: str) -> bool:
    """It gets nothing more; False when there is no such one."""
    return await conn.fetchval(_SQL["remove"], code) is not None


async def well(conn: Conn, id_: UUID) -> None:
    """Its way works; what waited because it did not is tried at once. In the caller's
    transaction."""
    failures = await conn.fetchval(_SQL["failures"], id_)
    if failures is None:
        return
    await conn.execute(_SQL["well"], id_)
    if failures >= RESTED:
        await conn.execute(_SQL["hurry"], id_, HURRIED)


async def ill(conn: Conn, id_: UUID, said: str, seconds: float) -> None:
    """Its way does not work: it rests for so long, or longer when that goes on."""
    await conn.execute(_SQL["ill"], id_, said[:300].replace("\x00", ""), seconds)


async def merchant(conn: Conn, name: str | None) -> UUID | None:
    """The merchant with this name, or the only one there is."""
    found = await conn.fetch(_SQL["merchant"], name)
    return found[0]["id"] if len(found) == 1 else None
