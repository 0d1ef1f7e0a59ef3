"""What happened to an order: one line per delivery, decision, attempt, document, alert, deed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.order import Order
from app.identifiers import new_id

_SQL = load("timeline")


async def add(
    conn: Conn, order: Order, kind: str, *, actor: str, trace_id: str, detail: Mapping[str, Any]
) -> None:
    """Add one line in the caller's transaction."""
    await conn.execute(
        _SQL["add"], new_id(), order.id, order.store_id, kind, actor, trace_id, dict(detail)
    )


async def read(conn: Conn, order_id: UUID) -> list[Record]:
    """All lines of one order, oldest first."""
    rows: list[Record] = await conn.fetch(_SQL["read"], order_id)
    return rows
