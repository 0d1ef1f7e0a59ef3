"""Marketplaces' own reports: kept row by row, compared with our documents, made into documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.settlement import Book, Difference, Finding, Settlement, SettlementRow

_SQL = load("settlements")
#: Seconds one comparison may take: a month of a large chain does.
PATIENCE: Final = 120.0
_COLUMNS: Final = (
    "settlement_id", "row", "order_ref", "deal", "sku", "name", "milli", "amount", "fee", "at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """What a report is called and about, and where it came from."""

    merchant_id: UUID
    account_id: UUID
    kind: Book
    number: str
    first: date
    last: date
    sha256: str
    name: str
    by: str


async def account(conn: Conn, code: str) -> tuple[UUID, UUID] | None:
    """(account, merchant) by the account's code."""
    row = await conn.fetchrow(_SQL["account"], code)
    return None if row is None else (row["id"], row["merchant_id"])


async def add(conn: Conn, id_: UUID, head: Head, rows: Sequence[SettlementRow]) -> bool:
    """Keep a report whole; False when its number, or its file, is there already."""
    values = (
        id_, head.merchant_id, head.account_id, head.kind, head.number, head.first, head.last,
        head.sha256, head.name, head.by,
    )  # fmt: skip
    if await conn.fetchval(_SQL["add"], *values) is None:
        return False
    await conn.copy_records_to_table(
        "settlement_row",
        columns=_COLUMNS,
        records=(
            (id_, r.row, r.order_ref, str(r.deal), r.sku, r.name, r.milli, r.amount, r.fee, r.at)
            for r in rows
        ),
        timeout=PATIENCE,
    )
    return True


async def same(conn: Conn, head: Head) -> tuple[UUID, str, str] | None:
    """(id, number, sha256) of the report that has this number or this file."""
    row = await conn.fetchrow(_SQL["same"], head.account_id, head.kind, head.number, head.sha256)
    return None if row is None else (row["id"], row["number"], row["sha256"])


async def browse(
    conn: Conn, *, account: str | None = None, id_: UUID | None = None, limit: int = 100
) -> list[Settlement]:
    """Reports, the latest first."""
    rows = await conn.fetch(_SQL["list"], account, id_, limit)
    return [Settlement(**{**row, "kind": Book(row["kind"])}) for row in rows]


async def compare(conn: Conn, id_: UUID) -> tuple[int, list[Difference]]:
    """How many orders of a report (or of their goods) match, and all that differ."""
    rows = await conn.fetch(_SQL["compare"], id_, timeout=PATIENCE)
    found = [Difference(**{**row, "finding": Finding(row["finding"])}) for row in rows]
    matched = sum(each.theirs for each in found if each.finding is Finding.MATCH)
    return matched, [each for each in found if each.finding is not Finding.MATCH]


async def looked(conn: Conn, id_: UUID, counts: tuple[int, int, int], keys: Sequence[str]) -> None:
    """Keep what a look came to; counts = (matched, differing, blocking). What was accepted before
    is no longer when there is a key that was not accepted."""
    await conn.execute(_SQL["looked"], id_, *counts, keys)


async def open_ones(conn: Conn) -> list[UUID]:
    """Reports that a later look may find otherwise, the earliest first."""
    return [row["id"] for row in await conn.fetch(_SQL["open"])]


async def accept(conn: Conn, id_: UUID, by: str, why: str, keys: Sequence[str]) -> bool:
    """Note that a person takes these differences as they are; False when somebody did before."""
    return await conn.fetchval(_SQL["accept"], id_, by, why, keys) is not None


async def drop(conn: Conn, id_: UUID) -> bool:
    """Take a report back; False when a document was made of it, or it is not there."""
    return await conn.fetchval(_SQL["drop"], id_) is not None


async def lock(conn: Conn, id_: UUID) -> bool:
    """Hold a commission report that has no document yet, for the rest of the transaction."""
    return await conn.fetchval(_SQL["lock"], id_) is not None


async def issue(conn: Conn, id_: UUID, document_id: UUID, detail: dict[str, Any]) -> str:
    """Make its document; the document's number."""
    values = id_, document_id, detail
    number: str = await conn.fetchval(_SQL["issue"], *values, timeout=PATIENCE)
    return number
