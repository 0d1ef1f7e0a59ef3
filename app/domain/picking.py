"""What a picker's verbs do to a line. Absolute quantities only: a repeat changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.domain import events as ev
from app.domain import marks
from app.domain.goods import Restriction
from app.domain.order import GONE, WITHDRAWN, Line, LineState, MarkUse, Order, Unit
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.domain.reasons import RESTRICTED
from app.domain.refusals import Code, Refused
from app.domain.terms import Terms

#: What may be asked of a line; who holds the order and that it is being picked is for others.
_VERBS: Final = {Unit.PIECE: ("pick", "short", "drop"), Unit.WEIGHT: ("weigh", "short", "drop")}
#: A line with one of these reasons is not in the order any more.
_LEFT: Final = (GONE, WITHDRAWN)


def find(order: Order, line_id: UUID) -> Line:
    """The line, or a refusal."""
    line = order.line(line_id)
    if line is None:
        raise Refused(Code.LINE_NOT_FOUND, line_id=str(line_id))
    return line


def pick(order: Order, event: ev.LinePicked, terms: Terms) -> Line:
    """So many pieces are in the basket; all of them closes the line."""
    line = _wanted(order, event.line_id)
    if line.unit is Unit.WEIGHT:
        raise Refused(Code.WRONG_UNIT, expected="grams")
    _may_be_sold(order, line)
    _in_range(event.pieces, MAX_PIECES, least=0)
    most = at_most(line, terms)
    if event.pieces > most:
        raise Refused(Code.QTY_OVER_REQUESTED, requested=line.requested_pieces, max=most)
    whole = event.pieces >= line.requested_pieces
    return replace(
        _with_marks(order, line, event.marks, event.uses, event.pieces),
        state=LineState.PICKED if whole else LineState.TODO,
        picked_pieces=event.pieces,
        reason=None,
        shelf_empty=False,
    )


def weigh(order: Order, event: ev.LineWeighed, terms: Terms) -> Line:
    """So many grams are in the basket; a weight within the hard limits, or one that a supervisor
    lets pass, closes the line."""
    line = _wanted(order, event.line_id)
    requested = line.requested_grams
    if requested is None:
        raise Refused(Code.WRONG_UNIT, expected="pieces")
    _may_be_sold(order, line)
    _in_range(event.grams, MAX_GRAMS, least=1)
    least, most = terms.shop.tolerance(line.category).hard(requested)
    within = least <= event.grams <= most
    # Labels add up: the first pack of two is below the limit and leaves the line open.
    adds_up = event.source == "label" and event.grams < least
    if not (within or adds_up or event.override_by):
        raise Refused(Code.WEIGHT_OUT_OF_HARD_LIMIT, min=least, max=most, given=event.grams)
    pieces = line.requested_pieces if event.pieces is None else event.pieces
    _in_range(pieces, MAX_PIECES, least=0)
    if event.marks is not None:
        line = _with_marks(order, line, event.marks, event.uses, MAX_PIECES)
    return replace(
        line,
        state=LineState.PICKED if within or event.override_by else LineState.TODO,
        picked_grams=event.grams,
        picked_pieces=pieces,
        reason=None,
        shelf_empty=False,
        override_by=None if within else event.override_by,
    )


def short(order: Order, event: ev.LineShort, _terms: Terms) -> Line:
    """Less than ordered was found, and why; none at all is a drop, not a short."""
    line = _wanted(order, event.line_id)
    _reasoned(event.reason)
    _may_be_sold(order, line)
    requested = line.requested_grams or line.requested_pieces
    _in_range(event.quantity, MAX_GRAMS, least=1)
    if event.quantity >= requested:
        raise Refused(Code.QTY_OVER_REQUESTED, requested=requested, hint="pick or weigh it")
    weighed = line.unit is Unit.WEIGHT
    given = line.marks if event.marks is None else event.marks
    if not weighed:
        line = _with_marks(order, line, given, event.uses, event.quantity)
    return replace(
        line,
        state=LineState.SHORT,
        picked_grams=event.quantity if weighed else None,
        picked_pieces=line.requested_pieces if weighed else event.quantity,
        reason=event.reason.strip(),
        shelf_empty=event.shelf_empty,
        override_by=None,
    )


def drop(order: Order, event: ev.LineDropped, _terms: Terms) -> Line:
    """Nothing was found; what was scanned goes back, and its marks are free again."""
    line = _wanted(order, event.line_id)
    _reasoned(event.reason)
    return replace(
        line,
        state=LineState.DROPPED,
        picked_pieces=0,
        picked_grams=None if line.unit is Unit.PIECE else 0,
        marks=(),
        mark_uses=(),
        reason=event.reason.strip(),
        shelf_empty=event.shelf_empty,
        override_by=None,
    )


OUTCOMES: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Line]]] = {
    ev.LinePicked: pick,
    ev.LineWeighed: weigh,
    ev.LineShort: short,
    ev.LineDropped: drop,
}


def complete(order: Order) -> Order:
    """Fix the composition and its total; every line must have its outcome, and every unit of
    marked goods its mark."""
    still_open = [line.id for line in order.lines if line.state is LineState.TODO]
    if still_open:
        raise Refused(Code.LINES_NOT_CLOSED, line_ids=[str(id_) for id_ in still_open])
    asked = [line for line in order.lines if line.state is LineState.PROPOSED]
    if asked:
        until = max((line.decide_by for line in asked if line.decide_by), default=None)
        raise Refused(
            Code.APPROVAL_PENDING,
            line_ids=[str(line.id) for line in asked if line.replaces is None],
            decide_by=until and until.isoformat(timespec="seconds"),
        )
    for line in order.lines:
        if line.marked and line.state in (LineState.PICKED, LineState.SHORT):
            uses = {code: line.mark_use(code) for code in line.marks}
            marks.check_count(line, line.marks, uses, line.picked_pieces or 0)
    return replace(order, final_total=sum(line.total() for line in order.lines))


def nothing_found(order: Order) -> bool:
    """Whether every line is closed and none has goods: there is nothing to deliver."""
    found = (LineState.TODO, LineState.PROPOSED, LineState.PICKED, LineState.SHORT)
    return not any(line.state in found for line in order.lines)


def at_most(line: Line, terms: Terms) -> int:
    """How many pieces may be picked: as requested, or more where the account's rules allow it."""
    return line.requested_pieces + line.requested_pieces * terms.rules.over_percent // 100


def restricted(order: Order, line: Line) -> bool:
    """Whether the goods may not be sold in this order: the line is dropped, or others stand for it
    where the customer wants that."""
    return line.restriction is Restriction.BLOCKED or (
        line.restriction is Restriction.PICKUP_ONLY and not order.pickup
    )


def verbs(order: Order, line: Line) -> tuple[str, ...]:
    """What a picker may ask of this line while the order is being picked."""
    if line.reason in _LEFT:
        return ()
    return ("drop",) if restricted(order, line) else _VERBS[line.unit]


def _wanted(order: Order, line_id: UUID) -> Line:
    """A line that counts; one that others stand for may still be found after all."""
    line = find(order, line_id)
    if line.reason in _LEFT:
        raise Refused(Code.NOT_IN_ORDER, line_id=str(line_id), reason=line.reason)
    return line


def _may_be_sold(order: Order, line: Line) -> None:
    if restricted(order, line):
        facts = {"restriction": str(line.restriction), "reason": RESTRICTED}
        raise Refused(Code.ITEM_RESTRICTED, line_id=str(line.id), **facts)


def _with_marks(
    order: Order, line: Line, codes: tuple[str, ...], uses: tuple[MarkUse, ...], pieces: int
) -> Line:
    """The line with these marks; what is known of a mark it has already is not forgotten."""
    codes = tuple(marks.plain(code) for code in codes)
    said = {use.code: use for use in (*line.mark_uses, *uses) if use.code in codes}
    marks.check_count(line, codes, said, pieces)
    marks.check(order, line, codes, said)
    kept = tuple(said[code] for code in codes if code in said)
    return replace(line, marks=codes, mark_uses=kept)


def _in_range(value: int, most: int, *, least: int) -> None:
    if not least <= value <= most:
        raise Refused(Code.INVALID_QUANTITY, min=least, max=most, given=value)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused(Code.REASON_REQUIRED)
