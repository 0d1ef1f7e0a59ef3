"""What is buried and not replayed, grouped by what it died of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("buried")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)


async def groups(
    conn: Conn,
    queue: str | None,
    account: str | None,
    within: tuple[datetime | None, datetime | None],
    limit: int,
) -> list[Record]:
    """queue, account, reason, cause, rows, first_at, last_at and up to three examples (ids, the
    latest first) of each group, the largest first."""
    since, until = within
    rows: list[Record] = await conn.fetch(
        _SQL["groups"], queue, account, since or _EPOCH, until or _LAST, limit
    )
    return rows
