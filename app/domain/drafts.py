"""From what a marketplace describes to an order of ours, and what a later description changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from app.domain.goods import Product, Restriction
from app.domain.order import (
    GONE,
    WITHDRAWN,
    Draft,
    DraftLine,
    Line,
    LineState,
    Order,
    OrderState,
    Unit,
)
from app.domain.picking import restricted
from app.domain.terms import Terms

_WITH_GOODS: Final = (LineState.PICKED, LineState.SHORT)
#: From the mildest to the hardest.
_STRICTNESS: Final = (Restriction.NONE, Restriction.PICKUP_ONLY, Restriction.BLOCKED)


def new_line(draft: DraftLine, position: int, terms: Terms) -> Line:
    """A new line; unknown goods are picked like known ones, without barcodes and place."""
    draft = weighed(draft, terms)
    product = terms.products.get(draft.external_id, Product())
    return Line(
        id=terms.new_id(),
        position=position,
        external_id=draft.external_id,
        name=draft.name,
        unit=draft.unit,
        price=draft.price,
        requested_pieces=draft.pieces,
        requested_grams=draft.grams,
        unit_grams=draft.unit_grams,
        wish=draft.wish,
        wish_skus=draft.wish_skus,
        list_price=draft.list_price,
        ref=draft.ref,
        **_limits(draft, product),
        **traits(product, draft.unit),
    )


def weighed(draft: DraftLine, terms: Terms) -> DraftLine:
    """What a marketplace counts and the catalogue weighs is weighed, where a piece has a weight."""
    product = terms.products.get(draft.external_id, Product())
    if draft.if_weighed is None or product.unit_grams is None or draft.unit is Unit.WEIGHT:
        return draft
    grams, each = draft.pieces * draft.if_weighed, draft.if_weighed
    return replace(draft, unit=Unit.WEIGHT, pieces=1, grams=grams, unit_grams=each)


def _limits(draft: DraftLine, product: Product) -> dict[str, Any]:
    """The stricter of what the marketplace and the catalogue say."""
    return {
        "restriction": max(draft.restriction, product.restriction, key=_STRICTNESS.index),
        "min_age": max(draft.min_age or 0, product.min_age or 0) or None,
    }


def traits(product: Product, unit: Unit) -> dict[str, Any]:
    """What a line takes over from the catalogue, whoever asked for it."""
    return {
        "barcodes": product.barcodes,
        "plu": product.plu,
        "vat": product.vat,
        "marked": product.marked and unit is Unit.PIECE,
        "category": product.category,
        "temperature": product.temperature,
        "place": product.place,
        "photo_url": product.photo_url,
    }


@dataclass(frozen=True, slots=True)
class Home:
    """Where a new order belongs, and its name there."""

    store_id: UUID
    account_id: UUID
    number: str
    trace_id: str


def place(draft: Draft, home: Home, terms: Terms) -> Order:
    """A new order, received and promised to nobody yet."""
    lines = tuple(new_line(line, n, terms) for n, line in enumerate(draft.lines, 1))
    fresh = Order(
        id=terms.new_id(),
        store_id=home.store_id,
        account_id=home.account_id,
        number=home.number,
        external_id=draft.external_id,
        external_uuid=draft.external_uuid,
        state=OrderState.RECEIVED,
        lines=lines,
        due_at=draft.due_at,
        requested_total=draft.requested_total,
        payment_methods=draft.payment_methods,
        business=draft.business,
        currency=draft.currency,
        trace_id=home.trace_id,
    )
    return _with_wishes(fresh, draft)


def change(order: Order, draft: Draft, terms: Terms) -> Order:
    """What a changed description does: the customer decides what is bought. A line that is not
    wanted any more is dropped, one that is wanted otherwise is open again, the others keep what the
    picker did. Once the composition is final, only wishes and times follow (`recomposed` orders are
    opened again first)."""
    wished = _with_wishes(order, draft)
    if order.state not in (OrderState.RECEIVED, OrderState.ACCEPTED, OrderState.PICKING):
        return wished
    lines = tuple(
        _open_again(line) if line.state in _WITH_GOODS and restricted(wished, line) else line
        for line in _merge(order.lines, draft.lines, terms)
    )
    return replace(
        wished,
        lines=lines,
        requested_total=draft.requested_total,
        agreed_total=_agreed(order, draft),
    )


def recomposed(order: Order, draft: Draft, terms: Terms) -> bool:
    """Whether a customer wants other goods than a picker has closed the order with: until it is
    ready the marketplace knows no composition, and what is not wanted must not be delivered."""
    if order.state is not OrderState.PICKED:
        return False
    after = change(replace(order, state=OrderState.PICKING), draft, terms)
    return [(x.id, x.state, x.reason) for x in after.lines] != [
        (x.id, x.state, x.reason) for x in order.lines
    ]


def _agreed(order: Order, draft: Draft) -> int | None:
    """A yes to more money was one to the order as it was."""
    sums = draft.requested_total, draft.authorised_total
    return order.agreed_total if sums == (order.requested_total, order.authorised_total) else None


def _with_wishes(order: Order, draft: Draft) -> Order:
    return replace(
        order,
        due_at=draft.due_at,
        delivery_from=draft.delivery_from,
        delivery_to=draft.delivery_to,
        planned=draft.planned,
        replacement=draft.replacement,
        comment=draft.comment,
        authorised_total=draft.authorised_total,
        pickup=draft.pickup,
        delivery_fee=order.delivery_fee if draft.delivery_fee is None else draft.delivery_fee,
        discount=order.discount if draft.discount is None else draft.discount,
    )


def _merge(
    lines: tuple[Line, ...], drafts: tuple[DraftLine, ...], terms: Terms
) -> tuple[Line, ...]:
    wanted = {draft.external_id: draft for draft in drafts}
    kept = [
        _follow(line, wanted.pop(line.external_id, None), terms)
        if line.replaces is None
        else _make_room(line, wanted)
        for line in lines
    ]
    first = len(kept) + 1
    return (*kept, *(new_line(draft, first + n, terms) for n, draft in enumerate(wanted.values())))


def come_to_nothing(line: Line, reason: str) -> Line:
    """A line of which nothing is wanted any more; its marks are free."""
    return replace(
        line,
        state=LineState.DROPPED,
        reason=reason,
        picked_pieces=0,
        picked_grams=None,
        marks=(),
        mark_uses=(),
        override_by=None,
        decide_by=None,
    )


def _make_room(line: Line, wanted: Mapping[str, DraftLine]) -> Line:
    """A replacement is ours and in no description; goods the customer now orders themselves are
    another line."""
    if line.external_id in wanted and line.reason != WITHDRAWN:
        return come_to_nothing(line, WITHDRAWN)
    return line


def _follow(line: Line, draft: DraftLine | None, terms: Terms) -> Line:
    """A line as the customer now wants it; what a picker did to an unchanged one stays."""
    if draft is None:
        return come_to_nothing(line, GONE)
    draft = weighed(draft, terms)
    product = terms.products.get(line.external_id, Product())
    line = replace(
        line,
        wish=draft.wish,
        wish_skus=draft.wish_skus,
        list_price=draft.list_price,
        ref=draft.ref,
        **_limits(draft, product),
    )
    wanted = replace(
        line,
        unit=draft.unit,
        price=draft.price,
        requested_pieces=draft.pieces,
        requested_grams=draft.grams,
        unit_grams=draft.unit_grams,
    )
    if wanted == line and line.reason != GONE:
        return line
    if wanted.unit is not line.unit:
        wanted = replace(wanted, marked=product.marked and wanted.unit is Unit.PIECE)
    return _open_again(wanted)


def _open_again(line: Line) -> Line:
    return replace(
        line,
        state=LineState.TODO,
        reason=None,
        shelf_empty=False,
        picked_pieces=None,
        picked_grams=None,
        marks=(),
        mark_uses=(),
        override_by=None,
        decide_by=None,
    )
