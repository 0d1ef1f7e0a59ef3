"""Calls for help: a picker asks, a supervisor comes and closes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load

_SQL = load("help_requests")


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody asks, and of which order or line."""

    id: UUID
    text: str
    order_id: UUID | None = None
    line_id: UUID | None = None


async def add(conn: Conn, picker: Picker, call: Call) -> None:
    """Keep a call."""
    await conn.execute(
        _SQL["add"], call.id, picker.store_id, call.order_id, call.line_id, picker.id, call.text
    )


async def open_ones(conn: Conn, store_id: UUID, limit: int) -> list[Record]:
    """Calls of a store nobody closed, the oldest first."""
    rows: list[Record] = await conn.fetch(_SQL["open"], store_id, limit)
    return rows


async def one(conn: Conn, id_: UUID, store_id: UUID) -> Record | None:
    """A call of this store."""
    return await conn.fetchrow(_SQL["one"], id_, store_id)


async def close(conn: Conn, id_: UUID, supervisor: Picker) -> bool:
    """Close a call; False when it was closed before."""
    return await conn.fetchval(_SQL["close"], id_, supervisor.id) is not None
