"""What is Deliveroo telling us? Every order event has the order whole; money is in minor units."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.deliveroo.profile import LESS, NEW, RIDER, RIDERS, STATES, UPDATE, accept_by
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean

#: When nothing says when it must be ready.
SOON: Final = timedelta(minutes=30)
Moment = Annotated[datetime, Meta(tz=True)]

#: Ids stand in the addresses of calls.
Ref = Annotated[str, Meta(pattern=r"^[A-Za-z0-9:_-]{1,100}$(?!\n)")]


class Money(msgspec.Struct):
    """Minor units of a currency."""

    fractional: int
    currency_code: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "GBP"

    def ours(self, where: str) -> int:
        """Kopecks, or hundredth parts of whatever it is."""
        return reading.needed(reading.minor(self.fractional, where, self.currency_code), where)


class Item(msgspec.Struct):
    """One row; `id` is its name in the picking API, and another one after each amendment."""

    unit_price: Money
    quantity: int
    id: str | None = None
    pos_item_id: str | None = None
    name: str = ""


class Step(msgspec.Struct):
    """A status, and since when."""

    at: Moment
    status: str = ""


class Order(msgspec.Struct):
    """An order, as far as we follow it."""

    id: Ref
    status: str = "placed"
    location_id: reading.Id | None = None
    items: list[Item] = []
    status_log: list[Step] = []
    fulfillment_type: str = ""
    order_notes: str | None = None
    asap: bool = True
    prepare_for: Moment | None = None
    start_preparing_at: Moment | None = None
    partner_order_subtotal: Money | None = None
    subtotal: Money | None = None
    offer_discount: Money | None = None
    customer: dict[str, Any] | None = None


class Rider(msgspec.Struct):
    """A rider's way."""

    status_log: list[Step] = []


class Body(msgspec.Struct):
    """What an event is about."""

    order: Order | None = None
    order_id: Ref | None = None
    riders: list[Rider] = []


class Event(msgspec.Struct):
    """A webhook."""

    event: str
    body: msgspec.Raw = msgspec.Raw(b"{}")


class Paging(msgspec.Struct):
    """Where a list goes on."""

    next_cursor: str | None = None


class Found(msgspec.Struct):
    """One page of a list."""

    orders: list[msgspec.Raw]
    pagination: Paging | None = None
    next: str | None = None


def glimpse(delivery: Delivery) -> Glimpse:
    """A body that differs is another delivery; the GUID that is signed may be another each time."""
    event = glance(delivery, "event") or ""
    ref = glance(delivery, "body", "order", "id") or glance(delivery, "body", "order_id")
    return Glimpse(hashlib.sha256(delivery.body).hexdigest(), event, ref)


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one webhook; unknown names say nothing."""
    event = decode(delivery, Event)
    if event.event not in (NEW, UPDATE, RIDER):
        return ()
    body = decode(Delivery({}, bytes(event.body)), Body)
    if event.event == RIDER:
        reading.name(body.order_id, "order_id")
        return _riders(body.riders)
    if body.order is None:
        raise Malformed("no order")
    return _order(account, body.order, at)


def page(
    account: Account, body: bytes, at: datetime
) -> tuple[Sequence[Listed], Sequence[str], str | None]:
    """What a list says, an order at a time, and where it goes on."""
    found = decode(Delivery({}, body), Found)
    orders, amiss = reading.each(
        map(bytes, found.orders), lambda raw: _listed(account, raw, at), "id"
    )
    more = found.pagination.next_cursor if found.pagination else found.next
    return orders, amiss, more or None


def joined(found: tuple[Sequence[Listed], Sequence[str], str | None], cursor: str | None) -> Page:
    """A page of a list that goes on at `cursor`."""
    return Page(found[0], cursor, found[1])


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is. What is accepted has been
    picked: its rows are no longer those that were ordered."""
    order = decode(delivery, Order)
    state, draft = _state(account, order), _draft(order, at)
    return up_to(draft, state, paid=False, total=None, reason=_why(order))


def _order(account: Account, order: Order, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    state = _state(account, order)
    if state is OrderState.CANCELLED:
        reading.order_ref(order.id)
        return (ev.Cancelled(_why(order)),)
    if state is OrderState.DELIVERED:
        reading.order_ref(order.id)
        return (ev.Taken(), ev.Delivered())
    return (ev.Placed(_draft(order, at)),)


def _state(account: Account, order: Order) -> OrderState:
    word = account.codes.get("status", {}).get(order.status, order.status)
    if word not in STATES:
        raise Unmapped("status", clean(order.status, 100) or "none")
    return STATES[word]


def _why(order: Order) -> str:
    """Deliveroo rejects what nobody answers after ten minutes, or seven."""
    when = {step.status: step.at for step in order.status_log}
    placed, rejected = when.get("placed"), when.get("rejected")
    if placed and rejected and rejected - placed >= LESS:
        return ev.NO_RESPONSE
    return f"{clean(order.status, 100)} at Deliveroo"


def _riders(riders: Sequence[Rider]) -> Sequence[ev.MarketplaceEvent]:
    """The last thing that is known of each."""
    last = [max(rider.status_log, key=lambda step: step.at) for rider in riders if rider.status_log]
    return tuple(RIDERS[step.status] for step in last if step.status in RIDERS)


def _draft(order: Order, at: datetime) -> Draft:
    lines = reading.lines(_line(item, n) for n, item in enumerate(order.items) if item.quantity)
    discount = order.offer_discount
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=reading.name(order.location_id, "location_id"),
        lines=lines,
        due_at=_due(order, at),
        requested_total=reading.total(lines),
        planned=not order.asap,
        comment=clean(order.order_notes or "", 2000),
        customer=reading.texts(order.customer),
        pickup=order.fulfillment_type == "customer",
        discount=discount.ours("offer_discount") if discount else None,
        currency=order.items[0].unit_price.currency_code,
    )


def _due(order: Order, at: datetime) -> datetime:
    """An order for now is accepted once it is picked: before Deliveroo gives it up."""
    wanted = reading.plausible(order.prepare_for or order.start_preparing_at or at + SOON)
    placed = next((step.at for step in order.status_log if step.status == "placed"), at)
    return min(wanted, accept_by(order.id, reading.plausible(placed))) if order.asap else wanted


def _line(item: Item, n: int) -> DraftLine:
    where = f"items[{n}]"
    sku = reading.name(item.pos_item_id or item.id, f"{where}.pos_item_id")
    pieces = reading.pieces(item.quantity, f"{where}.quantity")
    return DraftLine(
        external_id=sku,
        name=clean(item.name, 300) or sku,
        unit=Unit.PIECE,
        price=item.unit_price.ours(f"{where}.unit_price"),
        pieces=pieces,
        ref=rows.ref(reading.name(item.id or item.pos_item_id, f"{where}.id"), pieces),
    )


def _listed(account: Account, raw: bytes, at: datetime) -> Listed:
    order = decode(Delivery({}, raw), Order)
    state, draft = reading.explained(partial(_state, account, order)), _draft(order, at)
    off = order.offer_discount is not None and order.offer_discount.fractional
    changed = max((step.at for step in order.status_log), default=at)
    paid = order.partner_order_subtotal or order.subtotal
    return Listed(
        order_ref=draft.external_id,
        state=state,
        changed_at=reading.plausible(changed),
        body=raw,
        total=paid.ours("partner_order_subtotal") if paid and not off else None,
        lines={line.external_id: line.pieces for line in draft.lines},
        final=state in (OrderState.READY, OrderState.DELIVERED),
    )
