"""Replacements: others stand for a line that is never overwritten. Applied or proposed, as the
customer wishes; `settle` keeps both sides in step whatever else happens to either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.drafts import come_to_nothing
from app.domain.order import (
    GONE,
    WITHDRAWN,
    Line,
    LineState,
    Order,
    OrderState,
    Unit,
)
from app.domain.picking import find
from app.domain.refusals import Code, Notice, Refused
from app.domain.substitute import check_price, in_basket, new_line, said, stands
from app.domain.sums import authorised, may_cost
from app.domain.terms import Terms
from app.domain.wish import POLICY, preference

#: Lines that others stand for, or are proposed to.
STOOD_FOR: Final = (LineState.PROPOSED, LineState.REPLACED)
#: Why a line was left out: nobody said yes in time.
NO_ANSWER: Final = "no_answer"


def replace_line(order: Order, event: rep.LineReplaced, terms: Terms) -> Order:
    """Let others stand for a line, at once or when the customer agrees; what stood for it before
    comes to nothing. The same again changes nothing."""
    line = find(order, event.line_id)
    _may_be_replaced(line)
    if not event.reason.strip():
        raise Refused(Code.REASON_REQUIRED)
    before = order.replacements(line.id)
    bare = _with(order, *(come_to_nothing(each, WITHDRAWN) for each in before))
    asked = bare
    for substitute in event.substitutes:
        asked = in_basket(new_line(asked, line, substitute, terms), substitute, terms)
    new = asked.replacements(line.id)
    check_price(line, new, terms.rules)
    if _same(before, new, event) and line.reason == event.reason:
        return order
    applied = _with(asked, _replaced(line, event))
    if _at_once(order, line, new) and _agreed(order, applied, terms):
        return settle(applied)
    until = terms.now + timedelta(minutes=terms.rules.decide_minutes)
    return settle(_with(asked, _proposed(line, event, until=until)))


def decided(order: Order, event: rep.ReplacementDecided, _terms: Terms) -> Order:
    """Somebody who may say so said yes or no; an answer to a closed question changes nothing."""
    line = find(order, event.line_id)
    if line.state is not LineState.PROPOSED or line.replaces is not None:
        return order
    return settle(_with(order, stood_for(line) if event.approved else reopened(line)))


def answered(order: Order, event: rep.ReplacementAnswered, terms: Terms) -> Order:
    """The same from the marketplace, which names goods and not our lines."""
    for line in order.lines:
        if line.external_id == event.external_id and line.replaces is None:
            ours = rep.ReplacementDecided(line.id, event.approved, "marketplace")
            return decided(order, ours, terms)
    return order


def expired(order: Order, event: rep.ReplacementExpired, terms: Terms) -> Order:
    """Nobody answered in time: the customer's wish says what silence means, but it is never a yes
    to more than was agreed."""
    line = find(order, event.line_id)
    due = line.decide_by is not None and line.decide_by <= terms.now
    if line.state is not LineState.PROPOSED or line.replaces is not None or not due:
        return order
    applied = settle(_with(order, stood_for(line)))
    if POLICY[preference(order, line)].silence and _agreed(order, applied, terms):
        return applied
    return settle(_with(order, _left_out(line)))


def withdrawn(order: Order, event: rep.ReplacementWithdrawn, _terms: Terms) -> Order:
    """A picker takes a replacement back: one of several by its own line, all by the original's."""
    line = find(order, event.line_id)
    if line.replaces is not None:
        return settle(_with(order, come_to_nothing(line, WITHDRAWN)))
    return settle(_with(order, reopened(line))) if line.state in STOOD_FOR else order


OUTCOMES: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Order]]] = {
    rep.LineReplaced: replace_line,
    rep.ReplacementDecided: decided,
    rep.ReplacementAnswered: answered,
    rep.ReplacementExpired: expired,
    rep.ReplacementWithdrawn: withdrawn,
}


def settle(order: Order) -> Order:
    """Both sides in step: what stands for a line that needs nobody comes to nothing, and a line for
    which nobody stands any more is open again. Pure and its own repeat."""
    if not any(line.replaces or line.state in STOOD_FOR for line in order.lines):
        return order
    originals = {line.id: line for line in order.lines if line.replaces is None}
    kept = _with(
        order,
        *(_in_step(line, originals[line.replaces]) for line in order.lines if line.replaces),
    )
    return _with(kept, *(_settled(line, kept) for line in kept.lines))


def stop_asking(order: Order) -> Order:
    """An order that left picking asks nobody any more."""
    if order.state is OrderState.PICKING:
        return order
    return _with(order, *(replace(line, decide_by=None) for line in order.lines if line.decide_by))


def notice(order: Order, event: ev.Event) -> Notice | None:
    """What a picker should know of a replacement that was asked for or decided."""
    line = order.line(event.line_id) if isinstance(event, rep.ReplacementEvent) else None
    if line is None:
        return None
    if isinstance(event, rep.LineReplaced) and line.state is LineState.PROPOSED:
        return Notice.REPLACEMENT_PROPOSED
    if isinstance(event, rep.ReplacementDecided) and not _as_decided(line, approved=event.approved):
        return Notice.ANSWER_TOO_LATE
    return None


def stood_for(line: Line) -> Line:
    """A line whose place others took: nothing of it is in the basket, its marks are free."""
    return replace(
        line, state=LineState.REPLACED, picked_pieces=None, picked_grams=None, marks=(),
        mark_uses=(), override_by=None, decide_by=None,
    )  # fmt: skip


def reopened(line: Line) -> Line:
    """A line that is to be picked after all; what was found of it counts on."""
    whole = line.unit is Unit.PIECE and line.picked_pieces == line.requested_pieces
    return replace(
        line,
        state=LineState.PICKED if whole else LineState.TODO,
        reason=None,
        shelf_empty=False,
        decide_by=None,
    )


def _may_be_replaced(line: Line) -> None:
    if line.replaces is not None:
        raise Refused(
            Code.REPLACEMENT_NOT_ALLOWED, because="is_replacement", line_id=str(line.replaces)
        )
    if line.reason == GONE:
        raise Refused(Code.REPLACEMENT_NOT_ALLOWED, because=GONE, line_id=str(line.id))


def _at_once(order: Order, line: Line, new: tuple[Line, ...]) -> bool:
    wish = preference(order, line)
    policy = POLICY[wish]
    if policy.others is None:
        raise Refused(Code.REPLACEMENT_NOT_ALLOWED, because="preference", preference=str(wish))
    return policy.others or all(each.external_id in line.wish_skus for each in new)


def _agreed(before: Order, after: Order, terms: Terms) -> bool:
    """Whether the order costs no more than the customer agreed to, or no more than it did."""
    cost = may_cost(settle(after))
    return cost <= authorised(before, terms.rules) or cost <= may_cost(before)


def _replaced(line: Line, event: rep.LineReplaced) -> Line:
    return replace(stood_for(line), reason=event.reason, shelf_empty=event.shelf_empty)


def _proposed(line: Line, event: rep.LineReplaced, *, until: datetime) -> Line:
    return replace(
        line, state=LineState.PROPOSED, reason=event.reason, shelf_empty=event.shelf_empty,
        decide_by=until,
    )  # fmt: skip


def _left_out(line: Line) -> Line:
    """Not replaced and not found, or found in part."""
    again = reopened(line)
    if again.state is LineState.PICKED:
        return again
    if line.picked_grams if line.unit is Unit.WEIGHT else line.picked_pieces:
        return replace(line, state=LineState.SHORT, reason=NO_ANSWER, decide_by=None)
    return replace(come_to_nothing(line, NO_ANSWER), shelf_empty=line.shelf_empty)


def _settled(line: Line, order: Order) -> Line:
    if line.replaces is None and line.state in STOOD_FOR and not order.replacements(line.id):
        return reopened(line)
    if line.decide_by is not None and line.state is not LineState.PROPOSED:
        return replace(line, decide_by=None)
    return line


def _in_step(line: Line, original: Line) -> Line:
    """A replacement as its original's state has it."""
    if line.state is LineState.DROPPED or original.state not in STOOD_FOR:
        return line if line.reason == WITHDRAWN else come_to_nothing(line, WITHDRAWN)
    if original.state is LineState.PROPOSED:
        return replace(line, state=LineState.PROPOSED)
    return stands(line)


def _as_decided(line: Line, *, approved: bool) -> bool:
    if approved:
        return line.state is LineState.REPLACED
    return line.state not in STOOD_FOR


def _same(before: tuple[Line, ...], new: tuple[Line, ...], event: rep.LineReplaced) -> bool:
    """Whether the same goods stand there already; where the picker says what is in the basket, as
    much of them too."""
    return len(before) == len(new) and all(
        _facts(old, basket=said(asked)) == _facts(now, basket=said(asked))
        for old, now, asked in zip(before, new, event.substitutes, strict=True)
    )


def _facts(line: Line, *, basket: bool) -> tuple[object, ...]:
    ordered = line.external_id, line.requested_pieces, line.requested_grams
    return (*ordered, line.picked_pieces, line.picked_grams, line.marks) if basket else ordered


def _with(order: Order, *changed: Line) -> Order:
    """The order with these lines as they now are."""
    new = {line.id: line for line in changed}
    return replace(order, lines=tuple(new.get(line.id, line) for line in order.lines))
