"""Sales documents: issue what is due, read what was issued."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("documents")


async def issue_sales(conn: Conn, limit: int, actor: str, trace_id: str) -> int:
    """Issue up to `limit` sales documents; how many there were."""
    issued: int = await conn.fetchval(_SQL["issue_sales"], limit, actor, trace_id)
    return issued


async def browse(conn: Conn, first: date, last: date) -> list[UUID]:
    """Ids of the documents of a period, in the order of their numbers."""
    return [row["id"] for row in await conn.fetch(_SQL["browse"], first, last)]


async def of_order(conn: Conn, order_id: UUID) -> list[UUID]:
    """Ids of one order's documents."""
    return [row["id"] for row in await conn.fetch(_SQL["of_order"], order_id)]


async def read(conn: Conn, id_: UUID) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One document's head and lines."""
    head = await conn.fetchrow(_SQL["head"], id_)
    assert head is not None  # ids come from browse and of_order
    return dict(head), [dict(line) for line in await conn.fetch(_SQL["lines"], id_)]
