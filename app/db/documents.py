"""Documents as they were issued."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.document import Before, Document, DocumentLine, Kind, Origin
from app.domain.party import NAMES, Party, of_customer

_SQL = load("documents")
#: Columns of a document that are fields of the same name.
_SAME: Final = (
    "id", "number", "issued_on", "currency", "total", "vat_total", "created_at", "occurred_at",
    "reason", "nth", "detail", "order_id", "merchant", "account", "ordered_at", "timezone",
)  # fmt: skip
_BEFORE: Final = ("pieces", "grams", "price", "total", "vat")


async def browse(conn: Conn, first: date, last: date) -> list[UUID]:
    """Ids of the documents of a period, in the order of their numbers."""
    return [row["id"] for row in await conn.fetch(_SQL["browse"], first, last)]


async def of_order(conn: Conn, order_id: UUID) -> list[UUID]:
    """Ids of one order's documents, the oldest first."""
    return [row["id"] for row in await conn.fetch(_SQL["of_order"], order_id)]


async def read(conn: Conn, ids: Sequence[UUID]) -> list[Document]:
    """Documents in the order of their ids; whoever has no document is left out."""
    heads = {row["id"]: row for row in await conn.fetch(_SQL["heads"], ids)}
    lines = defaultdict(list)
    for row in await conn.fetch(_SQL["lines"], ids):
        lines[row["document_id"]].append(_line(row))
    return [_document(heads[id_], lines[id_]) for id_ in ids if id_ in heads]


def _document(row: Record, lines: Sequence[DocumentLine]) -> Document:
    return Document(
        kind=Kind(row["kind"]),
        seller=party(row["seller"]),
        buyer=of_customer(row["customer"] or {}) or party(row["buyer"]),
        store=row["store"] or "",
        store_name=row["store_name"] or "",
        warehouse=party(row["warehouse"] or {}),
        order_number=row["order_number"] or "",
        order_external_id=row["order_external_id"] or "",
        base=_origin(row),
        lines=tuple(lines),
        **{name: row[name] for name in _SAME},
    )


def party(requisites: Mapping[str, Any]) -> Party:
    """Requisites as they are kept; what this version does not know is left out."""
    return Party(**{name: str(requisites[name]) for name in NAMES if name in requisites})


def _origin(row: Record) -> Origin | None:
    if row["base_id"] is None:
        return None
    return Origin(row["base_id"], Kind(row["base_kind"]), row["base_number"], row["base_issued_on"])


def _line(row: Record) -> DocumentLine:
    values = {name: row[name] for name in row.keys() if not name.startswith("before_")}  # noqa: SIM118
    values.pop("document_id")
    values["marks"] = tuple(row["marks"])
    before = None
    if row["before_total"] is not None:
        before = Before(**{name: row[f"before_{name}"] for name in _BEFORE})
    return DocumentLine(**values, before=before)
