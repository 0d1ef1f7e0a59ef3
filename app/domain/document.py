"""What accountants get: documents with their lines, signed, VAT inside every total."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.party import Party


class Kind(StrEnum):
    """What a document says: goods were sold, their sale changed, they were given back; a
    marketplace sold them for us; money was taken or returned (data for fiscal receipts)."""

    SALE = "sale"
    CORRECTION = "correction"
    RETURN = "return"
    COMMISSION = "commission"
    RECEIPT_ADVANCE = "receipt_advance"
    RECEIPT_FINAL = "receipt_final"
    RECEIPT_RETURN = "receipt_return"


#: Kinds whose totals together are what is sold in the end.
SOLD: Final = frozenset({Kind.SALE, Kind.CORRECTION, Kind.RETURN})
RECEIPTS: Final = frozenset({Kind.RECEIPT_ADVANCE, Kind.RECEIPT_FINAL, Kind.RECEIPT_RETURN})


@dataclass(frozen=True, slots=True)
class Before:
    """A line as a correction found it."""

    pieces: int
    grams: int | None
    price: int
    total: int
    vat: int


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One row. Kopecks, grams, pieces; negative for what is given back, and in a correction the
    difference to `before`. `price` is for one piece, or for `unit_grams` of a weighed good, and
    never negative; `discount`: how much more `total` would be without it. `vat_percent` None:
    without VAT. `marks`: full codes as scanned."""

    position: int
    sku: str
    name: str
    unit: str  #: piece or weight
    pieces: int
    price: int
    total: int
    vat_code: str
    vat_percent: int | None
    vat: int
    grams: int | None = None
    unit_grams: int | None = None
    discount: int = 0
    kind: str = "goods"  #: goods, delivery or fee
    barcode: str | None = None
    marks: tuple[str, ...] = ()
    line_id: UUID | None = None
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class VatPart:
    """What of a document has one rate: total with VAT, and the VAT in it."""

    code: str
    percent: int | None
    total: int
    vat: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The document a later one refers to."""

    id: UUID
    kind: Kind
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it was issued; it never changes. `issued_on` is a day of the store's own.
    `detail` has what only one kind has. A commission report has no order and no store. `timezone`
    is that of the store, by whose clock papers tell times; `ordered_at`: when the order came."""

    id: UUID
    kind: Kind
    number: str
    issued_on: date
    currency: str
    total: int
    vat_total: int
    merchant: str
    seller: Party
    buyer: Party
    account: str
    created_at: datetime
    lines: tuple[DocumentLine, ...]
    store: str = ""
    store_name: str = ""
    warehouse: Party = field(default_factory=Party)
    order_id: UUID | None = None
    order_number: str = ""
    order_external_id: str = ""
    occurred_at: datetime | None = None
    reason: str = ""
    nth: int = 1
    base: Origin | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    ordered_at: datetime | None = None
    timezone: str = "Europe/Moscow"

    def vat_parts(self) -> tuple[VatPart, ...]:
        """Totals by rate, the highest first, goods without VAT last."""
        parts: dict[tuple[str, int | None], VatPart] = {}
        for line in self.lines:
            key = line.vat_code, line.vat_percent
            known = parts.get(key, VatPart(*key, 0, 0))
            parts[key] = VatPart(*key, known.total + line.total, known.vat + line.vat)
        return tuple(sorted(parts.values(), key=_by_rate))


def _by_rate(part: VatPart) -> tuple[int, str]:
    return (1 if part.percent is None else -part.percent), part.code
