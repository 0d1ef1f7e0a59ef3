"""Shifts with their pauses, and what a person did in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load
from app.domain.pick_job import LEASE
from app.identifiers import new_id

_SQL = load("shifts")


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift that was not ended; `paused_at` while it is paused."""

    id: UUID
    started_at: datetime
    paused_at: datetime | None
    paused_seconds: float


@dataclass(frozen=True, slots=True)
class Workload:
    """What one person did since `since`; the pace is a median, None before the second line."""

    since: datetime
    orders_done: int
    lines_done: int
    seconds_per_line: float | None
    orders_in_hand: int
    lines_left: int


async def start(conn: Conn, picker: Picker) -> None:
    """Begin a shift, unless one runs."""
    await conn.execute(_SQL["start"], new_id(), picker.id, picker.store_id)


async def lock_open(conn: Conn, picker_id: UUID) -> UUID | None:
    """The shift that was not ended, locked against writes that need it."""
    found: UUID | None = await conn.fetchval(_SQL["lock_open"], picker_id)
    return found


async def hold_running(conn: Conn, picker_id: UUID) -> bool:
    """Whether the shift runs; it then cannot end before the caller's transaction does."""
    return await conn.fetchval(_SQL["hold_running"], picker_id) is not None


async def pause(conn: Conn, shift_id: UUID) -> None:
    """Pause, unless paused."""
    await conn.execute(_SQL["pause"], shift_id)


async def resume(conn: Conn, shift_id: UUID) -> None:
    """Go on, if paused."""
    await conn.execute(_SQL["resume"], shift_id)


async def end(conn: Conn, shift_id: UUID) -> None:
    """End a shift, and the pause in it."""
    await resume(conn, shift_id)
    await conn.execute(_SQL["end_shift"], shift_id)


async def of_picker(conn: Conn, picker_id: UUID) -> Shift | None:
    """The shift that was not ended."""
    row = await conn.fetchrow(_SQL["of_picker"], picker_id)
    return Shift(**row) if row else None


async def held_orders(conn: Conn, picker_id: UUID) -> list[UUID]:
    """Orders whose claim is this person's, whether its lease ran out or not."""
    return [row["order_id"] for row in await conn.fetch(_SQL["held_orders"], picker_id)]


async def give_back(conn: Conn, order_id: UUID, picker_id: UUID) -> bool:
    """Free one order; False when this person does not hold it any more."""
    return await conn.fetchval(_SQL["give_back"], order_id, picker_id) is not None


async def workload(conn: Conn, picker_id: UUID) -> Workload:
    """One person's own numbers; for that person and the supervisor only."""
    row = await conn.fetchrow(_SQL["workload"], picker_id, LEASE.total_seconds())
    assert row is not None  # the person is there
    return Workload(**row)


async def team(conn: Conn, store_id: UUID) -> list[Record]:
    """Who is at work in a store."""
    rows: list[Record] = await conn.fetch(_SQL["team"], store_id)
    return rows
