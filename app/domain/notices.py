"""What a picker should know of a write that was done: one notice, the most important."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, get_args

from app.domain import events as ev
from app.domain import replacing
from app.domain.order import Line, LineState, Order
from app.domain.quantity import DEFAULT, Tolerance
from app.domain.refusals import Notice
from app.domain.terms import Terms

#: Less time than this, with lines still open, is little.
SOON: Final = timedelta(minutes=10)
_ON_LINE: Final = get_args(ev.LineEvent)
_OPEN: Final = (LineState.TODO, LineState.PROPOSED)


def notice(before: Order, after: Order, event: ev.Event, terms: Terms) -> Notice | None:
    """What to say of one event of a picker's."""
    said = (ask(before, after, event, terms) for ask in _BY_IMPORTANCE)
    return next((each for each in said if each is not None), None)


def warning(line: Line, tolerance: Tolerance = DEFAULT) -> Notice | None:
    """What the picker should know about a weight that was accepted."""
    if line.state is not LineState.PICKED or line.requested_grams is None:
        return None
    least, most = tolerance.soft(line.requested_grams)
    grams = line.picked_grams or 0
    if grams > most:
        return Notice.WEIGHT_OVER_SOFT_LIMIT
    return Notice.WEIGHT_UNDER_SOFT_LIMIT if grams < least else None


def _weight(_before: Order, after: Order, event: ev.Event, terms: Terms) -> Notice | None:
    line = after.line(event.line_id) if isinstance(event, ev.LineWeighed) else None
    return warning(line, terms.shop.tolerance(line.category)) if line else None


def _unchecked(_before: Order, _after: Order, event: ev.Event, _terms: Terms) -> Notice | None:
    return Notice.MARK_UNCHECKED if getattr(event, "unchecked", False) else None


def _replacement(before: Order, after: Order, event: ev.Event, _terms: Terms) -> Notice | None:
    return replacing.notice(before, after, event)


def _complete(before: Order, after: Order, event: ev.Event, _terms: Terms) -> Notice | None:
    if not isinstance(event, _ON_LINE) or before.lines != after.lines:
        return None
    line = after.line(event.line_id)
    return Notice.ITEM_ALREADY_COMPLETE if line and line.state not in _OPEN else None


def _due(_before: Order, after: Order, event: ev.Event, terms: Terms) -> Notice | None:
    """Only words of a picker's are answered with it."""
    hurry = after.due_at - terms.now <= SOON
    unfinished = any(line.state in _OPEN for line in after.lines)
    told = isinstance(event, (*_ON_LINE, ev.Started))
    return Notice.DUE_SOON if told and hurry and unfinished else None


_Ask = Callable[[Order, Order, ev.Event, Terms], Notice | None]
_BY_IMPORTANCE: Final[tuple[_Ask, ...]] = (
    _weight, _replacement, _unchecked, _complete, _due,
)  # fmt: skip
