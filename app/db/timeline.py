"""What happened to an order: one line per delivery, decision, attempt, document, alert, deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.identifiers import new_id

_SQL = load("timeline")


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, through whom, under which trace id, and the facts worth keeping."""

    kind: str
    actor: str
    trace_id: str
    detail: Mapping[str, Any]


async def add(conn: Conn, order_id: UUID, store_id: UUID, entry: Entry) -> None:
    """Add one line in the caller's transaction."""
    await conn.execute(
        _SQL["add"],
        new_id(),
        order_id,
        store_id,
        entry.kind,
        entry.actor,
        entry.trace_id,
        dict(entry.detail),
    )


async def read(conn: Conn, order_id: UUID) -> list[Record]:
    """All lines of one order, oldest first."""
    rows: list[Record] = await conn.fetch(_SQL["read"], order_id)
    return rows
