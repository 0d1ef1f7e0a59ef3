"""What may stand for a line, who waits for an answer, whose time is over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("replacements")


async def chain(conn: Conn, merchant_id: UUID, sku: str, limit: int) -> list[str]:
    """SKUs that the chain itself lets stand for these goods, the best first."""
    return [row["sku"] for row in await conn.fetch(_SQL["chain"], merchant_id, sku, limit)]


async def search(
    conn: Conn, home: tuple[UUID, UUID], words: list[str], category: str, limit: int
) -> list[str]:
    """SKUs of goods whose names have words that begin like these; home = (merchant, store)."""
    if not words:
        return []
    query = " & ".join(f"'{word}':*" for word in words)
    return [row["sku"] for row in await conn.fetch(_SQL["search"], *home, query, category, limit)]


async def waiting(conn: Conn, store_id: UUID, limit: int) -> list[UUID]:
    """Orders of a store that wait for a customer, the least time left first."""
    return [row["order_id"] for row in await conn.fetch(_SQL["waiting"], store_id, limit)]


async def due(conn: Conn, now: datetime, limit: int) -> list[UUID]:
    """Orders with customers who did not answer in time."""
    return [row["order_id"] for row in await conn.fetch(_SQL["due"], now, limit)]
