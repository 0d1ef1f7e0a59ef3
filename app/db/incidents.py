"""Incidents in the database, the only place where they live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.incident import Change, Incident, IncidentState
from app.domain.rule import Level
from app.identifiers import new_id

_SQL = load("incidents")
_COLUMNS: Final = tuple(field.name for field in fields(Incident))
#: What an order's own timeline tells of its incidents.
_OF_ORDERS: Final = frozenset(
    ("fired", "returned", "worsened", "acknowledged", "unacknowledged", "resolved")
)


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


async def head(conn: Conn, id_: UUID) -> UUID | None:
    """The incident that one is told as part of, itself when it is told by itself. Not locked."""
    found: UUID | None = await conn.fetchval(_SQL["head"], id_)
    return found


async def of_rule(conn: Conn, rule: str) -> list[Incident]:
    """Every incident of a rule that is on or about to be, locked."""
    return [incident(row) for row in await conn.fetch(_SQL["of_rule"], rule)]


async def lock_kin(conn: Conn, id_: UUID) -> None:
    """Lock what is on of the same rule, in the order in which everybody does."""
    await conn.execute(_SQL["lock_kin"], id_)


def incident(row: Record | Mapping[str, Any]) -> Incident:
    """A row as an incident."""
    level, state = Level(row["level"]), IncidentState(row["state"])
    return Incident(**{**dict(row), "level": level, "state": state})


async def save(conn: Conn, now: datetime, changes: Sequence[Change]) -> set[UUID]:
    """Write changes and their history, in the caller's transaction; the ids written."""
    rows = [{name: getattr(change.incident, name) for name in _COLUMNS} for change in changes]
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


async def note_orders(conn: Conn, changes: Sequence[Change], trace_id: str) -> None:
    """The same in the timelines of the orders that they are about."""
    noted = [
        (new_id(), one.order_id, one.store_id, event.actor, {**facts, "event": event.kind})
        for one, events in ((change.incident, change.events) for change in changes)
        if one.order_id and one.store_id
        for facts in ({"rule": one.rule, "level": one.level, "state": one.state},)
        for event in events
        if event.kind in _OF_ORDERS
    ]
    if noted:
        ids, orders, stores, actors, facts = map(list, zip(*noted, strict=True))
        await conn.execute(_SQL["note_orders"], ids, orders, stores, actors, trace_id, facts)


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
