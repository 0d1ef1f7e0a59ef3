"""Count a span of days anew from the orders themselves, whatever was counted before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.actions.count import BATCH
from app.db import facts
from app.db.conn import Conn
from app.db.facts import ACCOUNTS, ORDERS
from app.domain.cursor import FIRST

_PAGE: Final = 5000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recount:
    """How many orders were counted, and how many hours (of stores, of accounts) had been wrong."""

    orders: int
    store_hours: int
    account_hours: int


async def recount(conn: Conn, span: tuple[datetime, datetime]) -> Recount:
    """Count all that happened between two moments (whole hours) anew; may run beside the duty and
    be stopped at any point."""
    after: UUID | None = FIRST
    orders = different = arrived = 0
    while after is not None:
        page = await facts.within(conn, after, _PAGE, span)
        wanted = [id_ for id_, there in page if there]
        for start in range(0, len(wanted), BATCH):
            different += await _count(conn, wanted[start : start + BATCH])
        orders += len(wanted)
        after = page[-1][0] if len(page) == _PAGE else None
    for day in _days(*span):
        async with conn.transaction():
            await facts.hold(conn, ORDERS)
            different += await facts.add_up(conn, await facts.cells(conn, day))
        async with conn.transaction():
            await facts.hold(conn, ACCOUNTS)
            arrived += await facts.arrivals(conn, day)
    return Recount(orders, different, arrived)


async def _count(conn: Conn, ids: list[UUID]) -> int:
    async with conn.transaction():
        await facts.hold(conn, ORDERS)
        return await facts.add_up(conn, await facts.count(conn, ids))


def _days(start: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < until:
        end = min(start + _DAY, until)
        yield start, end
        start = end
