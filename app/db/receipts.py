"""Data of fiscal receipts: what is due of them, and the documents that hold it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.document import Kind
from app.identifiers import new_id

_SQL = load("receipts")


async def note(conn: Conn, order_id: UUID, kind: Kind) -> None:
    """Money moved: a receipt of this kind is due, when the account's merchant makes receipts."""
    await conn.execute(_SQL["note"], new_id(), order_id, kind)


async def give_advance_back(conn: Conn, order_id: UUID) -> None:
    """An order that was paid for never arrives: the receipt of its advance, if there is one or will
    be, gets one that gives it back."""
    await conn.execute(_SQL["give_advance_back"], new_id(), order_id)


async def pick(conn: Conn, limit: int, began: datetime) -> list[UUID]:
    """Lock up to `limit` receipts that can be made now; not what broke since the run began."""
    return [row["id"] for row in await conn.fetch(_SQL["pick"], limit, began)]


async def broken(conn: Conn, due_id: UUID, error: str) -> None:
    """Keep that no document can be made of a receipt."""
    await conn.execute(_SQL["broken"], due_id, error)


async def issue(conn: Conn, ids: Sequence[UUID], actor: str, trace_id: str) -> list[UUID]:
    """Make documents of these picked receipts; their ids. One may be what another one waits for:
    go on until there are none."""
    return [row["id"] for row in await conn.fetch(_SQL["issue"], list(ids), actor, trace_id)]
