"""One line that stands for another: made from the catalogue, put into the basket, and its price."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.drafts import traits
from app.domain.goods import Product
from app.domain.order import WITHDRAWN, Line, Order, Unit
from app.domain.picking import OUTCOMES, restricted
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.domain.refusals import Code, Refused
from app.domain.shop import AccountRules
from app.domain.sums import as_ordered
from app.domain.terms import Terms

#: Fewest and most of anything that may stand for a line.
_PIECES: Final = (1, MAX_PIECES)
_GRAMS: Final = (1, MAX_GRAMS)


def new_line(order: Order, line: Line, substitute: rep.Substitute, terms: Terms) -> Order:
    """The order with one line more, open, that stands for `line`; Refused for goods that may not.

    Without an amount it is as much as was ordered of the original, to be found yet.
    """
    product = terms.products.get(substitute.sku)
    if product is None:
        raise Refused(Code.UNKNOWN_CODE, sku=substitute.sku)
    _may_stand(order, substitute.sku, product)
    unit = Unit.PIECE if product.unit_grams is None else Unit.WEIGHT
    pieces, grams = _amounts(line, substitute, unit)
    assert product.price is not None  # asked above
    new = Line(
        id=terms.new_id(),
        position=max(each.position for each in order.lines) + 1,
        external_id=substitute.sku,
        name=product.name or substitute.sku,
        unit=unit,
        price=product.price,
        requested_pieces=pieces,
        requested_grams=grams,
        unit_grams=product.unit_grams,
        replaces=line.id,
        min_age=product.min_age,
        restriction=product.restriction,
        **traits(product, unit),
    )
    if restricted(order, new):
        raise Refused(Code.ITEM_RESTRICTED, sku=new.external_id, restriction=str(new.restriction))
    return replace(order, lines=(*order.lines, new))


def in_basket(order: Order, substitute: rep.Substitute, terms: Terms) -> Order:
    """The newest line picked as far as the picker says, by the very rules of picking."""
    line = order.lines[-1]
    if not said(substitute):
        return order
    event: ev.LineEvent
    if line.unit is Unit.WEIGHT:
        if substitute.grams is None:  # so many pieces that nobody weighed yet
            return _unweighed(order, substitute)
        event = ev.LineWeighed(
            line.id,
            line.requested_grams or 0,
            line.requested_pieces,
            marks=substitute.marks,
            uses=substitute.uses,
        )
    else:
        event = ev.LinePicked(line.id, line.requested_pieces, substitute.marks, substitute.uses)
    picked = OUTCOMES[type(event)](order, event, terms)
    return replace(order, lines=(*order.lines[:-1], picked))


def said(substitute: rep.Substitute) -> bool:
    """Whether the picker said what is in the basket."""
    return (substitute.pieces, substitute.grams, substitute.marks) != (None, None, ())


def _unweighed(order: Order, substitute: rep.Substitute) -> Order:
    if substitute.marks:
        raise Refused(Code.INVALID_QUANTITY, expected="grams", sku=substitute.sku)
    return order


def check_price(line: Line, new: tuple[Line, ...], rules: AccountRules) -> None:
    """Refuse what costs more than the account's rule lets it."""
    if rules.replacement_price == "any" or not _dearer(line, new):
        return
    raise Refused(
        Code.REPLACEMENT_NOT_ALLOWED,
        because="dearer",
        price=line.price,
        given=[each.price for each in new],
    )


def _dearer(line: Line, new: tuple[Line, ...]) -> bool:
    """By the unit, or the gram, when one stands for one of its kind; else by the whole."""
    if len(new) == 1 and new[0].unit is line.unit:
        other = new[0]
        return other.price * (line.unit_grams or 1) > line.price * (other.unit_grams or 1)
    return sum(map(as_ordered, new)) > as_ordered(line)


def _may_stand(order: Order, sku: str, product: Product) -> None:
    # A marketplace names positions by SKU: one that is there already is picked there.
    same = next((x for x in order.lines if x.external_id == sku and x.reason != WITHDRAWN), None)
    if same is not None:
        raise Refused(
            Code.REPLACEMENT_NOT_ALLOWED, because="in_order", sku=sku, line_id=str(same.id)
        )
    if not product.active or not product.available:
        why = "unavailable" if product.active else "retired"
        raise Refused(Code.REPLACEMENT_NOT_ALLOWED, because=why, sku=sku)
    if product.price is None:
        raise Refused(Code.REPLACEMENT_NOT_ALLOWED, because="no_price", sku=sku)


def _amounts(line: Line, substitute: rep.Substitute, unit: Unit) -> tuple[int, int | None]:
    """Pieces and grams of a replacement: as said, else as ordered of the original."""
    if unit is Unit.PIECE:
        if substitute.grams is not None:
            raise Refused(Code.WRONG_UNIT, expected="pieces", sku=substitute.sku)
        given = substitute.pieces
        return _within(line.requested_pieces or 1 if given is None else given, _PIECES), None
    pieces = 1 if substitute.pieces is None else substitute.pieces
    grams = line.requested_grams if substitute.grams is None else substitute.grams
    if grams is None:
        raise Refused(Code.INVALID_QUANTITY, expected="grams", sku=substitute.sku)
    return _within(pieces, _PIECES), _within(grams, _GRAMS)


def _within(value: int, limits: tuple[int, int]) -> int:
    if not limits[0] <= value <= limits[1]:
        raise Refused(Code.INVALID_QUANTITY, min=limits[0], max=limits[1], given=value)
    return value
