"""From "the order is so far" to the events that bring it there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.domain import events as ev
from app.domain.order import Draft, OrderState

_ROAD: Final = {
    OrderState.HANDED_OVER: (ev.Taken(),),
    OrderState.DELIVERED: (ev.Taken(), ev.Delivered()),
}
_OFF: Final = (OrderState.CANCELLED, OrderState.REJECTED, OrderState.RETURNED)
#: States in which the customer may still change what is bought: before a shop has begun. Where what
#: was found is told at the end, while it is picked, too.
OPEN: Final = (OrderState.RECEIVED, OrderState.ACCEPTED)


def up_to(
    draft: Draft,
    state: OrderState,
    *,
    paid: bool,
    total: int | None,
    reason: str,
    open_: Sequence[OrderState] = OPEN,
) -> Sequence[ev.MarketplaceEvent]:
    """Placed, then what has happened since; all of it may be old news. In `open_` states the
    composition is the customer's, not what was found: there also as it is now. `total`: kopecks the
    customer was charged, if said."""
    events: list[ev.MarketplaceEvent] = [ev.Placed(draft)]
    if state in open_:
        events.append(ev.Changed(draft))
    if paid:
        events.append(ev.Paid(total))
    events += _ROAD.get(state, ())
    if state in _OFF:
        events.append(ev.Cancelled(reason or "not said"))
    return events
