"""A retailer's own systems that are told what becomes of orders: which of them, and of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.order import GONE, WITHDRAWN, Order, OrderState


class EventType(StrEnum):
    """What can be told. Types may come, none ever changes its meaning."""

    PLACED = "order.placed"
    CHANGED = "order.changed"
    ACCEPTED = "order.accepted"
    PICKING_STARTED = "order.picking_started"
    PICKED = "order.picked"
    READY = "order.ready"
    HANDED_OVER = "order.handed_over"
    DELIVERED = "order.delivered"
    CANCELLED = "order.cancelled"
    RETURNED = "order.returned"
    DOCUMENT_ISSUED = "document.issued"
    TEST = "hub.test"  #: when somebody tries a subscription; nobody chooses it


#: What a subscription may choose from.
CHOSEN: Final = tuple(type_ for type_ in EventType if type_ is not EventType.TEST)
#: What reaching a state tells.
REACHED: Final[Mapping[OrderState, EventType]] = {
    OrderState.ACCEPTED: EventType.ACCEPTED,
    OrderState.PICKING: EventType.PICKING_STARTED,
    OrderState.PICKED: EventType.PICKED,
    OrderState.READY: EventType.READY,
    OrderState.HANDED_OVER: EventType.HANDED_OVER,
    OrderState.DELIVERED: EventType.DELIVERED,
    OrderState.REJECTED: EventType.CANCELLED,
    OrderState.CANCELLED: EventType.CANCELLED,
    OrderState.RETURNED: EventType.RETURNED,
}
#: How long nothing but failures is borne, unless a subscription says otherwise.
USUAL_PATIENCE: Final = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Integrator:
    """A subscription. `events` and `stores` (their ids): empty for all; `secrets`: the newest
    first, what is sent is signed with each; `pause_after`: nothing but failures for so long pauses
    it."""

    id: UUID
    merchant_id: UUID
    code: str
    url: str
    name: str = ""
    events: frozenset[EventType] = frozenset()
    stores: frozenset[UUID] = frozenset()
    parallel: int = 4
    pause_after: timedelta = USUAL_PATIENCE
    active: bool = True
    removed: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


def told(before: Order, after: Order) -> tuple[tuple[EventType, Order], ...]:
    """What a change of an order tells, in this order, each with the order as it was then. An order
    is placed and accepted in one transaction: with its first step it is told that it was placed."""
    found = []
    if before.state is OrderState.RECEIVED is not after.state:
        found.append((EventType.PLACED, before))
    if _agreed(before) != _agreed(after):
        found.append((EventType.CHANGED, after))
    if before.state is not after.state:
        found.append((REACHED[after.state], after))
    return tuple(found)


def _agreed(order: Order) -> tuple[Any, ...]:
    """What the customer and the marketplace have agreed on: not what a picker makes of it."""
    lines = tuple(
        (
            line.external_id,
            line.requested_pieces,
            line.requested_grams,
            line.price,
            line.reason == GONE,
        )
        for line in order.lines
        if line.replaces is None and line.reason != WITHDRAWN
    )
    terms = (order.due_at, order.delivery_from, order.delivery_to, order.planned, order.pickup)
    money = (
        order.requested_total,
        order.paid,
        order.paid_total,
        order.delivery_fee,
        order.discount,
    )
    return lines, terms, money, order.replacement
