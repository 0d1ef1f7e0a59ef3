"""A scan, all that decides what it means, and what it meant: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain import events as ev
from app.domain.barcode import Kind, Outcome, Scanned, read
from app.domain.goods import Product
from app.domain.order import Order
from app.domain.refusals import Notice
from app.domain.shop import Shop
from app.domain.terms import Terms

#: What a scan may add to its line.
Counted: TypeAlias = ev.LinePicked | ev.LineWeighed


class Hint(StrEnum):
    """More than the outcome says; each is a sentence in the catalogues of texts."""

    INVALID_BARCODE = "INVALID_BARCODE"  #: the check digit is wrong: scan it again
    REMOVED_BY_CUSTOMER = "REMOVED_BY_CUSTOMER"
    WEIGHT_NEEDED = "WEIGHT_NEEDED"  #: the line is found, but the code says no weight
    MARK_REQUIRED = "MARK_REQUIRED"  #: the line is found, but only its mark counts
    WEIGHT_OUT_OF_HARD_LIMIT = "WEIGHT_OUT_OF_HARD_LIMIT"  #: this pack would be too much
    REPLACED = "REPLACED"
    APPROVAL_PENDING = "APPROVAL_PENDING"
    BAG_BELONGS_TO_OTHER_ORDER = "BAG_BELONGS_TO_OTHER_ORDER"
    OTHER_PLACE = "OTHER_PLACE"  #: the line stands elsewhere
    EXPIRED = "EXPIRED"  #: the pack's own date has passed


@dataclass(frozen=True, slots=True)
class Known:
    """What the database knows of a code: its goods by SKU; `stands_for`: (SKU, the SKU that may
    stand for it) of the chain's table, the best first; `bag_of`: the number of the other order
    whose bag it is."""

    products: Mapping[str, Product] = field(default_factory=dict)
    stands_for: tuple[tuple[str, str], ...] = ()
    bag_of: str | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan and all that decides what it means. `line_id`: the line on the handheld's screen."""

    order: Order
    raw: str
    line_id: UUID | None
    terms: Terms
    known: Known = Known()

    @property
    def shop(self) -> Shop:
        """The store as its pickers work."""
        return self.terms.shop

    @property
    def today(self) -> date:
        """The date in the store."""
        return self.terms.now.astimezone(ZoneInfo(self.shop.timezone)).date()

    def read(self) -> Scanned | None:
        """The code taken apart; the shop's own places and this order's bags come first, because
        their codes may look like anything."""
        text = self.raw.strip()
        if text in self.shop.spots:
            return Scanned(Kind.PLACE, code=text)
        if any(bag.code == text for bag in self.order.live_bags()):
            return Scanned(Kind.BAG, code=text)
        return read(self.raw, self.shop.labels)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a scan meant: `pieces` or `grams` are what it adds through `event`. `sku` and `name` are
    of the goods scanned, `code` of the bag, place or person; `here`: the asked line stands there.
    """

    outcome: Outcome
    line_id: UUID | None = None
    event: Counted | None = None
    pieces: int | None = None
    grams: int | None = None
    notice: Notice | None = None
    hint: Hint | None = None
    sku: str | None = None
    name: str | None = None
    code: str | None = None
    here: bool | None = None
    expires: date | None = None
