"""A marketplace's own reports of what it sold, paid and kept, and how they differ from ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.errors import HubError


class Book(StrEnum):
    """Which report it is: sums by order, or goods by order with the agent's fee («Отчёт
    комиссионера»)."""

    PAYMENT = "payment"
    COMMISSION = "commission"


class Deal(StrEnum):
    """What a row tells of."""

    SALE = "sale"
    RETURN = "return"
    FEE = "fee"


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One row: kopecks with VAT inside; `amount` is negative for what was given back. `milli`:
    thousandths of a piece, or grams; None when the report does not say."""

    row: int
    order_ref: str
    deal: Deal
    amount: int
    fee: int = 0
    sku: str = ""
    name: str = ""
    milli: int | None = None
    at: date | None = None


class Finding(StrEnum):
    """What a comparison of one order (or of one of its goods) comes to."""

    MATCH = "match"
    SUM = "sum"  #: other sums than our documents come to
    QUANTITY = "quantity"  #: the same sum for another quantity
    TWICE = "twice"  #: one sale stands there several times
    GOODS = "goods"  #: goods that our documents of the order do not have
    UNKNOWN_ORDER = "unknown_order"
    NOT_DELIVERED = "not_delivered"  #: an order of ours that no customer has, as far as we know
    NO_DOCUMENT = "no_document"  #: delivered, but its document waits
    NOT_REPORTED = "not_reported"  #: sold by our documents, and no report speaks of it


#: What nobody can take upon himself: there is nothing of ours to book it on.
BLOCKING: Final = frozenset(
    {Finding.GOODS, Finding.UNKNOWN_ORDER, Finding.NOT_DELIVERED, Finding.NO_DOCUMENT}
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One order, or one of its goods, as both sides have it: kopecks, and thousandths or grams."""

    finding: Finding
    order_ref: str
    order_number: str
    sku: str
    name: str
    theirs: int
    ours: int
    their_milli: int | None
    our_milli: int | None

    @property
    def key(self) -> str:
        """All of it in a few characters: a difference that changes is another one."""
        said = self.finding, self.order_ref, self.sku, self.theirs, self.ours
        told = "\0".join(map(str, (*said, self.their_milli, self.our_milli)))
        return sha256(told.encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Settlement:
    """One imported report with what the latest look found. `fee`: what the marketplace keeps."""

    id: UUID
    account: str
    merchant: str
    kind: Book
    number: str
    first: date
    last: date
    name: str
    sha256: str
    imported_by: str
    imported_at: datetime
    rows: int
    sold: int
    returned: int
    fee: int
    matched: int
    differing: int
    blocking: int
    checked_at: datetime | None
    accepted_by: str | None
    accepted_why: str | None
    document: str | None  #: the number of the commission document made of it

    @property
    def payout(self) -> int:
        """Kopecks the marketplace owes for it."""
        return self.sold + self.returned - self.fee


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one row: `text` is a msgid with these values."""

    row: int
    text: str
    values: Mapping[str, object] = field(default_factory=dict)


class SettlementRefused(HubError):
    """Nothing of the report is taken: it is whole or not there. `text` is a msgid."""

    reason = "settlement"

    def __init__(self, text: str, flaws: tuple[Flaw, ...] = (), /, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.flaws = flaws
        self.values = values
