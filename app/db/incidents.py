"""Incidents in the database, the only place where they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.incident import Change, Incident, IncidentState
from app.domain.rule import Level
from app.identifiers import new_id

_SQL = load("incidents")


class Place(NamedTuple):
    """A chat, and the topic of it, where an incident is to be seen."""

    incident_id: UUID
    chat_id: int
    thread_id: int | None


async def known(conn: Conn, since: datetime) -> list[Incident]:
    """Every incident that is on, locked, and those that ended after `since`."""
    return [incident(row) for row in await conn.fetch(_SQL["known"], since)]


async def one(conn: Conn, id_: UUID) -> Incident | None:
    """One incident, locked."""
    row = await conn.fetchrow(_SQL["one"], id_)
    return None if row is None else incident(row)


def incident(row: Record) -> Incident:
    """A row as an incident."""
    level, state = Level(row["level"]), IncidentState(row["state"])
    return Incident(**{**dict(row), "level": level, "state": state})


async def save(conn: Conn, now: datetime, changes: Sequence[Change]) -> set[UUID]:
    """Write changes and their history, in the caller's transaction; the ids written."""
    rows = [asdict(change.incident) for change in changes]
    written = {row["id"] for row in await conn.fetch(_SQL["save"], rows)}
    told = [
        (new_id(), change.incident.id, event)
        for change in changes
        if change.incident.id in written
        for event in change.events
    ]
    await conn.execute(
        _SQL["note"],
        [id_ for id_, _, _ in told],
        [incident_id for _, incident_id, _ in told],
        now,
        [event.kind for _, _, event in told],
        [event.actor for _, _, event in told],
        [dict(event.detail) for _, _, event in told],
    )
    return written


async def places(conn: Conn, asked: Sequence[tuple[Incident, str, int]]) -> list[Place]:
    """Where incidents are to be seen: each with its rule's topic and a step of the ladder."""
    rows = await conn.fetch(
        _SQL["places"],
        [incident.id for incident, _, _ in asked],
        [topic for _, topic, _ in asked],
        [step for _, _, step in asked],
    )
    return [Place(*row) for row in rows]


async def of_order(conn: Conn, order_id: UUID) -> list[Record]:
    """All incidents of one order that people were to know of."""
    rows: list[Record] = await conn.fetch(_SQL["of_order"], order_id)
    return rows
