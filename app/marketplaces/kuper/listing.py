"""What СМ lists (`GET …/shipments`): the order as a webhook has it, with `state`, `paymentState`
and `updatedAt`. Once it is ready to ship, `positions` and `total` are what was picked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from app.contract import Account, Delivery, Listed, Page
from app.domain import events as ev
from app.domain.order import Draft, OrderState
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.json_body import decode
from app.marketplaces.kuper import codes
from app.marketplaces.kuper.parse import cancel_reason, draft, order_ref, total
from app.marketplaces.kuper.shapes import Amount, Moment, Payload, Position
from app.marketplaces.text import clean

_OFF: Final = OrderState.CANCELLED


class Item(Position):
    """A position; what became of it, and what it comes to, once it is picked."""

    state: str = ""
    totalPrice: Amount | None = None  # noqa: N815 - the platform's spelling
    totalDiscountPrice: Amount | None = None  # noqa: N815


class Shipment(Payload):
    """A listed order."""

    positions: list[Item] | UnsetType = UNSET  # type: ignore[assignment]  # a Position, and more
    state: str = ""
    paymentState: str = ""  # noqa: N815
    updatedAt: Moment | None = None  # noqa: N815


class _Found(msgspec.Struct):
    data: list[msgspec.Raw]
    nextPageToken: str | None = None  # noqa: N815


def page(account: Account, body: bytes, since: datetime) -> Page:
    """A page of orders; one that is none takes no other along. `since`: when an order changed that
    does not say so."""
    found = decode(Delivery({}, body), _Found)
    orders, unreadable = reading.each(
        map(bytes, found.data), lambda raw: _listed(account, raw, since), "originalOrderId"
    )
    return Page(orders, found.nextPageToken, unreadable)


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """Placed and what has happened since. Of an order that is over, or picked, the composition is
    no news: one that cannot be read keeps nothing back."""
    shipment = decode(delivery, Shipment)
    state = _state(account, shipment)
    if state is None:
        raise Unmapped("status", clean(shipment.state, 100))
    order_ref(shipment.originalOrderId)
    events: list[ev.MarketplaceEvent] = []
    told = _draft(shipment, state, at)
    if told is not None:
        events.append(ev.Placed(told))
        if state not in (*codes.PICKED, _OFF):
            events.append(ev.Changed(told))
    if shipment.paymentState == "paid":
        events.append(ev.Paid(total(shipment) if state in codes.PICKED else None))
    if state in (OrderState.HANDED_OVER, OrderState.DELIVERED):
        events.append(ev.Taken())
    if state is OrderState.DELIVERED:
        events.append(ev.Delivered())
    if state is _OFF:
        events.append(ev.Cancelled(cancel_reason(shipment)))
    return events


def _listed(account: Account, raw: bytes, since: datetime) -> Listed:
    shipment = decode(Delivery({}, raw), Shipment)
    state = _state(account, shipment)
    over = state is _OFF
    told = None if over else _draft(shipment, state, since)
    lines = {line.external_id: line.grams or line.pieces for line in told.lines} if told else None
    return Listed(
        order_ref=order_ref(shipment.originalOrderId),
        state=state,
        changed_at=shipment.updatedAt or since,
        body=raw,
        paid=shipment.paymentState == "paid",
        total=None if over else total(shipment),
        lines=lines,
        final=state in codes.PICKED,
    )


def _state(account: Account, shipment: Shipment) -> OrderState | None:
    word = account.codes.get("status", {}).get(shipment.state, shipment.state)
    return codes.STATES.get(word)


def _draft(shipment: Shipment, state: OrderState | None, at: datetime) -> Draft | None:
    """The order, or what of it was picked; None where that cannot be read and nobody needs it."""
    if state in codes.PICKED and shipment.positions is not UNSET:
        there = [_picked(item) for item in shipment.positions if _is_there(item)]
        shipment = replace(shipment, positions=there)
    try:
        return draft(shipment, at)
    except Malformed:
        if state in (*codes.PICKED, _OFF):
            return None
        raise


def _is_there(item: Item) -> bool:
    return item.state not in codes.NOT_THERE and (_some(item.quantity) or _some(item.weight))


def _some(amount: Amount | None) -> bool:
    return str(amount or "0").strip("0.") != ""


def _picked(item: Item) -> Item:
    """Of picked goods by weight whole units are counted, which may be none: one sum is for all."""
    if not _some(item.weight):
        return item
    paid = item.totalPrice if item.totalDiscountPrice is None else item.totalDiscountPrice
    return replace(item, quantity=1, price=paid or item.price, discountPrice=None)
