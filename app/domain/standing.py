"""Lines and what stands for them, kept in step whatever happens to either side."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.domain.drafts import come_to_nothing
from app.domain.order import WITHDRAWN, Line, LineState, Order, OrderState
from app.domain.shop import Shop

#: Lines that others stand for, or are proposed to.
STOOD_FOR: Final = (LineState.PROPOSED, LineState.REPLACED)


def settle(order: Order, shop: Shop) -> Order:
    """Both sides in step: what stands for a line that needs nobody comes to nothing, and a line for
    which nobody stands any more is open again. Pure and its own repeat."""
    if not any(line.replaces or line.state in STOOD_FOR for line in order.lines):
        return order
    originals = {line.id: line for line in order.lines if line.replaces is None}
    standing = [line for line in order.lines if line.replaces]
    kept = with_lines(
        order,
        *(_in_step(line, originals[line.replaces], shop) for line in standing if line.replaces),
    )
    return with_lines(kept, *(_settled(line, kept, shop) for line in kept.lines))


def stop_asking(order: Order) -> Order:
    """An order that left picking asks nobody any more."""
    if order.state is OrderState.PICKING:
        return order
    asked = (line for line in order.lines if line.decide_by)
    return with_lines(order, *(replace(line, decide_by=None) for line in asked))


def stood_for(line: Line) -> Line:
    """A line whose place others took: nothing of it is in the basket, its marks are free."""
    return replace(
        line, state=LineState.REPLACED, picked_pieces=None, picked_grams=None, marks=(),
        mark_uses=(), override_by=None, decide_by=None,
    )  # fmt: skip


def reopened(line: Line, shop: Shop) -> Line:
    """A line that is to be picked after all; what was found of it counts on."""
    return replace(
        line,
        state=LineState.PICKED if whole(line, shop) else LineState.TODO,
        reason=None,
        shelf_empty=False,
        decide_by=None,
    )


def whole(line: Line, shop: Shop) -> bool:
    """Whether all of a line is in the basket, by the limits its weight was taken with."""
    if line.requested_grams is None:
        return line.picked_pieces is not None and line.picked_pieces >= line.requested_pieces
    if not line.picked_grams:
        return False
    least, most = shop.tolerance(line.category).hard(line.requested_grams)
    return line.override_by is not None or least <= line.picked_grams <= most


def with_lines(order: Order, *changed: Line) -> Order:
    """The order with these lines as they now are."""
    new = {line.id: line for line in changed}
    return replace(order, lines=tuple(new.get(line.id, line) for line in order.lines))


def _settled(line: Line, order: Order, shop: Shop) -> Line:
    if line.replaces is None and line.state in STOOD_FOR and not order.replacements(line.id):
        return reopened(line, shop)
    if line.decide_by is not None and line.state is not LineState.PROPOSED:
        return replace(line, decide_by=None)
    return line


def _in_step(line: Line, original: Line, shop: Shop) -> Line:
    """A replacement as its original's state has it."""
    if line.state is LineState.DROPPED or original.state not in STOOD_FOR:
        return line if line.reason == WITHDRAWN else come_to_nothing(line, WITHDRAWN)
    if original.state is LineState.PROPOSED:
        return replace(line, state=LineState.PROPOSED)
    return _stands(line, shop)


def _stands(line: Line, shop: Shop) -> Line:
    """A replacement the customer agreed to: picked if all of it is in the basket, short if that was
    said while nobody had agreed yet, else open."""
    if line.state is not LineState.PROPOSED:
        return line
    if whole(line, shop):
        return replace(line, state=LineState.PICKED)
    return replace(line, state=LineState.SHORT if line.reason else LineState.TODO)
