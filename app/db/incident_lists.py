"""Incidents as operators list them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("incident_lists")
#: Members of a group that are listed.
_MEMBERS: Final = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """Which incidents: what is on, and what ended since; of a rule, of a store."""

    since: datetime | None = None
    rule: str | None = None
    store: str | None = None
    limit: int = 50


class Whole(NamedTuple):
    """All there is to know of one incident."""

    incident: Record
    history: Sequence[Record]
    posts: Sequence[Record]
    members: Sequence[Record]


class Places(NamedTuple):
    """Ids of what words mean."""

    stores: Sequence[UUID]
    accounts: Sequence[UUID]
    merchants: Sequence[UUID]


async def browse(conn: Conn, chosen: Filter) -> list[Record]:
    """What is on comes first, then what ended last."""
    rows: list[Record] = await conn.fetch(
        _SQL["browse"], chosen.since, chosen.rule, chosen.store, chosen.limit
    )
    return rows


async def whole(conn: Conn, id_: UUID) -> Whole | None:
    """One incident with its history, where it is to be seen, and what it stands for."""
    row = await conn.fetchrow(_SQL["whole"], id_)
    if row is None:
        return None
    return Whole(
        row,
        await conn.fetch(_SQL["history"], id_),
        await conn.fetch(_SQL["posts"], id_),
        await conn.fetch(_SQL["members"], id_, _MEMBERS),
    )


async def names(conn: Conn, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What people call stores, accounts, merchants and orders: "store MSK-07"."""
    return {row["id"]: row["name"] for row in await conn.fetch(_SQL["names"], list(ids))}


async def places(
    conn: Conn, store: str | None, account: str | None, merchant: str | None
) -> Places:
    """What these words mean; a store's code may be several merchants'."""
    row = await conn.fetchrow(_SQL["places"], store, account, merchant)
    assert row is not None
    return Places(*row)
