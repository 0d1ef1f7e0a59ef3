"""What a customer agreed to pay: a replacement costs more only when somebody was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.domain import events as ev
from app.domain.order import Line, LineState, Order
from app.domain.standing import settle, with_lines
from app.domain.sums import authorised, may_cost
from app.domain.terms import Terms


def agreed(before: Order, after: Order, terms: Terms) -> bool:
    """Whether the order costs no more than the customer agreed to, or no more than it did."""
    cost = may_cost(settle(after, terms.shop))
    return cost <= authorised(before, terms.rules) or cost <= may_cost(before)


def with_consent(order: Order, terms: Terms) -> Order:
    """Somebody said yes to the order as it is: its sum is agreed to."""
    cost = may_cost(order)
    return replace(order, agreed_total=cost) if cost > authorised(order, terms.rules) else order


def ask_anew(before: Order, after: Order, event: ev.Event, terms: Terms) -> Order:
    """Replacements were taken at once because there was room for them in the sum. When the room is
    needed again, the customer is asked about them after all, the newest first. What customers
    change themselves they know."""
    if isinstance(event, ev.Changed):
        return after
    limit = max(authorised(after, terms.rules), may_cost(before))
    for line in _newest_first(after):
        if may_cost(after) <= limit:
            break
        asked = settle(with_lines(after, proposed(line, decision_due(terms))), terms.shop)
        after = asked if may_cost(asked) < may_cost(after) else after
    return after


def proposed(line: Line, until: datetime) -> Line:
    """A line for which others are offered."""
    return replace(line, state=LineState.PROPOSED, decide_by=until)


def decision_due(terms: Terms) -> datetime:
    """Until when a customer who is asked now may answer."""
    return terms.now + timedelta(minutes=terms.rules.decide_minutes)


def _newest_first(order: Order) -> list[Line]:
    replaced = [line for line in order.lines if line.state is LineState.REPLACED]
    age = {line.replaces: line.position for line in order.wanted() if line.replaces}
    return sorted(replaced, key=lambda line: age.get(line.id, 0), reverse=True)
