"""What an order was sold for, as typed values for operators; OpenAPI is made from these types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.domain.after_sale import Sold
from app.domain.document import Document


class SoldLine(msgspec.Struct):
    """A line as it is sold now. Kopecks, VAT inside; `grams` of weighed goods only, whose `price`
    is for `unit_grams`. `line_id` of the delivery is the order's."""

    line_id: UUID
    sku: str
    name: str
    kind: str
    pieces: int
    grams: int | None
    unit_grams: int | None
    price: int
    total: int
    vat_code: str
    vat_percent: int | None
    marks: list[str]


class ChangeView(msgspec.Struct):
    """A return or a correction that is noted; its document comes with the next hourly run. `lines`
    are what it changes, as it leaves them."""

    id: UUID
    kind: str
    order: str
    occurred_at: datetime
    reason: str
    by: str
    lines: list[SoldLine]


class ChangeEntry(msgspec.Struct):
    """A change of a sale. `document`: its document's number; none while it waits."""

    id: UUID
    kind: str
    occurred_at: datetime
    reason: str
    by: str
    document: str | None


class DocumentEntry(msgspec.Struct):
    """One document of the order. Kopecks, negative for what was given back; `base`: the number of
    the document it refers to."""

    id: UUID
    kind: str
    number: str
    date: date
    total: int
    vat: int
    base: str | None


class SaleLedger(msgspec.Struct):
    """What an order was sold for. `total`: what all that is sold now comes to; `holds`: why there
    is no sales document yet."""

    order: str
    external_id: str
    state: str
    total: int
    sold: list[SoldLine]
    documents: list[DocumentEntry]
    changes: list[ChangeEntry]
    holds: list[dict[str, Any]]


def sold_line(line: Sold) -> SoldLine:
    """One line of what is sold."""
    return SoldLine(
        line_id=line.line_id,
        sku=line.sku,
        name=line.name,
        kind=line.kind,
        pieces=line.pieces,
        grams=line.grams,
        unit_grams=line.unit_grams,
        price=line.price,
        total=line.total,
        vat_code=line.vat_code,
        vat_percent=line.vat_percent,
        marks=list(line.marks),
    )


def ledger(
    names: Mapping[str, str], sold: Sequence[Sold], documents: Iterable[Document],
    changes: Iterable[Mapping[str, Any]], holds: Sequence[dict[str, Any]],
) -> SaleLedger:  # fmt: skip
    """All of it; `names` are the order's number, external_id and state."""
    return SaleLedger(
        order=names["number"],
        external_id=names["external_id"],
        state=names["state"],
        total=sum(line.total for line in sold),
        sold=[sold_line(line) for line in sold],
        documents=[_entry(document) for document in documents],
        changes=[
            ChangeEntry(row["id"], row["kind"], row["occurred_at"], row["reason"], row["actor"],
                        row["document"])
            for row in changes
        ],
        holds=list(holds),
    )  # fmt: skip


def _entry(document: Document) -> DocumentEntry:
    base = document.base.number if document.base else None
    return DocumentEntry(
        document.id, document.kind, document.number, document.issued_on, document.total,
        document.vat_total, base,
    )  # fmt: skip
