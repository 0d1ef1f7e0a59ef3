"""The shop's queue: a page of its active orders."""

from __future__ import annotations

from dataclasses import dataclass

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load
from app.domain.urgency import Spot

_SQL = load("shop_queue")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which orders are asked for. `scope`: open (nobody's), mine, store (all active); `q`: a part
    of a number, ours or the marketplace's."""

    scope: str = "open"
    status: str | None = None
    zone: str = ""
    q: str = ""


async def page(
    conn: Conn, picker: Picker, filters: Filters, after: Spot | None, limit: int
) -> list[Record]:
    """The most urgent orders after a place in the queue."""
    spot = (after.due_at, after.number, after.id) if after else (None, None, None)
    rows: list[Record] = await conn.fetch(
        _SQL["page"],
        picker.store_id,
        picker.id,
        filters.scope,
        filters.status,
        filters.zone,
        filters.q.lower(),
        *spot,
        limit,
    )
    return rows
