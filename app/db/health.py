"""Can this process write, and does it know the schema it finds?"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from app.db.conn import Conn
from app.db.migrate import read_migrations
from app.db.queries import load

_SQL = load("health")


@cache
def _known() -> frozenset[str]:
    return frozenset(migration.name for migration in read_migrations() if migration.phase == "pre")


async def beat(conn: Conn, worker: str) -> None:
    """Write one row: reading would also work on a database that cannot be written."""
    await conn.execute(_SQL["beat"], worker)


async def missing_migrations(conn: Conn) -> list[str]:
    """Migrations this code needs and the database has not seen; newer ones do no harm."""
    applied = {row["name"] for row in await conn.fetch(_SQL["applied"])}
    return sorted(_known() - applied)


async def forgetful(conn: Conn) -> list[str]:
    """Settings under which an acknowledged order could be forgotten; empty when all is well."""
    return [row["name"] for row in await conn.fetch(_SQL["forgetful"])]


async def server_version(conn: Conn) -> int:
    """PostgreSQL's version as a number: 150018 is 15.18."""
    number: int = await conn.fetchval(_SQL["server_version"])
    return number


async def clock(conn: Conn) -> datetime:
    """The database's time: the one clock that all processes share."""
    moment: datetime = await conn.fetchval(_SQL["clock"])
    return moment
