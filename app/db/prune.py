"""Retention: delete what may be forgotten."""

from __future__ import annotations

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("prune")
TABLES = (
    "ticks", "operations", "refusals", "sessions", "heartbeats", "changes", "hook_minutes",
    "expiries",
)  # fmt: skip


async def prune(conn: Conn) -> dict[str, int]:
    """Delete old rows; how many, by kind."""
    return {name: int((await conn.execute(_SQL[name])).split()[-1]) for name in TABLES}
