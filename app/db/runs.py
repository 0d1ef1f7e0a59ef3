"""Runs: orders picked together by one person."""

from __future__ import annotations

from uuid import UUID

from app.db import orders
from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load
from app.domain.pick_job import JobState
from app.domain.run import Member, Run

_SQL = load("runs")


async def open_run(conn: Conn, id_: UUID, picker: Picker) -> None:
    """Begin a run; a former one, of which nothing is in hand any more, is over."""
    await conn.execute(_SQL["finish_former"], picker.id)
    await conn.execute(_SQL["open"], id_, picker.store_id, picker.id)


async def add(conn: Conn, id_: UUID, order_id: UUID, tote: str) -> None:
    """Give an order of the run its tote."""
    await conn.execute(_SQL["add"], id_, order_id, tote)


async def read(conn: Conn, id_: UUID, store_id: UUID) -> Run | None:
    """A run of this store."""
    row = await conn.fetchrow(_SQL["read"], id_, store_id)
    return Run(**row) if row else None


async def of_picker(conn: Conn, picker: Picker) -> UUID | None:
    """The run this person is on."""
    found: UUID | None = await conn.fetchval(_SQL["of_picker"], picker.id)
    return found


async def members(conn: Conn, id_: UUID) -> list[Member]:
    """The orders of a run, by tote."""
    found = []
    for row in await conn.fetch(_SQL["members"], id_):
        order = await orders.read(conn, row["order_id"])
        assert order is not None  # a run's rows point at orders
        found.append(Member(order, row["tote"], JobState(row["job"]) if row["job"] else None))
    return found


async def finish(conn: Conn, id_: UUID) -> None:
    """Close a run; the second time does nothing."""
    await conn.execute(_SQL["finish"], id_)
