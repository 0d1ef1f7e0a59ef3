"""Pick jobs, stored answers to handhelds, scans."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID, uuid5

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load
from app.domain.order import Order
from app.domain.pick_job import LEASE, PAUSE, WHOLE, Claims, JobState, PickJob
from app.identifiers import new_id

_SQL = load("picks")


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it was given the first time."""

    request_hash: bytes
    status: int
    etag: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody claims: a zone or the whole order, taken from another or not, in a run."""

    zone: str = WHOLE
    take: bool = False
    run_id: UUID | None = None


async def lock_picker(conn: Conn, picker: Picker) -> None:
    """Wait for this person's other claims; taken before any order is locked."""
    await conn.execute(_SQL["lock_picker"], picker.id)


async def claims(conn: Conn, order_id: UUID) -> Claims:
    """Everybody's claims on an order."""
    return Claims(tuple(_job(row) for row in await conn.fetch(_SQL["claims"], order_id)))


async def claim(conn: Conn, order: Order, picker: Picker, wish: Wish) -> PickJob | None:
    """Take or keep a claim; None when somebody else holds it. The order must be locked."""
    row = await conn.fetchrow(
        _SQL["claim"],
        order.id,
        order.store_id,
        picker.id,
        LEASE.total_seconds(),
        wish.zone,
        wish.take,
        wish.run_id,
    )
    return _job(row, picker) if row else None


async def extend(conn: Conn, order_id: UUID, picker: Picker, state: JobState) -> list[PickJob]:
    """Extend the holder's leases, and say where the jobs stand now."""
    lease = PAUSE if state is JobState.PAUSED else LEASE
    rows = await conn.fetch(_SQL["extend"], order_id, picker.id, state, lease.total_seconds())
    return [_job(row, picker) for row in rows]


async def release(conn: Conn, order_id: UUID, picker: Picker, zone: str | None = None) -> None:
    """Give back a zone, or everything of the order; its lines keep their outcomes."""
    await conn.execute(_SQL["release"], order_id, picker.id, zone)


async def end_zones(conn: Conn, order_id: UUID, unwalked: Collection[str]) -> None:
    """End the jobs of all zones but these, which must be some: the last one's job goes on."""
    await conn.execute(_SQL["end_zones"], order_id, list(unwalked))


async def busy(
    conn: Conn, picker: Picker, besides: Collection[UUID]
) -> tuple[UUID, UUID | None] | None:
    """Another order in this person's hands, and the run it is in."""
    row = await conn.fetchrow(_SQL["busy"], picker.id, picker.store_id, list(besides))
    return (row["order_id"], row["run_id"]) if row else None


async def own(conn: Conn, picker: Picker) -> tuple[UUID, str] | None:
    """The order this person has in hand, and which zone of it."""
    row = await conn.fetchrow(_SQL["own"], picker.id, picker.store_id)
    return (row["order_id"], row["zone"]) if row else None


async def next_orders(conn: Conn, picker: Picker, zone: str, limit: int) -> list[UUID]:
    """The most urgent orders that may be claimed, locked."""
    rows = await conn.fetch(_SQL["next"], picker.store_id, zone, limit)
    return [row["id"] for row in rows]


def _job(row: Record, picker: Picker | None = None) -> PickJob:
    fields = dict(row)
    names = {"badge": picker.badge, "name": picker.name} if picker else {}
    return PickJob(**{**fields, **names, "state": JobState(fields["state"])})


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


async def keep_refused_scan(
    conn: Conn, order_id: UUID, picker: Picker, scan: Scan, sent: str
) -> None:
    """Keep a scan whose write was refused; `sent` tells one scan of this picker from another."""
    await conn.execute(
        _SQL["keep_refused_scan"],
        uuid5(picker.id, sent),
        order_id,
        scan.line_id,
        picker.id,
        picker.store_id,
        scan.raw,
        scan.outcome,
    )
