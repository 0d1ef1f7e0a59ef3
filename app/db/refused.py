"""Who was turned away at the door, and why: page by page, the newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("refused")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_ABOVE: Final = UUID(int=2**128 - 1)
#: Microseconds since 1970 and an id.
_CURSOR: Final = re.compile(r"(\d{1,17})-([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which refusals: of whom, why, from `since` until before `until`."""

    account: str | None = None
    reason: str | None = None
    word: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What is older than this comes next."""

    at: datetime = _LAST
    id: UUID = _ABOVE

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id.hex}"


NEWEST: Final = Place()


def place_of(text: str) -> Place | None:
    """The place that a text names; None when it names none."""
    match = _CURSOR.fullmatch(text)
    if match is None or not text.isascii():
        return None
    try:
        return Place(_EPOCH + timedelta(microseconds=int(match[1])), UUID(match[2]))
    except OverflowError:
        return None


async def page(
    conn: Conn, chosen: Filter, limit: int, after: Place = NEWEST
) -> tuple[list[Record], Place | None]:
    """So many refusals, and where the next page begins if there is one."""
    async with conn.transaction():
        await conn.execute(_SQL["own_plans"])
        rows = await conn.fetch(
            _SQL["page"],
            chosen.account,
            chosen.reason,
            chosen.word,
            chosen.since or _EPOCH,
            chosen.until or _LAST,
            after.at,
            after.id,
            limit + 1,
        )
    last = rows[limit - 1] if len(rows) > limit else None
    return list(rows[:limit]), None if last is None else Place(last["at"], last["id"])
