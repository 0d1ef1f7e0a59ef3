"""The register of documents and the VAT book, as the database adds them up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.document import Kind
from app.domain.register import MOST_ROWS, Entry, Period, Sums, Taxed, VatBy, VatRow

_SQL = load("registers")
#: Seconds one report may take: a year of a large chain does.
PATIENCE: Final = 60.0
#: Rates in one row of the VAT book at most.
_RATES: Final = 12


async def entries(
    conn: Conn, period: Period, kinds: Collection[Kind], limit: int = MOST_ROWS
) -> list[Entry]:
    """Documents of a period in the order of their numbers."""
    wanted = period.first, period.last, period.store, period.account, list(map(str, kinds))
    rows = await conn.fetch(_SQL["documents"], *wanted, limit, None, timeout=PATIENCE)
    return [Entry(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def sums(conn: Conn, period: Period, kinds: Collection[Kind]) -> Sums:
    """What documents of a period come to; none of them is read for that."""
    wanted = period.first, period.last, period.store, period.account, list(map(str, kinds))
    (row,) = await conn.fetch(_SQL["sums"], *wanted, timeout=PATIENCE)
    return Sums(**row)


async def entries_of(conn: Conn, ids: Sequence[UUID]) -> list[Entry]:
    """These documents, of whatever day and kind."""
    wanted = date.min, date.max, None, None, list(map(str, Kind))
    rows = await conn.fetch(_SQL["documents"], *wanted, MOST_ROWS, list(ids), timeout=PATIENCE)
    return [Entry(**{**row, "kind": Kind(row["kind"])}) for row in rows]


async def later(conn: Conn, id_: UUID) -> list[Record]:
    """Documents that refer to this one."""
    found: list[Record] = await conn.fetch(_SQL["later"], id_)
    return found


async def vat(conn: Conn, period: Period, by: VatBy, limit: int = MOST_ROWS) -> list[VatRow]:
    """What was sold, by rate; more rows than `limit` tell that there are too many."""
    wanted = period.first, period.last, period.store, period.account, by
    rows = await conn.fetch(_SQL["vat"], *wanted, (limit + 1) * _RATES, timeout=PATIENCE)
    parts: dict[tuple[Any, ...], list[Taxed]] = defaultdict(list)
    documents: dict[tuple[Any, ...], int] = {}
    for row in rows:
        which = row["merchant"], row["key"], row["issued_on"], row["kind"], row["base_number"] or ""
        if row["whole"]:  # stands before its parts; one document may have several rates
            documents[which] = row["documents"]
        else:
            parts[which].append(Taxed(row["percent"], row["total"], row["vat"]))
    return [
        VatRow(
            merchant,
            key,
            tuple(found),
            documents[merchant, key, issued_on, kind, base],
            issued_on,
            Kind(kind) if kind else None,
            base,
        )
        for (merchant, key, issued_on, kind, base), found in parts.items()
    ]
