"""Replacements: others stand for a line that is never overwritten. Applied or proposed, as the
customer wishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.consent import agreed, decision_due, proposed, with_consent
from app.domain.drafts import come_to_nothing
from app.domain.order import (
    GONE,
    WITHDRAWN,
    Line,
    LineState,
    Order,
    Unit,
)
from app.domain.picking import find
from app.domain.refusals import Code, Notice, Refused
from app.domain.shop import Shop
from app.domain.standing import STOOD_FOR, reopened, settle, stood_for, with_lines
from app.domain.substitute import check_price, in_basket, new_line, said
from app.domain.terms import Terms
from app.domain.wish import POLICY, preference

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
    bare = with_lines(order, *(come_to_nothing(each, WITHDRAWN) for each in before))
    asked = bare
    for substitute in event.substitutes:
        asked = in_basket(new_line(asked, line, substitute, terms), substitute, terms)
    new = asked.replacements(line.id)
    check_price(line, new, terms.rules)
    if _same(before, new, event) and line.reason == event.reason:
        return order
    applied = with_lines(asked, _replaced(line, event))
    if _at_once(order, line, new) and agreed(order, applied, terms):
        return settle(applied, terms.shop)
    offered = replace(line, reason=event.reason, shelf_empty=event.shelf_empty)
    return settle(with_lines(asked, proposed(offered, decision_due(terms))), terms.shop)


def decided(order: Order, event: rep.ReplacementDecided, terms: Terms) -> Order:
    """Somebody who may say so said yes or no; an answer to a closed question changes nothing."""
    line = find(order, event.line_id)
    if line.state is not LineState.PROPOSED or line.replaces is not None:
        return order
    if not event.approved:
        return settle(with_lines(order, reopened(line, terms.shop)), terms.shop)
    return with_consent(settle(with_lines(order, stood_for(line)), terms.shop), terms)


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
    applied = settle(with_lines(order, stood_for(line)), terms.shop)
    if POLICY[preference(order, line)].silence and agreed(order, applied, terms):
        return applied
    return settle(with_lines(order, _left_out(line, terms.shop)), terms.shop)


def withdrawn(order: Order, event: rep.ReplacementWithdrawn, terms: Terms) -> Order:
    """A picker takes a replacement back: one of several by its own line, all by the original's."""
    line = find(order, event.line_id)
    if line.replaces is not None:
        return settle(with_lines(order, come_to_nothing(line, WITHDRAWN)), terms.shop)
    if line.state not in STOOD_FOR:
        return order
    return settle(with_lines(order, reopened(line, terms.shop)), terms.shop)


OUTCOMES: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Order]]] = {
    rep.LineReplaced: replace_line,
    rep.ReplacementDecided: decided,
    rep.ReplacementAnswered: answered,
    rep.ReplacementExpired: expired,
    rep.ReplacementWithdrawn: withdrawn,
}


def notice(before: Order, order: Order, event: ev.Event) -> Notice | None:
    """What a picker should know of a replacement that was asked for or decided."""
    was = {line.id for line in before.lines if line.state is LineState.REPLACED}
    if any(line.id in was and line.state is LineState.PROPOSED for line in order.lines):
        return Notice.REPLACEMENT_PROPOSED
    line = order.line(event.line_id) if isinstance(event, rep.ReplacementEvent) else None
    if line is None:
        return None
    if isinstance(event, rep.LineReplaced) and line.state is LineState.PROPOSED:
        return Notice.REPLACEMENT_PROPOSED
    if isinstance(event, rep.ReplacementDecided) and not _as_decided(line, approved=event.approved):
        return Notice.ANSWER_TOO_LATE
    return None


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


def _replaced(line: Line, event: rep.LineReplaced) -> Line:
    return replace(stood_for(line), reason=event.reason, shelf_empty=event.shelf_empty)


def _left_out(line: Line, shop: Shop) -> Line:
    """Not replaced and not found, or found in part."""
    again = reopened(line, shop)
    if again.state is LineState.PICKED:
        return again
    if line.picked_grams if line.unit is Unit.WEIGHT else line.picked_pieces:
        return replace(line, state=LineState.SHORT, reason=NO_ANSWER, decide_by=None)
    return replace(come_to_nothing(line, NO_ANSWER), shelf_empty=line.shelf_empty)


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
