"""Incidents as an operator sees them: what is on, what is over, and what happened to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.incidents import incident
from app.db.queries import load
from app.domain.incident import Incident
from app.domain.mute import Mute

_SQL = load("board")
_FIELDS: Final = tuple(field.name for field in fields(Incident))


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident; `members`: how many that are on are told as part of it."""

    incident: Incident
    members: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents: those that are on, and those that ended since; of a rule; of a store."""

    ended_since: datetime | None = None
    rule: str | None = None
    store: str | None = None
    most: int = 200


async def listed(conn: Conn, wanted: Wanted) -> list[Entry]:
    """The worst first; what is over last."""
    rows = await conn.fetch(
        _SQL["listed"], wanted.ended_since, wanted.rule, wanted.store, wanted.most
    )
    return [_entry(row) for row in rows]


async def one(conn: Conn, id_: UUID) -> Entry | None:
    """One incident, on or over."""
    row = await conn.fetchrow(_SQL["one"], id_)
    return None if row is None else _entry(row)


async def history(conn: Conn, id_: UUID) -> list[Record]:
    """What happened to it, oldest first."""
    rows: list[Record] = await conn.fetch(_SQL["history"], id_)
    return rows


async def members(conn: Conn, id_: UUID, most: int = 100) -> list[Record]:
    """What is told as part of it, what is over last."""
    rows: list[Record] = await conn.fetch(_SQL["members"], id_, most)
    return rows


async def places(conn: Conn, mutes: Sequence[Mute]) -> list[str]:
    """What people call where each mute holds, '' for everywhere."""
    rows = await conn.fetch(_SQL["places"], [mute.id for mute in mutes])
    return [row["place"] for row in rows]


def _entry(row: Record) -> Entry:
    return Entry(incident({name: row[name] for name in _FIELDS}), row["members"])
