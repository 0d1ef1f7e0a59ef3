"""Pick jobs, the shop's queue, stored answers to handhelds, scans."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load
from app.domain.order import Order
from app.domain.pick_job import LEASE, JobState, PickJob
from app.identifiers import new_id

_SQL = load("picks")
_LEASE_SECONDS = LEASE.total_seconds()


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given the first time."""

    request_hash: bytes
    status: int
    etag: str | None
    body: bytes


async def job(conn: Conn, order_id: UUID) -> PickJob:
    """The claim on an order; an order nobody ever claimed has an open one."""
    row = await conn.fetchrow(_SQL["job"], order_id)
    if row is None:
        return PickJob()
    return PickJob(
        JobState(row["state"]),
        row["picker_id"],
        row["badge"],
        row["name"],
        row["lease_until"],
        row["held"],
    )


async def claim(conn: Conn, order: Order, picker: Picker) -> bool:
    """Take or keep the claim; False when somebody else holds it."""
    claimed = await conn.fetchval(
        _SQL["claim"], order.id, order.store_id, picker.id, _LEASE_SECONDS
    )
    return claimed is not None


async def extend(conn: Conn, order_id: UUID, picker: Picker, state: JobState) -> None:
    """Extend the holder's lease, and say where the job stands now."""
    await conn.execute(_SQL["extend"], order_id, picker.id, state, _LEASE_SECONDS)


async def release(conn: Conn, order_id: UUID, picker: Picker) -> None:
    """Give the order back; its lines keep their outcomes."""
    await conn.execute(_SQL["release"], order_id, picker.id)


async def next_order(conn: Conn, picker: Picker) -> UUID | None:
    """The order this picker should pick now, locked."""
    found: UUID | None = await conn.fetchval(_SQL["next"], picker.store_id, picker.id)
    return found


async def shop_queue(conn: Conn, picker: Picker, scope: str, limit: int) -> list[Record]:
    """Active orders of the picker's store, the most urgent first."""
    rows: list[Record] = await conn.fetch(
        _SQL["shop_queue"], picker.store_id, picker.id, scope, limit
    )
    return rows


async def begin_operation(conn: Conn, picker: Picker, key: str, request_hash: bytes) -> bool:
    """Reserve a key for this transaction; False when it was used before."""
    reserved = await conn.fetchval(_SQL["begin_operation"], picker.id, key, request_hash)
    return reserved is not None


async def operation(conn: Conn, picker: Picker, key: str) -> Stored | None:
    """The stored answer of a key."""
    row = await conn.fetchrow(_SQL["operation"], picker.id, key)
    return Stored(**row) if row else None


async def finish_operation(
    conn: Conn, picker: Picker, key: str, etag: str | None, answer: tuple[int, bytes]
) -> None:
    """Store the answer (status, body) in the transaction that did the work."""
    await conn.execute(_SQL["finish_operation"], picker.id, key, answer[0], etag, answer[1])


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as it is kept; pieces or grams are what it added."""

    line_id: UUID | None
    raw: str
    outcome: str
    pieces: int | None = None
    grams: int | None = None


async def keep_scan(conn: Conn, order_id: UUID, picker: Picker, scan: Scan) -> None:
    """Keep one scan."""
    await conn.execute(
        _SQL["keep_scan"],
        new_id(),
        order_id,
        scan.line_id,
        picker.id,
        scan.raw,
        scan.outcome,
        scan.pieces,
        scan.grams,
    )
