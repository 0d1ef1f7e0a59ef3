"""What the chain says of goods that were scanned in place of others."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("scans")


async def stands_for(
    conn: Conn, merchant_id: UUID, ordered: Collection[str], scanned: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """(ordered SKU, scanned SKU that may stand for it), the best first."""
    rows = await conn.fetch(_SQL["stands_for"], merchant_id, list(ordered), list(scanned))
    return tuple((row["sku"], row["with_sku"]) for row in rows)
