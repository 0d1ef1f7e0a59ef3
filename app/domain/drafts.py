"""From what a marketplace describes to an order of ours, and what a later description changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from app.domain.order import GONE, Draft, DraftLine, Line, LineState, Order, OrderState, Unit


@dataclass(frozen=True, slots=True)
class Product:
    """What our catalogue knows of goods: barcodes, tax, marks; plu is the in-store item number."""

    barcodes: tuple[str, ...] = ()
    plu: str | None = None
    vat: str = "standard"
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a decision needs from outside: known goods by SKU, and new ids."""

    products: Mapping[str, Product]
    new_id: Callable[[], UUID]

    def line(self, draft: DraftLine, position: int) -> Line:
        """A new line; unknown goods are picked like known ones, without barcodes."""
        product = self.products.get(draft.external_id, Product())
        return Line(
            id=self.new_id(),
            position=position,
            external_id=draft.external_id,
            name=draft.name,
            unit=draft.unit,
            price=draft.price,
            requested_pieces=draft.pieces,
            requested_grams=draft.grams,
            unit_grams=draft.unit_grams,
            barcodes=product.barcodes,
            plu=product.plu,
            vat=product.vat,
            marked=product.marked and draft.unit is Unit.PIECE,
        )


@dataclass(frozen=True, slots=True)
class Home:
    """Where a new order belongs, and its name there."""

    store_id: UUID
    account_id: UUID
    number: str
    trace_id: str


def place(draft: Draft, home: Home, catalogue: Catalogue) -> Order:
    """A new order, received and promised to nobody yet."""
    lines = tuple(catalogue.line(line, n) for n, line in enumerate(draft.lines, 1))
    fresh = Order(
        id=catalogue.new_id(),
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
        trace_id=home.trace_id,
    )
    return _with_wishes(fresh, draft)


def change(order: Order, draft: Draft, catalogue: Catalogue) -> Order:
    """What a changed description does: the customer decides what is bought. A line that is not
    wanted any more is dropped, one that is wanted otherwise is open again, the others keep what the
    picker did. Once the composition is final, only wishes and times follow."""
    wished = _with_wishes(order, draft)
    if order.state not in (OrderState.RECEIVED, OrderState.ACCEPTED, OrderState.PICKING):
        return wished
    lines = _merge(order.lines, draft.lines, catalogue)
    return replace(wished, lines=lines, requested_total=draft.requested_total)


def _with_wishes(order: Order, draft: Draft) -> Order:
    return replace(
        order,
        due_at=draft.due_at,
        delivery_from=draft.delivery_from,
        delivery_to=draft.delivery_to,
        planned=draft.planned,
        replacement=draft.replacement,
        comment=draft.comment,
    )


def _merge(
    lines: tuple[Line, ...], drafts: tuple[DraftLine, ...], catalogue: Catalogue
) -> tuple[Line, ...]:
    wanted = {draft.external_id: draft for draft in drafts}
    kept = [_follow(line, wanted.pop(line.external_id, None)) for line in lines]
    first = len(kept) + 1
    return (*kept, *(catalogue.line(draft, first + n) for n, draft in enumerate(wanted.values())))


def _follow(line: Line, draft: DraftLine | None) -> Line:
    """A line as the customer now wants it; what a picker did to an unchanged one stays."""
    if draft is None:
        return replace(
            line, state=LineState.DROPPED, reason=GONE, picked_pieces=0, picked_grams=None, marks=()
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
    return replace(
        wanted,
        state=LineState.TODO,
        reason=None,
        shelf_empty=False,
        picked_pieces=None,
        picked_grams=None,
        marks=(),
    )
