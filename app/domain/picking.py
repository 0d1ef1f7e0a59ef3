"""What a picker's verbs do to a line. Absolute quantities only: a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.domain import events as ev
from app.domain.order import Line, LineState, Order, Unit
from app.domain.quantity import DEFAULT, MAX_GRAMS, MAX_PIECES, Tolerance
from app.domain.refusals import Code, Notice, Refused
from app.domain.terms import Terms


def find(order: Order, line_id: UUID) -> Line:
    """The line, or a refusal."""
    line = order.line(line_id)
    if line is None:
        raise Refused(Code.LINE_NOT_FOUND, line_id=str(line_id))
    return line


def pick(order: Order, event: ev.LinePicked, _terms: Terms) -> Line:
    """So many pieces are in the basket; all of them closes the line."""
    line = find(order, event.line_id)
    if line.unit is Unit.WEIGHT:
        raise Refused(Code.WRONG_UNIT, expected="grams")
    _in_range(event.pieces, MAX_PIECES, least=0)
    if event.pieces > line.requested_pieces:
        raise Refused(Code.QTY_OVER_REQUESTED, requested=line.requested_pieces)
    _check_marks(order, line, event.marks, event.pieces)
    whole = event.pieces == line.requested_pieces
    return replace(
        line,
        state=LineState.PICKED if whole else LineState.TODO,
        picked_pieces=event.pieces,
        marks=event.marks,
        reason=None,
        shelf_empty=False,
    )


def weigh(order: Order, event: ev.LineWeighed, terms: Terms) -> Line:
    """So many grams are in the basket; a weight within the hard limits closes the line."""
    line = find(order, event.line_id)
    requested = line.requested_grams
    if requested is None:
        raise Refused(Code.WRONG_UNIT, expected="pieces")
    _in_range(event.grams, MAX_GRAMS, least=1)
    least, most = terms.shop.tolerance(line.category).hard(requested)
    if event.grams > most or (event.grams < least and event.source != "label"):
        raise Refused(Code.WEIGHT_OUT_OF_HARD_LIMIT, min=least, max=most, given=event.grams)
    pieces = line.requested_pieces if event.pieces is None else event.pieces
    _in_range(pieces, MAX_PIECES, least=0)
    return replace(
        line,
        # Labels add up: the first pack of two is below the limit and leaves the line open.
        state=LineState.PICKED if event.grams >= least else LineState.TODO,
        picked_grams=event.grams,
        picked_pieces=pieces,
        reason=None,
        shelf_empty=False,
    )


def short(order: Order, event: ev.LineShort, _terms: Terms) -> Line:
    """Less than ordered was found, and why; none at all is a drop, not a short."""
    line = find(order, event.line_id)
    _reasoned(event.reason)
    requested = line.requested_grams or line.requested_pieces
    _in_range(event.quantity, MAX_GRAMS, least=1)
    if event.quantity >= requested:
        raise Refused(Code.QTY_OVER_REQUESTED, requested=requested, hint="pick or weigh it")
    weighed = line.unit is Unit.WEIGHT
    marks = line.marks if event.marks is None else event.marks
    if not weighed:
        _check_marks(order, line, marks, event.quantity)
    return replace(
        line,
        state=LineState.SHORT,
        picked_grams=event.quantity if weighed else None,
        picked_pieces=line.requested_pieces if weighed else event.quantity,
        marks=marks,
        reason=event.reason,
        shelf_empty=event.shelf_empty,
    )


def drop(order: Order, event: ev.LineDropped, _terms: Terms) -> Line:
    """Nothing was found; what was scanned goes back, and its marks are free again."""
    line = find(order, event.line_id)
    _reasoned(event.reason)
    return replace(
        line,
        state=LineState.DROPPED,
        picked_pieces=0,
        picked_grams=None if line.unit is Unit.PIECE else 0,
        marks=(),
        reason=event.reason,
        shelf_empty=event.shelf_empty,
    )


OUTCOMES: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Line]]] = {
    ev.LinePicked: pick,
    ev.LineWeighed: weigh,
    ev.LineShort: short,
    ev.LineDropped: drop,
}


def complete(order: Order) -> Order:
    """Fix the composition and its total; every line must have its outcome."""
    still_open = [
        line.id for line in order.lines if line.state in (LineState.TODO, LineState.PROPOSED)
    ]
    if still_open:
        raise Refused(Code.LINES_NOT_CLOSED, line_ids=[str(id_) for id_ in still_open])
    return replace(order, final_total=sum(line.total() for line in order.lines))


def nothing_found(order: Order) -> bool:
    """Whether every line is closed and none has goods: there is nothing to deliver."""
    found = (LineState.TODO, LineState.PROPOSED, LineState.PICKED, LineState.SHORT)
    return not any(line.state in found for line in order.lines)


def warning(line: Line, tolerance: Tolerance = DEFAULT) -> Notice | None:
    """What the picker should know about a weight that was accepted."""
    if line.state is not LineState.PICKED or line.requested_grams is None:
        return None
    least, most = tolerance.soft(line.requested_grams)
    grams = line.picked_grams or 0
    if grams > most:
        return Notice.WEIGHT_OVER_SOFT_LIMIT
    return Notice.WEIGHT_UNDER_SOFT_LIMIT if grams < least else None


def _in_range(value: int, most: int, *, least: int) -> None:
    if not least <= value <= most:
        raise Refused(Code.INVALID_QUANTITY, min=least, max=most, given=value)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused(Code.REASON_REQUIRED)


def _check_marks(order: Order, line: Line, marks: tuple[str, ...], pieces: int) -> None:
    """One mark is one unit, in the whole order."""
    if line.marked and len(marks) != pieces:
        raise Refused(Code.MARK_REQUIRED, line_id=str(line.id), needed=pieces, given=len(marks))
    elsewhere = {mark for other in order.lines if other.id != line.id for mark in other.marks}
    if len(set(marks)) != len(marks) or elsewhere & set(marks):
        raise Refused(Code.MARK_ALREADY_USED, line_id=str(line.id))
