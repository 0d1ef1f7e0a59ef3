"""Foreign values made ours: money, counts, weights, moments, names; or Malformed with the place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, TypeVar

from app.contract import Delivery
from app.domain.money import MAX_KOPECKS, by_weight, half_up, parse_roubles
from app.domain.order import DraftLine
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.errors import Malformed, Unmapped
from app.marketplaces.json_body import glance
from app.marketplaces.text import clean

T = TypeVar("T")
Amount: TypeAlias = str | int | float
Id: TypeAlias = str | int
#: Positions of one order.
MOST: Final = 1000
#: Finer parts of a piece than anybody weighs; an exponent of a million must not get any further.
_FINEST: Final = Decimal("0.000001")
_LONGEST: Final = 60
_PLAUSIBLE: Final = (2015, 2100)
#: Minor units of currencies that have not a hundred of them (ISO 4217).
_WHOLE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_PARTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(_WHOLE.split(), 1),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 1000),
}


def order_ref(value: Id) -> str:
    """An order id as we keep it: 1 to 100 characters that we can keep as they are."""
    text = str(value)
    if not text or len(text) > 100 or clean(text, 100) != text:
        raise Malformed(f"no order id we can keep: {text[:40]!r}")
    return text


def name(value: Id | None, where: str) -> str:
    """A code of theirs (store, SKU, line): 1 to 100 clean characters."""
    text = "" if value is None else clean(str(value), 100)
    if not text:
        raise Malformed(f"{where} is empty")
    return text


def units(value: Amount | None, where: str) -> int | None:
    """Kopecks of an amount in whole units of the currency, decimal; None when nothing is said."""
    if value is None:
        return None
    try:
        return parse_roubles(str(value))
    except ValueError as error:
        raise Malformed(f"{where}: {error}") from None


def minor(value: int | None, where: str, currency: str = "") -> int | None:
    """Kopecks of an amount in minor units; None when nothing is said. A currency may have none, or
    a thousand: a tenth of a hundredth part is rounded half up."""
    if value is None:
        return None
    ours = half_up(max(value, 0) * 100, _PARTS.get(currency, 100))
    if value < 0 or ours > MAX_KOPECKS:
        raise Malformed(f"{where} out of range: {str(value)[:40]}")
    return ours


def in_minor(kopecks: int, currency: str) -> int:
    """An amount of ours in minor units of its currency."""
    return half_up(kopecks * _PARTS.get(currency, 100), 100)


def needed(value: int | None, where: str) -> int:
    """What must be said."""
    if value is None:
        raise Malformed(f"{where} is missing")
    return value


def decimal(value: Amount, where: str, most: int) -> Decimal:
    """A number from 0 to `most`."""
    text = str(value)
    try:
        number = Decimal(text if len(text) <= _LONGEST else "")  # half a number is another number
    except InvalidOperation:
        raise Malformed(f"{where} is no number: {text[:40]!r}") from None
    if not number.is_finite() or not 0 <= number <= most:
        raise Malformed(f"{where} out of range: {str(value)[:40]}")
    return number.quantize(_FINEST)


def pieces(value: Amount, where: str) -> int:
    """A whole number of pieces, at least one."""
    number = decimal(value, where, MAX_PIECES)
    if number % 1 or not number:
        raise Malformed(f"{where}: {number.normalize()} is nothing we can count")
    return int(number)


def grams(value: Amount, where: str, factor: int = 1) -> int:
    """Whole grams, at least one, of an amount in so many grams each."""
    number = decimal(value, where, MAX_GRAMS) * factor
    if number % 1 or not 0 < number <= MAX_GRAMS:
        raise Malformed(f"{where}: {number.normalize()} grams cannot be kept")
    return int(number)


def plausible(moment: datetime) -> datetime:
    """A moment of our century, with its zone."""
    if moment.tzinfo is None:
        raise Malformed("a time without a zone")
    if not _PLAUSIBLE[0] <= moment.year < _PLAUSIBLE[1]:
        raise Malformed(f"a date in the year {moment.year}")
    return moment


def texts(given: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Scalar fields as clean text; nested ones stay in the raw body only."""
    return tuple(
        (clean(key, 50), clean(str(value), 500))
        for key, value in list((given or {}).items())[:40]
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    )


def lines(found: Iterable[DraftLine]) -> tuple[DraftLine, ...]:
    """The positions of an order, one for each SKU: what a marketplace lists twice is one line with
    both its names in `ref`, a line feed between them. Where one of them is cheaper, the line costs
    what both do, each piece the same, rounded up: what `total` of the parts is less than `total` of
    the lines, is off the order. Raises Malformed for none, too many, or what cannot be kept."""
    merged: dict[str, DraftLine] = {}
    for count, line in enumerate(found, 1):
        if count > MOST:
            raise Malformed(f"more than {MOST} positions")
        known = merged.get(line.external_id)
        merged[line.external_id] = line if known is None else _joined(known, line)
    if not merged:
        raise Malformed("no positions")
    if sum(cost(line) for line in merged.values()) > MAX_KOPECKS:
        raise Malformed("total out of range")
    return tuple(merged.values())


def each(
    raws: Iterable[bytes], read: Callable[[bytes], T], *path: str
) -> tuple[list[T], list[str]]:
    """What can be read of many orders, and of the others which and why not: one takes none of the
    rest along. `path`: where in an order its id is."""
    found: list[T] = []
    amiss: list[str] = []
    for raw in raws:
        try:
            found.append(read(raw))
        except (Malformed, Unmapped) as error:
            name_ = glance(Delivery({}, raw), *path) or "?"
            amiss.append(f"{name_}: {error}"[:300])
    return found, amiss


def explained(read: Callable[[], T]) -> T | None:
    """What is read of a listed order; None while nobody has said what a word of it means: that is
    asked when the order is parsed."""
    try:
        return read()
    except Unmapped:
        return None


def refs(ref: str | None) -> list[str]:
    """The names in a `ref`."""
    return ref.split("\n") if ref else []


def cost(line: DraftLine) -> int:
    """Kopecks for a line as it was ordered, before its discount where it has one."""
    price = max(line.price, line.list_price or 0)
    if line.grams and line.unit_grams:
        return by_weight(price, line.grams, line.unit_grams)
    return price * line.pieces


def total(ordered: Iterable[DraftLine]) -> int:
    """Kopecks for all lines as they were ordered."""
    return sum(cost(replace(line, list_price=None)) for line in ordered)


def _joined(one: DraftLine, other: DraftLine) -> DraftLine:
    if one.unit is not other.unit:
        raise Malformed(f"{one.external_id}: one SKU, two units")
    both = [*refs(one.ref), *refs(other.ref)]
    weight = None if one.grams is None else one.grams + (other.grams or 0)
    if one.pieces + other.pieces > MAX_PIECES or (weight or 0) > MAX_GRAMS:
        raise Malformed(f"{one.external_id}: too many of them")
    apart = one.unit_grams != other.unit_grams or one.price != other.price
    if weight is not None and apart:
        return _of_all(replace(one, grams=weight, ref="\n".join(both) or None), one, other)
    listed = one.list_price is not None or other.list_price is not None
    return replace(
        one,
        price=_between(one, other, lambda line: line.price),
        list_price=_between(one, other, lambda line: line.list_price or line.price)
        if listed
        else None,
        pieces=one.pieces + other.pieces,
        grams=weight,
        ref="\n".join(both) or None,
    )


def _of_all(both: DraftLine, one: DraftLine, other: DraftLine) -> DraftLine:
    """Weighed goods at prices of two weights: the price is of all of them then."""
    now, before = total([one, other]), cost(one) + cost(other)
    listed = before if before > now else None
    return replace(both, price=now, list_price=listed, unit_grams=both.grams)


def _between(one: DraftLine, other: DraftLine, price: Callable[[DraftLine], int]) -> int:
    """What a piece (or a measure) of both costs, so that together they cost no less than apart."""
    first, second = one.grams or one.pieces, other.grams or other.pieces
    return -(-(price(one) * first + price(other) * second) // (first + second))
