"""Ticks: one due time of one scheduled job, run once in the whole cluster."""

from __future__ import annotations

from datetime import datetime

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("ticks")
#: A tick that failed or whose runner died is begun again this often in all.
MOST_RUNS = 5


async def due(conn: Conn, seconds: float) -> datetime:
    """The latest due time of a job that runs every so many seconds."""
    moment: datetime = await conn.fetchval(_SQL["due"], seconds)
    return moment


async def take(conn: Conn, job: str, due_at: datetime, owner: str, lease: float) -> int | None:
    """Take a tick for `lease` seconds; its epoch, or None when it is somebody else's or done. What
    lies ahead ran before the clock was put back, and is no reason to wait."""
    await conn.execute(_SQL["forget_ahead"], job)
    epoch: int | None = await conn.fetchval(_SQL["take"], job, due_at, owner, lease, MOST_RUNS)
    return epoch


async def finish(
    conn: Conn, job: str, due_at: datetime, epoch: int, result: tuple[str, str]
) -> None:
    """Write how a tick ended: (done or failed, one line about it)."""
    await conn.execute(_SQL["finish"], job, due_at, epoch, *result)


async def latest(conn: Conn) -> list[Record]:
    """The last tick of every job."""
    rows: list[Record] = await conn.fetch(_SQL["latest"])
    return rows
