"""How comparing orders with marketplaces goes, for people and for metrics."""

from __future__ import annotations

from datetime import datetime

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("reconciliations")


async def standings(conn: Conn) -> list[Record]:
    """Every account: how often, up to when, what was found, how many orders differ."""
    rows: list[Record] = await conn.fetch(_SQL["standings"])
    return rows


async def runs(conn: Conn, account: str, limit: int) -> list[Record]:
    """The newest looks of an account."""
    rows: list[Record] = await conn.fetch(_SQL["runs"], account, limit)
    return rows


async def mismatches(
    conn: Conn, account: str | None, since: datetime | None, limit: int
) -> list[Record]:
    """What differs; with `since` also what has been over since then."""
    rows: list[Record] = await conn.fetch(_SQL["mismatches"], account, since, limit)
    return rows


async def ask(conn: Conn, account: str, who: str, since: datetime | None) -> bool:
    """Have an account looked at now; False when there is no such account at work."""
    return await conn.fetchval(_SQL["ask"], account, who, since) is not None
