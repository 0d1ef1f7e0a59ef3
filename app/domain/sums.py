"""What an order costs: as ordered, as found, and as it may become; what the customer agreed to."""

from __future__ import annotations

from app.domain.money import by_weight
from app.domain.order import Line, LineState, Order
from app.domain.shop import AccountRules


def as_ordered(line: Line) -> int:
    """Kopecks for all of a line, as it was asked for."""
    if line.unit_grams is not None:
        return by_weight(line.price, line.requested_grams or 0, line.unit_grams)
    return line.price * line.requested_pieces


def found(order: Order) -> int:
    """Kopecks for what is in the basket and counts."""
    return sum(line.total() for line in order.lines)


def may_cost(order: Order) -> int:
    """The most kopecks the order comes to as it stands: what is open, missing or asked about may
    still be found as ordered; what was replaced costs what stands for it."""
    return sum(_may_cost(line) for line in order.wanted())


def authorised(order: Order, rules: AccountRules) -> int:
    """Kopecks of goods the customer agreed to: what the marketplace says, else a share of the
    request; more once somebody said yes to more. Goods are counted by their lines' prices, so what
    comes off the whole order is added; what the delivery costs buys no goods."""
    held = order.authorised_total
    if held is None:
        held = order.requested_total * rules.authorised_percent // 100
    return max(held + order.discount, order.agreed_total or 0)


def _may_cost(line: Line) -> int:
    if line.state is LineState.REPLACED:
        return 0
    if line.replaces is not None and line.state is LineState.PROPOSED:
        return 0  # the line it would stand for counts until then
    return max(as_ordered(line), line.total())
