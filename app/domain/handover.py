"""Handing an order over: the right courier, all the bags, the receiver's age, what was refused.
Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from app.domain import bags
from app.domain import events as ev
from app.domain import packing_events as pack
from app.domain.marks import plain
from app.domain.order import Line, LineState, Order, OrderState, Unit
from app.domain.refusals import Code, Refused
from app.domain.sums import found
from app.domain.terms import Terms

_WITH_GOODS: Final = (LineState.PICKED, LineState.SHORT)


def in_basket(line: Line) -> int:
    """Pieces, or grams of a weighed good, that were picked for this line."""
    return (line.picked_grams if line.unit is Unit.WEIGHT else line.picked_pieces) or 0


def age_to_check(order: Order) -> int | None:
    """The highest age among the goods in the bags; none when nobody's age matters."""
    ages = [line.min_age for line in order.lines if line.min_age and line.state in _WITH_GOODS]
    return max(ages, default=None)


def hand_over(order: Order, event: pack.HandedOver | pack.Collected, terms: Terms) -> Order:
    """The courier, or the customer in the shop, takes the bags."""
    if terms.rules.handout_code and event.courier_code != order.handout_code:
        raise Refused(Code.COURIER_CODE_WRONG)
    absent = bags.missing(order, event.codes)
    if absent:
        raise Refused(Code.BAGS_MISSING, codes=absent)
    refused = _with_refused(order, event.refused)
    _check_age(refused, event.age_check)
    if refused != order:
        refused = replace(refused, putback="due", final_total=found(refused))
    return bags.left(refused)


def _with_refused(order: Order, refused: tuple[pack.RefusedItem, ...]) -> Order:
    lines = {line.id: line for line in order.lines}
    for item in refused:
        line = lines.get(item.line_id)
        if line is None:
            raise Refused(Code.LINE_NOT_FOUND, line_id=str(item.line_id))
        if not item.reason.strip():
            raise Refused(Code.REASON_REQUIRED, line_id=str(item.line_id))
        most = in_basket(line) if line.state in _WITH_GOODS else 0
        if not 0 < item.quantity <= most:
            raise Refused(Code.INVALID_QUANTITY, line_id=str(line.id), min=1, max=most)
        kept = tuple(code for code in line.marks if code not in _units(line, item, most))
        lines[line.id] = replace(
            line,
            refused=item.quantity,
            refused_reason=item.reason,
            marks=kept,
            mark_uses=tuple(use for use in line.mark_uses if use.code in kept),
        )
    return replace(order, lines=tuple(lines.values()))


def _units(line: Line, item: pack.RefusedItem, most: int) -> tuple[str, ...]:
    """The marks of refused units: all of them with the whole line, else as they were scanned; they
    are free to be sold to somebody else."""
    if not line.marks or item.quantity == most:
        return line.marks
    units = tuple(plain(mark) for mark in item.marks)
    if len(units) != item.quantity or not set(units) <= set(line.marks):
        raise Refused(Code.MARK_REQUIRED, line_id=str(line.id), needed=item.quantity)
    return units


def _check_age(order: Order, check: str | None) -> None:
    """Goods with an age go only to a receiver whose age was checked; after a failed check all of
    them must be among the refused."""
    kept = [
        line
        for line in order.lines
        if line.min_age and line.state in _WITH_GOODS and line.refused < in_basket(line)
    ]
    if kept and check != "passed":
        ages = [line.min_age or 0 for line in kept]
        raise Refused(
            Code.AGE_CHECK_REQUIRED, age=max(ages), line_ids=[str(line.id) for line in kept]
        )


def reopen(order: Order, _event: ev.Reopened, _terms: Terms) -> Order:
    """Back to picking: the composition is not final after all."""
    return replace(order, final_total=None, reopened=True)


def put_back(order: Order, _event: pack.PutBack, _terms: Terms) -> Order:
    """The goods are on the shelves again."""
    if order.putback != "due":
        return order
    ended = order.state in (OrderState.CANCELLED, OrderState.REJECTED)
    return replace(bags.emptied(order) if ended else order, putback="done")


def called_off(order: Order) -> Order:
    """A cancelled order with goods in the basket has something to put back."""
    packed = any(in_basket(line) for line in order.lines) or bool(order.live_bags())
    return replace(order, putback="due") if packed else order


def to_put_back(order: Order) -> tuple[tuple[Line, int], ...]:
    """What goes back: all that was picked for a cancelled order, or what the receiver refused."""
    ended = order.state in (OrderState.CANCELLED, OrderState.REJECTED)
    amounts = ((line, in_basket(line) if ended else line.refused) for line in order.lines)
    return tuple((line, amount) for line, amount in amounts if amount)


APPLY: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Order]]] = {
    pack.HandedOver: hand_over,
    pack.Collected: hand_over,
    ev.Reopened: reopen,
    pack.PutBack: put_back,
}
