"""What accountants look up over a period: the register of documents, and the VAT book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.document import Kind

#: Rows of one report at most: beyond that nobody reads it, and a shorter period says the same.
MOST_ROWS: Final = 50_000


class VatBy(StrEnum):
    """What has a row of its own in the VAT book."""

    DAY = "day"
    STORE = "store"
    ACCOUNT = "account"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the stores' own, both included, and perhaps only one store or account."""

    first: date
    last: date
    store: str | None = None
    account: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A document in the register; kopecks, negative for what was given back."""

    id: UUID
    kind: Kind
    number: str
    issued_on: date
    merchant: str
    store: str
    account: str
    order_number: str
    base_number: str
    currency: str
    total: int
    vat_total: int
    lines: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What documents come to: how many, kopecks with VAT, the VAT in them."""

    documents: int
    total: int
    vat: int


@dataclass(frozen=True, slots=True)
class Taxed:
    """What has one rate: total with VAT, and the VAT in it. `percent` None: without VAT."""

    percent: int | None
    total: int
    vat: int


@dataclass(frozen=True, slots=True)
class VatRow:
    """A row of the VAT book; the last three only where rows are documents."""

    merchant: str
    key: str
    parts: tuple[Taxed, ...]
    documents: int
    issued_on: date | None = None
    kind: Kind | None = None
    base_number: str = ""

    @property
    def total(self) -> int:
        """Kopecks with VAT, at all rates."""
        return sum(part.total for part in self.parts)

    @property
    def vat(self) -> int:
        """The VAT in it."""
        return sum(part.vat for part in self.parts)

    def at(self, percent: int | None) -> Taxed:
        """What has this rate."""
        none = Taxed(percent, 0, 0)
        return next((part for part in self.parts if part.percent == percent), none)


def rates(rows: Sequence[VatRow]) -> tuple[int | None, ...]:
    """Every rate that occurs, the highest first, without VAT last."""
    found = {part.percent for row in rows for part in row.parts}
    taxed = sorted((percent for percent in found if percent is not None), reverse=True)
    return (*taxed, None) if None in found else tuple(taxed)
