"""What happens to sold goods: what is sold now, changes of it, the documents that say so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.after_sale import Sold, spread

_SQL = load("changed_sales")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a sale. `source` names what said so, once for each order;
    `request_hash` tells a repeat from another request in the same name."""

    id: UUID
    kind: str
    occurred_at: datetime | None  #: none: now
    reason: str
    actor: str
    source: str = ""
    trace_id: str = ""
    request_hash: bytes | None = None


async def stand(conn: Conn, order_id: UUID) -> tuple[Sold, ...]:
    """What is sold of each line of an order now: what its documents add up to or, before they are
    there, what it will be sold as; and what changed since, whether that has its document or not.
    Lines of which nothing is left are in it too."""
    rows = await conn.fetch(_SQL["ledger"], order_id)
    sold = _added_up(rows) if rows else _as_found(await conn.fetch(_SQL["found"], order_id))
    for row in await conn.fetch(_SQL["waiting"], order_id):
        if row["line_id"] in sold:
            sold[row["line_id"]] = _changed(sold[row["line_id"]], row)
    return tuple(sold.values())


async def moments(conn: Conn, order_id: UUID) -> tuple[datetime | None, datetime | None]:
    """When the order was delivered, and when its sale changed last."""
    row = await conn.fetchrow(_SQL["moments"], order_id)
    return (row["delivered_at"], row["changed_at"]) if row else (None, None)


async def by_source(conn: Conn, order_id: UUID, source: str) -> Change | None:
    """What this source has said of the order already."""
    row = await conn.fetchrow(_SQL["by_source"], order_id, source)
    return None if row is None else Change(**dict(row), source=source)


async def left(conn: Conn, change_id: UUID, sold: Iterable[Sold]) -> tuple[Sold, ...]:
    """The lines of one change as it left them; `sold` says which goods they are."""
    known = {line.line_id: line for line in sold}
    rows = await conn.fetch(_SQL["change_lines"], change_id)
    return tuple(_changed(known[row["line_id"]], row) for row in rows if row["line_id"] in known)


async def changes(conn: Conn, order_id: UUID) -> list[Record]:
    """All changes of an order, the first first; `document` is a number, null while it waits."""
    rows: list[Record] = await conn.fetch(_SQL["changes"], order_id)
    return rows


async def hold(conn: Conn, order_id: UUID) -> list[dict[str, Any]]:
    """What holds the order's sale back."""
    return await conn.fetchval(_SQL["hold"], order_id) or []


async def note(
    conn: Conn, order_id: UUID, change: Change, after: Collection[Sold]
) -> datetime | None:
    """Keep a change and its lines as it leaves them. When it happened; None, and nothing is kept,
    when its source has said so before. The caller has the order's lock."""
    at: datetime | None = await conn.fetchval(
        _SQL["note"], change.id, order_id, change.kind, change.occurred_at, change.reason,
        change.actor, change.trace_id, change.source, change.request_hash,
    )  # fmt: skip
    if at is None:
        return None
    lines = [
        {"line_id": line.line_id, "pieces": line.pieces, "grams": line.grams,
         "price": line.price, "total": line.total, "marks": list(line.marks)}
        for line in after
    ]  # fmt: skip
    await conn.execute(_SQL["note_lines"], change.id, lines)
    return at


async def doubt(conn: Conn, order_id: UUID, ours: int, theirs: int) -> None:
    """The marketplace says that other goods were sold than we know; totals in kopecks."""
    await conn.execute(_SQL["doubt"], order_id, ours, theirs)


async def agree(conn: Conn, order_id: UUID) -> None:
    """The marketplace and we say the same of what was sold."""
    await conn.execute(_SQL["agree"], order_id)


async def pick(conn: Conn, limit: int, began: datetime) -> list[UUID]:
    """Lock up to `limit` changes of which documents can be made, one of each order at most; not
    what broke since the run began."""
    return [row["id"] for row in await conn.fetch(_SQL["pick"], limit, began)]


async def broken(conn: Conn, due_id: UUID, error: str) -> None:
    """Keep that no document can be made of a change."""
    await conn.execute(_SQL["broken"], due_id, error)


async def issue(conn: Conn, ids: Sequence[UUID], actor: str, trace_id: str) -> list[UUID]:
    """Make documents of these picked changes; their ids."""
    rows = await conn.fetch(_SQL["issue_changes"], list(ids), actor, trace_id)
    return [row["id"] for row in rows]


def _added_up(rows: Iterable[Record]) -> dict[UUID, Sold]:
    sold: dict[UUID, Sold] = {}
    for row in rows:
        known = sold.get(row["line_id"])
        sold[row["line_id"]] = _sold(row) if known is None else _plus(known, row)
    return sold


def _plus(known: Sold, row: Record) -> Sold:
    """A later document has differences, the price as it is now, and the marks given up."""
    return replace(
        known,
        pieces=known.pieces + row["pieces"],
        grams=None if known.grams is None else known.grams + (row["grams"] or 0),
        price=row["price"],
        total=known.total + row["total"],
        marks=tuple(mark for mark in known.marks if mark not in row["marks"]),
    )


def _as_found(rows: Sequence[Record]) -> dict[UUID, Sold]:
    goods = {row["line_id"]: row["total"] for row in rows if row["kind"] == "goods"}
    off = spread(rows[0]["discount"], goods) if rows else {}
    sold = {}
    for row in rows:
        line = _sold(row)
        sold[line.line_id] = replace(line, total=line.total - off.get(line.line_id, 0))
    return sold


def _sold(row: Record) -> Sold:
    return Sold(
        **{
            name: row[name]
            for name in ("line_id", "sku", "name", "pieces", "price", "total", "grams",
                         "unit_grams", "vat_code", "vat_percent", "kind")
        },
        marks=tuple(row["marks"]),
    )  # fmt: skip


def _changed(line: Sold, row: Record) -> Sold:
    marks = tuple(row["marks"])
    return replace(
        line, pieces=row["pieces"], grams=row["grams"], price=row["price"], total=row["total"],
        marks=marks,
    )  # fmt: skip
