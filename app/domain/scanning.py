"""What a scan means for an order: which line, whose bag, what place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from app.domain.barcode import PLACE_PREFIX, Kind, Outcome, Scanned, misread
from app.domain.order import GONE, Line, LineState, Replacement
from app.domain.scan import Hint, Meaning, Scan
from app.domain.scan_line import on_line
from app.domain.shop import Spot

#: Which of several lines of the same goods a code is for: the one with work left.
_FIRST: Final = (
    LineState.TODO,
    LineState.SHORT,
    LineState.DROPPED,
    LineState.PICKED,
    LineState.PROPOSED,
    LineState.REPLACED,
)
#: States of a line that another article may stand for.
_WANTING: Final = (LineState.TODO, LineState.SHORT, LineState.DROPPED)


def understand(scan: Scan) -> Meaning:
    """What a scan means; whether it happens is for the caller."""
    scanned = scan.read()
    if scanned is None:
        hint = Hint.INVALID_BARCODE if misread(scan.raw, scan.shop.labels) else None
        return _bag(scan, None) if scan.known.bag_of else Meaning(Outcome.UNKNOWN_CODE, hint=hint)
    return _BY_KIND[scanned.kind](scan, scanned)


def find_line(
    scanned: Scanned, lines: Iterable[Line], *, skus: Iterable[str] = (), first: UUID | None = None
) -> Line | None:
    """The line a code belongs to, by its own codes or by `skus`: the one asked for (`first`), then
    an open one, if the goods stand on several."""
    skus = frozenset(skus)
    found = [line for line in lines if _belongs(scanned, line) or line.external_id in skus]
    found.sort(key=lambda line: (line.id != first, _FIRST.index(line.state)))
    return found[0] if found else None


def _belongs(scanned: Scanned, line: Line) -> bool:
    """Item numbers and barcodes are the same with and without leading zeros."""
    item = (scanned.plu or "").lstrip("0")
    if item and item == (line.plu or "").lstrip("0"):
        return True
    codes = {code.lstrip("0") for code in line.barcodes}
    return scanned.gtin in codes or scanned.also in codes


def _goods(scan: Scan, scanned: Scanned) -> Meaning:
    skus = scan.known.products
    line = find_line(scanned, scan.order.wanted(), skus=skus, first=scan.line_id)
    if line is not None:
        return on_line(scan, scanned, line)
    if not skus:
        gone = find_line(scanned, scan.order.lines)
        return _not_ordered(scan, gone) if gone else Meaning(Outcome.UNKNOWN_CODE)
    wanting = _substitute_of(scan)
    if wanting is not None:
        return _named(scan, Outcome.SUBSTITUTE_OF, wanting.id)
    return _not_ordered(scan, find_line(scanned, scan.order.lines, skus=skus))


def _not_ordered(scan: Scan, line: Line | None) -> Meaning:
    """Not ordered, or not any more: `line` is what is left of it in the order."""
    if line is None:
        return _named(scan, Outcome.NOT_IN_ORDER)
    hint = Hint.REMOVED_BY_CUSTOMER if line.reason == GONE else None
    return Meaning(Outcome.NOT_IN_ORDER, hint=hint, sku=line.external_id, name=line.name)


def _named(scan: Scan, outcome: Outcome, line_id: UUID | None = None) -> Meaning:
    sku, product = next(iter(scan.known.products.items()))
    return Meaning(outcome, line_id, sku=sku, name=product.name)


def _substitute_of(scan: Scan) -> Line | None:
    """The line these goods may stand for: the one asked for, else by the customer's own wishes,
    else by the chain's table, unless the customer wants no replacement."""
    skus = set(scan.known.products)
    chain = {sku for sku, other in scan.known.stands_for if other in skus}
    lines = [line for line in scan.order.wanted() if line.state in _WANTING]
    wished = [line for line in lines if skus & set(line.wish_skus)]
    wish = scan.order.replacement
    tabled = [
        line
        for line in lines
        if line.external_id in chain and (line.wish or wish) is not Replacement.REMOVE
    ]
    found = [*wished, *tabled]
    return next((line for line in found if line.id == scan.line_id), found[0] if found else None)


def _bag(scan: Scan, scanned: Scanned | None) -> Meaning:
    code = scanned.code if scanned else scan.raw.strip()
    if any(bag.code == code for bag in scan.order.live_bags()):
        return Meaning(Outcome.BAG, code=code)
    hint = Hint.BAG_BELONGS_TO_OTHER_ORDER if scan.known.bag_of else None
    return Meaning(Outcome.BAG if hint else Outcome.UNKNOWN_CODE, hint=hint, code=code)


def _place(scan: Scan, scanned: Scanned) -> Meaning:
    """A place by its code, printed with our prefix or without."""
    spots = scan.shop.spots
    spot = spots.get(scanned.code) or spots.get(scanned.code[len(PLACE_PREFIX) :])
    if spot is None:
        return Meaning(Outcome.UNKNOWN_CODE, code=scanned.code)
    line = scan.order.line(scan.line_id) if scan.line_id else None
    here = _stands_at(line, spot) if line and spot.kind == "shelf" else None
    return Meaning(
        Outcome.LOCATION,
        line.id if line else None,
        hint=Hint.OTHER_PLACE if here is False else None,
        name=spot.name or spot.aisle or None,
        code=spot.code,
        here=here,
    )


def _stands_at(line: Line, spot: Spot) -> bool | None:
    """None when nobody said where the goods are."""
    return line.place.aisle == spot.aisle if line.place.aisle else None


def _person(_scan: Scan, scanned: Scanned) -> Meaning:
    return Meaning(Outcome.PERSON, code=scanned.code)


_BY_KIND: Final[Mapping[Kind, Callable[[Scan, Scanned], Meaning]]] = {
    Kind.GOODS: _goods,
    Kind.BAG: _bag,
    Kind.PLACE: _place,
    Kind.PERSON: _person,
}
