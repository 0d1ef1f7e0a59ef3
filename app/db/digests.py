"""What digests are made of: which chats hear of what, a day's numbers and troubles."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.digest import Hour, Place, Shift, Span, Totals, Trouble

_SQL = load("digests")


async def places(conn: Conn, now: datetime) -> list[Place]:
    """Every chat that hears of a store or a merchant, with what says whether its day is over."""
    return [_place(row) for row in await conn.fetch(_SQL["places"], now)]


def _place(row: Record) -> Place:
    fields = dict(row)
    quiet = fields.pop("quiet_from"), fields.pop("quiet_until")
    shifts = tuple(map(Shift, fields.pop("started"), fields.pop("ended")))
    told = frozenset(fields.pop("told"))
    return Place(**fields, quiet=None if None in quiet else quiet, told=told, shifts=shifts)


async def hours(conn: Conn, place: Place, span: Span) -> list[Hour]:
    """The hours of a day in which anything happened."""
    rows = await conn.fetch(_SQL["hours"], place.merchant_id, place.store_id, *span)
    return [Hour(*row) for row in rows]


async def totals(conn: Conn, place: Place, span: Span) -> Totals:
    """A day's sums."""
    row = await conn.fetchrow(_SQL["totals"], place.merchant_id, place.store_id, *span)
    return Totals(**dict(row or {}))


async def troubles(
    conn: Conn, place: Place, since: datetime, until: datetime, now: datetime
) -> list[Trouble]:
    """Incidents that began in that time."""
    rows = await conn.fetch(_SQL["incidents"], place.merchant_id, place.store_id, since, until, now)
    return [Trouble(**dict(row)) for row in rows]


async def claim(conn: Conn, id_: UUID, place: Place, day: date) -> bool:
    """The day is told from now on, in the caller's transaction; False when it was already."""
    told = place.chat_id, place.merchant_id, place.store_id, day
    return await conn.fetchval(_SQL["claim"], id_, *told) is not None
