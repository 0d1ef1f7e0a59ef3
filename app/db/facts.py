"""What each hour of each store and account came to, and how far counting has come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("facts")
#: The marks there are.
ORDERS: Final = "orders"
ACCOUNTS: Final = "accounts"


@dataclass(frozen=True, slots=True)
class Mark:
    """How far counting has come. Orders: all that the snapshot `seen` sees is counted, and of what
    `goal` sees the orders up to `after`; `swept`: of all history the orders up to it, None: all of
    it. Accounts: `until`."""

    place: str | None = None
    seen: str | None = None
    goal: str | None = None
    after: UUID | None = None
    swept: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A mark that is ours until the transaction ends; `missed`: changes may have been forgotten
    that it does not know of; `now` is the database's clock."""

    mark: Mark
    missed: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one store's orders from one account."""

    store_id: UUID
    hour: datetime
    account_id: UUID


async def hold(conn: Conn, name: str) -> Held:
    """Read a mark and keep others from counting until the transaction ends."""
    row = dict(await conn.fetchrow(_SQL["mark"], name) or {})
    missed, now = row.pop("missed"), row.pop("now")
    return Held(Mark(**row), missed, now)


async def move(conn: Conn, name: str, mark: Mark) -> None:
    """Write how far counting has come."""
    places = mark.place, mark.seen, mark.goal, mark.after, mark.swept, mark.until
    await conn.execute(_SQL["move"], name, *places)


async def changed(conn: Conn, seen: tuple[str, str], after: UUID, limit: int) -> list[UUID]:
    """Orders of all stores that changed between two snapshots (earlier, later), by id."""
    return [row["order_id"] for row in await conn.fetch(_SQL["changed"], *seen, after, limit)]


async def sweep(conn: Conn, after: UUID, limit: int) -> list[tuple[UUID, bool]]:
    """The next orders by id; True with those that were not counted as they stand."""
    return _flagged(await conn.fetch(_SQL["sweep"], after, limit))


async def within(
    conn: Conn, after: UUID, limit: int, span: tuple[datetime, datetime]
) -> list[tuple[UUID, bool]]:
    """The next orders by id; True with those of which something happened in the span."""
    return _flagged(await conn.fetch(_SQL["within"], after, limit, *span))


def _flagged(rows: Sequence[Any]) -> list[tuple[UUID, bool]]:
    return [(row["id"], row["differs"]) for row in rows]


async def count(conn: Conn, ids: Collection[UUID]) -> list[Cell]:
    """Count these orders as they stand; the cells to which they add something else than before.
    Whoever calls this holds the mark."""
    return [Cell(**row) for row in await conn.fetch(_SQL["count"], list(ids))] if ids else []


async def cells(conn: Conn, span: tuple[datetime, datetime]) -> list[Cell]:
    """All cells of a span, forgetting what orders added that are not there any more."""
    return [Cell(**row) for row in await conn.fetch(_SQL["cells"], *span)]


async def add_up(conn: Conn, wanted: Collection[Cell]) -> int:
    """Make these cells the sums of what orders add to them; how many were something else."""
    if not wanted:
        return 0
    columns = zip(*((cell.store_id, cell.hour, cell.account_id) for cell in wanted), strict=True)
    different: int = await conn.fetchval(_SQL["add_up"], *map(list, columns))
    return different


async def arrivals(conn: Conn, span: tuple[datetime, datetime]) -> int:
    """Count what arrived in these whole hours; how many were something else."""
    different: int = await conn.fetchval(_SQL["arrivals"], *span)
    return different
