"""How fast stores pick as a rule."""

from __future__ import annotations

from datetime import datetime

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("store_pace")


async def count(conn: Conn, now: datetime) -> int:
    """Make every store's pace of the last 14 days anew from its hours; how many stores have one."""
    stores: int = await conn.fetchval(_SQL["count"], now)
    return stores
