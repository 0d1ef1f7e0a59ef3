"""Retention: delete what may be forgotten."""

from __future__ import annotations

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("prune")
TABLES = (
    "ticks", "operations", "refusals", "sessions", "doors", "heartbeats", "changes",
    "hook_minutes", "expiries", "events", "unheard_incidents", "incidents", "mutes",
    "telegram_updates", "telegram_links", "telegram_audit",
    "replays", "calls", "reconciliations", "mismatches",
)  # fmt: skip


async def prune(conn: Conn) -> dict[str, int]:
    """Delete old rows, and months of archives, and make the months to come; how many, by kind."""
    gone = {name: int((await conn.execute(_SQL[name])).split()[-1]) for name in TABLES}
    async with conn.transaction():
        await conn.execute(_SQL["patience"])
        await conn.execute(_SQL["months_to_come"])
        return {**gone, "months": await conn.fetchval(_SQL["months"])}
