"""What is Uber telling us? A webhook names an order, the rest is fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import Draft, OrderState
from app.domain.replacement_events import ReplacementAnswered
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean
from app.marketplaces.uber_eats import goods
from app.marketplaces.uber_eats.profile import (
    COURIER,
    EDITED,
    FAILED,
    FETCHED,
    PLACED,
    RESOLVED,
    STATES,
)
from app.marketplaces.uber_eats.shapes import Event, Found, Issue, Order, Shown

#: When nothing says when a courier comes: half an hour after the order, or before the window.
SOON: Final = timedelta(minutes=30)
#: The customer's answers, as far as they are a yes or a no. Who wants yet other goods said no.
ANSWERS: Final = {
    "SUBSTITUTION_APPROVED": True,
    "SUBSTITUTION_REJECTED": False,
    "ALTERNATIVE_ITEM_PROPOSED": False,
}
_TIMED_OUT: Final = "ACCEPT_TIMED_OUT"


def glimpse(delivery: Delivery) -> Glimpse:
    """The event's id is the same for every repeat; other bytes are another delivery."""
    event = glance(delivery, "event_type") or ""
    ref = glance(delivery, "meta", "order_id") or glance(delivery, "meta", "resource_id")
    digest = hashlib.sha256(delivery.body).hexdigest()
    id_ = clean(glance(delivery, "event_id") or "", 100)
    return Glimpse(f"{id_}:{digest}", event, ref)


def thin(delivery: Delivery) -> bool:
    """Whether the order must be fetched; not for what is malformed."""
    try:
        event = decode(delivery, Event)
    except Malformed:
        return False
    return event.event_type in FETCHED and event.meta.resource_id is not None


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one webhook, with the order where it was fetched; unknown names say nothing."""
    event = decode(delivery, Event)
    name = event.event_type
    if name in FETCHED and event.meta.resource_id is None:
        raise Malformed("no meta.resource_id")
    if name == FAILED:
        return (ev.Cancelled(_why(delivery.fetched or b"")),)
    if name in FETCHED:
        order = decode(Delivery({}, delivery.fetched or b""), Shown).order
        if order.id != event.meta.resource_id:
            raise Malformed("the order that was fetched is another one")
        return _FETCHED[name](account, order, at)
    if event.meta.resource_id is None and event.meta.order_id is None:
        return ()
    if name == "delivery.state_changed":
        return (COURIER[event.meta.status],) if event.meta.status in COURIER else ()
    if name == "orders.cancel":
        return (ev.Cancelled("cancelled at Uber"),)
    return (ev.CourierAssigned(),) if name == "orders.release" else ()


def page(account: Account, body: bytes, at: datetime) -> tuple[Page, str | None]:
    """What a list says, an order at a time, and its token for the next page."""
    found = decode(Delivery({}, body), Found)
    orders, amiss = reading.each(
        map(bytes, found.data), lambda raw: _listed(account, raw, at), "id"
    )
    return Page(orders, None, amiss), found.pagination_data.next_page_token


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    order = decode(delivery, Order)
    state, reason = _state(account, order), _reason(order)
    if state is OrderState.CANCELLED and not any(cart.items for cart in order.carts):
        reading.order_ref(order.id)
        return (ev.Cancelled(reason),)  # what it was is not shown any more
    return up_to(_draft(account, order, at), state, paid=False, total=None, reason=reason)


def _placed(account: Account, order: Order, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    placed = ev.Placed(_draft(account, order, at))
    if _state(account, order) is OrderState.CANCELLED:
        return (placed, ev.Cancelled(_reason(order)))
    return (placed,)


def _edited(account: Account, order: Order, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Other goods, other quantities, other wishes; while it is picked, too."""
    placed, *off = _placed(account, order, at)
    return (placed, ev.Changed(_draft(account, order, at)), *off)


def _answered(_account: Account, order: Order, _at: datetime) -> Sequence[ev.MarketplaceEvent]:
    return tuple(_answers(order))


_FETCHED: Final = {**dict.fromkeys(PLACED, _placed), EDITED: _edited, RESOLVED: _answered}


def _answers(order: Order) -> Iterator[ev.MarketplaceEvent]:
    rows = {item.cart_item_id: item for cart in order.carts for item in cart.items}
    issues: dict[str, Issue] = {}
    for cart in order.carts:
        issues |= {issue.item.cart_item_id: issue for issue in cart.fulfillment_issues}
    for row, issue in issues.items():
        if row in rows and issue.customer_ack_type in ANSWERS:
            sku = reading.name(rows[row].id, "carts.items.id")
            yield ReplacementAnswered(sku, ANSWERS[issue.customer_ack_type])


def _state(account: Account, order: Order) -> OrderState:
    word = account.codes.get("status", {}).get(order.state, order.state)
    if word not in STATES:
        raise Unmapped("status", clean(order.state, 100))
    return STATES[word]


def _why(fetched: bytes) -> str:
    """An order that failed may not be shown any more: it is called off all the same."""
    try:
        return _reason(decode(Delivery({}, fetched), Shown).order)
    except Malformed:
        return "failed at Uber"


def _reason(order: Order) -> str:
    said = order.failure_info.reason if order.failure_info else ""
    return ev.NO_RESPONSE if said == _TIMED_OUT else clean(said, 200) or "failed at Uber"


def _draft(account: Account, order: Order, at: datetime) -> Draft:
    charges = order.payment.payment_detail.item_charges
    priced = list(goods.lines(account, order))
    lines = reading.lines(rows.by_weight(line for line, _ in priced))
    window = order.scheduled_order_target_delivery_time_range
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=reading.name(order.store.id, "store.id"),
        lines=lines,
        due_at=_due(order, at),
        requested_total=reading.total(lines),
        delivery_from=_moment(window.start_time) if window else None,
        delivery_to=_moment(window.end_time) if window else None,
        planned=window is not None,
        comment=clean(
            "\n".join([order.store_instructions, *(c.special_instructions for c in order.carts)]),
            2000,
        ),
        pickup=order.fulfillment_type == "PICKUP",
        discount=goods.discount(charges, sum(rounded for _, rounded in priced)),
        currency=goods.currency(order),
    )


def _moment(said: datetime | None) -> datetime | None:
    return None if said is None else reading.plausible(said)


def _due(order: Order, at: datetime) -> datetime:
    """What Uber reckons, when a courier comes, or half an hour before the customer's window."""
    window = order.scheduled_order_target_delivery_time_range
    couriers = [c.estimated_pick_up_time for c in order.deliveries if c.estimated_pick_up_time]
    if order.preparation_time.ready_for_pickup_time is not None:
        return reading.plausible(order.preparation_time.ready_for_pickup_time)
    if couriers:
        return min(map(reading.plausible, couriers))
    if window and window.start_time:
        return reading.plausible(window.start_time) - SOON
    return reading.plausible(order.created_time or at) + SOON


def _listed(account: Account, raw: bytes, at: datetime) -> Listed:
    order = decode(Delivery({}, raw), Order)
    state = reading.explained(partial(_state, account, order))
    units = account.codes.get("unit", {})
    final = state in (OrderState.HANDED_OVER, OrderState.DELIVERED)
    return Listed(
        order_ref=reading.order_ref(order.id),
        state=state,
        changed_at=reading.plausible(order.created_time or at),
        body=raw,
        lines=(goods.found if final else goods.ordered)(units, order.carts),
        final=final,
    )
