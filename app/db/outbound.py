"""The switch for everything that goes out: whether it is held, why, since when and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("outbound")


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold; nobody has released it yet when `released_at` is None."""

    reason: str
    held_at: datetime
    held_by: str
    released_at: datetime | None
    released_by: str | None


async def hold(conn: Conn, reason: str, who: str) -> bool:
    """Nothing goes out from now on, whichever process would send it; False when it was so."""
    return await conn.fetchval(_SQL["hold"], reason, who) is not None


async def release(conn: Conn, who: str) -> Hold | None:
    """Everything goes on; the hold that is over, None when there was none."""
    ended = _hold(await conn.fetchrow(_SQL["release"], who))
    if ended is not None:
        await conn.execute(_SQL["hurry"])
    return ended


async def held(conn: Conn) -> Hold | None:
    """The hold that is on, None when everything goes out."""
    return _hold(await conn.fetchrow(_SQL["held"]))


async def history(conn: Conn, limit: int = 10) -> list[Hold]:
    """Holds, the newest first."""
    return [Hold(**row) for row in await conn.fetch(_SQL["history"], limit)]


def _hold(row: Record | None) -> Hold | None:
    return None if row is None else Hold(**row)
