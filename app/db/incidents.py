"""Incidents in the database, the only place where they live."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.incident import Change, Incident, IncidentState, Rule, Sighting
from app.identifiers import new_id

_SQL = load("incidents")


async def live(conn: Conn, rule: Rule) -> list[Incident]:
    """The rule's incidents that are not over, locked."""
    return [
        Incident(
            id=row["id"],
            rule=row["rule"],
            subject=row["subject"],
            level=row["level"],
            state=IncidentState(row["state"]),
            facts=row["facts"],
            age=row["age"],
            chat_id=row["chat_id"],
            fired_at=row["fired_at"],
            order_id=row["order_id"],
            store_id=row["store_id"],
        )
        for row in await conn.fetch(_SQL["live"], rule.name)
    ]


async def write(conn: Conn, rule: Rule, change: Change) -> Incident | None:
    """Write one change; the incident afterwards, None when another watcher was first."""
    if change.incident is None:
        assert change.sighting is not None  # a change is of something seen or something known
        return await _open(conn, rule, change.sighting, change.state)
    facts = change.sighting.facts if change.sighting else change.incident.facts
    if change.state is IncidentState.RESOLVED:
        row = await conn.fetchrow(_SQL["resolve"], change.incident.id)
    else:
        row = await conn.fetchrow(_SQL["go_on"], change.incident.id, change.state, dict(facts))
    assert row is not None  # locked by `live`
    return replace(
        change.incident,
        state=change.state,
        facts=facts,
        fired_at=row["fired_at"],
        resolved_at=row["resolved_at"],
    )


async def of_order(conn: Conn, order_id: UUID) -> list[Record]:
    """All incidents of one order."""
    rows: list[Record] = await conn.fetch(_SQL["of_order"], order_id)
    return rows


async def _open(conn: Conn, rule: Rule, seen: Sighting, state: IncidentState) -> Incident | None:
    row = await conn.fetchrow(
        _SQL["open"],
        new_id(),
        rule.name,
        seen.subject,
        rule.level,
        state,
        seen.merchant_id,
        seen.store_id,
        seen.account_id,
        seen.order_id,
        dict(seen.facts),
    )
    if row is None:
        return None
    return Incident(
        id=row["id"],
        rule=rule.name,
        subject=seen.subject,
        level=rule.level,
        state=state,
        facts=seen.facts,
        age=0.0,
        chat_id=row["chat_id"],
        fired_at=row["fired_at"],
        order_id=seen.order_id,
        store_id=seen.store_id,
    )
