"""What a scan adds to the line it belongs to: pieces, grams, or nothing and why. Pure."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from app.domain import events as ev
from app.domain.barcode import Outcome, Scanned
from app.domain.marks import parse
from app.domain.money import half_up
from app.domain.order import Line, LineState, Unit
from app.domain.picking import at_most
from app.domain.refusals import Notice, Refused
from app.domain.scan import Hint, Known, Meaning, Scan

#: States in which a scan cannot add anything, and why.
_CLOSED: Final = {
    LineState.PROPOSED: Hint.APPROVAL_PENDING,
    LineState.REPLACED: Hint.REPLACED,
}


def on_line(scan: Scan, scanned: Scanned, line: Line) -> Meaning:
    """What a code of this line's goods means; a pack whose own date has passed counts for none."""
    if line.replaces and line.state is LineState.PROPOSED:
        return _told(Outcome.SUBSTITUTE_OF, line, Hint.APPROVAL_PENDING, line.replaces)
    if scan.line_id is not None and scan.line_id != line.id:
        return _told(Outcome.OTHER_LINE, line)
    if line.state in _CLOSED:
        return _told(Outcome.ALREADY_DONE, line, _CLOSED[line.state])
    if scanned.expires is not None and scanned.expires < scan.today:
        return _told(Outcome.MATCHED, line, Hint.EXPIRED)
    return (_weighed if line.unit is Unit.WEIGHT else _counted)(scan, scanned, line)


def _told(
    outcome: Outcome, line: Line, hint: Hint | None = None, line_id: UUID | None = None
) -> Meaning:
    """An outcome that adds nothing."""
    done = outcome is Outcome.ALREADY_DONE and line.state is LineState.PICKED
    return Meaning(
        outcome,
        line_id or line.id,
        notice=Notice.ITEM_ALREADY_COMPLETE if done else None,
        hint=hint,
        sku=line.external_id,
        name=line.name,
    )


def _weighed(scan: Scan, scanned: Scanned, line: Line) -> Meaning:
    """A label adds its grams, up to the hard limit; a plain code of weighed goods only finds its
    line, because nobody knows the weight yet."""
    done = line.state is LineState.PICKED
    grams = scanned.grams or _grams_for(scanned.kopecks, line, scan.known)
    if not grams and done:
        return _told(Outcome.ALREADY_DONE, line)
    if not grams:
        return _told(Outcome.MATCHED, line, Hint.WEIGHT_NEEDED)
    whole = (line.picked_grams or 0) + grams
    most = scan.shop.tolerance(line.category).hard(line.requested_grams or 0)[1]
    if done and whole > most:
        return _told(Outcome.ALREADY_DONE, line, Hint.WEIGHT_OUT_OF_HARD_LIMIT)
    return Meaning(
        Outcome.MATCHED,
        line.id,
        ev.LineWeighed(line.id, whole, source="label", marks=_marks(scanned, line)),
        grams=grams,
        notice=Notice.ITEM_ALREADY_COMPLETE if done else None,
        sku=line.external_id,
        name=line.name,
        expires=scanned.expires,
    )


def _grams_for(kopecks: int | None, line: Line, known: Known) -> int | None:
    """How much goods of this price weigh: by the shop's own price, which its scales print, else by
    the order's."""
    if kopecks is None:
        return None
    product = known.products.get(line.external_id)
    price, unit = (product.price, product.unit_grams) if product else (None, None)
    if not price or not unit:
        price, unit = line.price, line.unit_grams
    return half_up(kopecks * unit, price) if price and unit else None


def _counted(scan: Scan, scanned: Scanned, line: Line) -> Meaning:
    """A code adds its pieces, one if it says none; of marked goods only a mark counts."""
    done = line.state is LineState.PICKED
    pieces = scanned.pieces or _pieces_for(scanned.kopecks, line)
    whole = (line.picked_pieces or 0) + pieces
    if done and whole > at_most(line, scan.terms):
        return _told(Outcome.ALREADY_DONE, line)
    if line.marked and scanned.mark is None:
        return _told(Outcome.MATCHED, line, Hint.MARK_REQUIRED)
    return Meaning(
        Outcome.MATCHED,
        line.id,
        ev.LinePicked(line.id, whole, _marks(scanned, line)),
        pieces=pieces,
        notice=Notice.ITEM_ALREADY_COMPLETE if done else None,
        sku=line.external_id,
        name=line.name,
        expires=scanned.expires,
    )


def _marks(scanned: Scanned, line: Line) -> tuple[str, ...]:
    """The line's marks with the scanned one. Unmarked goods may carry one all the same, and then it
    is kept, if it is whole: a maker's own serial number is none."""
    if scanned.mark is None:
        return line.marks
    if not line.marked:
        try:
            parse(scanned.mark)
        except Refused:
            return line.marks
    return (*line.marks, scanned.mark)


def _pieces_for(kopecks: int | None, line: Line) -> int:
    """A price label counts several pieces only when it is exactly their price."""
    if not kopecks or not line.price or kopecks % line.price:
        return 1
    return kopecks // line.price
