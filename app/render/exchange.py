"""What exchange formats of 1C say of a document in the same way: figures without signs, clocks.

1C knows what was given back by the kind of its document and not by a sign, and a correction by the
lines as they were and as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.document import Document, DocumentLine, Kind
from app.domain.money import half_up

#: The last moment of a day, for what was issued for a day before it happened.
_END: Final = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure by ОКЕИ (ОК 015-94): code, short and full name, its letters in UN/CEFACT
    Recommendation 20 as ОКЕИ gives them."""

    code: str
    short: str
    name: str
    letters: str


PIECE: Final = Unit("796", "шт", "Штука", "PCE")
KILOGRAM: Final = Unit("166", "кг", "Килограмм", "KGM")


@dataclass(frozen=True, slots=True)
class Figures:
    """A line in figures that are never negative: kopecks, grams of weighed goods, pieces. `price`
    is for one piece, or for `unit_grams`."""

    pieces: int
    grams: int | None
    unit_grams: int | None
    price: int
    total: int
    vat: int
    discount: int = 0

    @property
    def unit(self) -> Unit:
        """What the quantity is counted in."""
        return PIECE if self.grams is None else KILOGRAM

    @property
    def quantity(self) -> str:
        """Pieces, or kilograms with three places."""
        if self.grams is None:
            return str(self.pieces)
        return f"{self.grams // 1000}.{self.grams % 1000:03d}"

    @property
    def price_each(self) -> int:
        """Kopecks for a piece or a kilogram. Not every price by weight is whole kopecks for a
        kilogram: then it is the nearest, `exact` says no, and the total alone counts."""
        if self.unit_grams is None or self.grams is None:
            return self.price
        return half_up(self.price * 1000, self.unit_grams)

    @property
    def exact(self) -> bool:
        """Whether `price_each` is the price, and not near it."""
        return self.grams is None or self.price * 1000 % (self.unit_grams or 1000) == 0

    @property
    def full(self) -> int:
        """Price times quantity in kopecks, half up, before what comes off the whole order."""
        if self.grams is None:
            return self.price * self.pieces
        return half_up(self.price * self.grams, self.unit_grams or 1000)

    @property
    def off_price(self) -> int:
        """What of the discount comes off price times quantity; the price holds the rest."""
        return min(max(0, self.full - self.total), self.discount)


def figures(line: DocumentLine, kind: Kind) -> Figures:
    """A line as a document of this kind tells it: what was sold, what was given back, or all that
    is sold after a correction."""
    if kind is Kind.CORRECTION:
        return _after(line)
    sign = -1 if kind is Kind.RETURN else 1
    return Figures(
        pieces=sign * line.pieces,
        grams=None if line.grams is None else sign * line.grams,
        unit_grams=line.unit_grams,
        price=line.price,
        total=sign * line.total,
        vat=sign * line.vat,
        discount=max(0, sign * line.discount),
    )


def before(line: DocumentLine) -> Figures:
    """A line as its correction found it."""
    assert line.before is not None, "only a correction has lines as they were"
    was = line.before
    return Figures(was.pieces, was.grams, line.unit_grams, was.price, was.total, was.vat)


def _after(line: DocumentLine) -> Figures:
    """Its discount is what the price times the quantity is more than the total."""
    was = before(line)
    now = Figures(
        pieces=was.pieces + line.pieces,
        grams=None if was.grams is None else was.grams + (line.grams or 0),
        unit_grams=line.unit_grams,
        price=line.price,
        total=was.total + line.total,
        vat=was.vat + line.vat,
    )
    return replace(now, discount=max(0, now.full - now.total))


def when(document: Document) -> datetime:
    """When it happened by the store's clock, without a zone as 1C keeps it, on the document's own
    day: one that was issued for another day than it happened on is the first or the last of it."""
    zone = ZoneInfo(document.timezone)
    moment = (document.occurred_at or document.created_at).astimezone(zone)
    there = moment.replace(microsecond=0, tzinfo=None)
    if there.date() < document.issued_on:
        return datetime.combine(document.issued_on, time())
    if there.date() > document.issued_on:
        return datetime.combine(document.issued_on, _END)
    return there


def made(document: Document) -> datetime:
    """When it was issued, by the store's clock."""
    moment = document.created_at.astimezone(ZoneInfo(document.timezone))
    return moment.replace(microsecond=0, tzinfo=None)
