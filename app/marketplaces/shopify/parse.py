"""What is Shopify telling us? The topic stands in a header, which no signature covers: what it says
happened must be seen in the body, or a replayed body could say anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import OrderState
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import OPEN, up_to
from app.marketplaces.shopify import order as orders
from app.marketplaces.shopify.profile import SHIPMENTS, ShopifySettings
from app.marketplaces.shopify.shapes import Found, Parcel, Shape
from app.marketplaces.text import clean

TOPIC: Final = "x-shopify-topic"
WEBHOOK_ID: Final = "x-shopify-webhook-id"
#: Topics about a part of an order: its id is in `order_id`.
_OF_PARTS: Final = ("fulfillments/", "fulfillment_events/", "refunds/")
_FINAL: Final = (OrderState.READY, OrderState.HANDED_OVER, OrderState.DELIVERED)


def glimpse(delivery: Delivery) -> Glimpse:
    """Its id is the same for every retry; a body that differs all the same is another delivery."""
    topic = clean(delivery.headers.get(TOPIC, ""), 100)
    if topic == "orders/edited":
        ref = glance(delivery, "order_edit", "order_id")
    else:
        ref = glance(delivery, "order_id" if topic.startswith(_OF_PARTS) else "id")
    if not topic.startswith((*_OF_PARTS, "orders/")):
        ref = None
    id_ = clean(delivery.headers.get(WEBHOOK_ID, ""), 100)
    return Glimpse(f"{id_}:{hashlib.sha256(delivery.body).hexdigest()}", topic, ref)


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one delivery; a topic we do not follow says nothing."""
    topic = delivery.headers.get(TOPIC, "")
    if topic in ("fulfillments/create", "fulfillments/update", "fulfillment_events/create"):
        return _parcel(decode(delivery, Parcel))
    read = _READ.get(topic)
    if read is None:
        decode(delivery, dict[str, msgspec.Raw])
        return ()
    order = decode(delivery, Shape)
    reading.order_ref(order.id)
    return read(order, account, at)


def page(account: Account, body: bytes, size: int) -> Page:
    """What its list says, an order at a time; a full page goes on after its last order's id."""
    found = decode(Delivery({}, body), Found)
    raws = [*map(bytes, found.orders)]
    read, unreadable = reading.each(raws, lambda raw: _listed(account, raw), "id")
    last = glance(Delivery({}, raws[-1]), "id") if len(raws) >= size else None
    return Page(read, last, unreadable)


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    return _as_it_is(decode(delivery, Shape), account, at)


def _as_it_is(order: Shape, account: Account, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    settings, codes = _of(account)
    paid = orders.paid(order, codes)
    return up_to(
        orders.draft(order, settings, at),
        orders.state(order, settings, codes),
        paid=paid,
        total=orders.goods_total(order) if paid else None,
        reason=clean(order.cancel_reason or "", 200),
        open_=(*OPEN, OrderState.PICKING),
    )


def _placed(order: Shape, account: Account, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    return (ev.Placed(orders.draft(order, _of(account)[0], at)),)


def _paid(order: Shape, account: Account, _at: datetime) -> Sequence[ev.MarketplaceEvent]:
    _seen(orders.paid(order, _of(account)[1]), "orders/paid")
    return (ev.Paid(orders.goods_total(order)),)


def _fulfilled(order: Shape, account: Account, _at: datetime) -> Sequence[ev.MarketplaceEvent]:
    state = orders.state(order, *_of(account))
    _seen(state in (OrderState.HANDED_OVER, OrderState.DELIVERED), "orders/fulfilled")
    return (ev.Taken(),)


def _cancelled(order: Shape, _account: Account, _at: datetime) -> Sequence[ev.MarketplaceEvent]:
    _seen(order.cancelled_at is not None, "orders/cancelled")
    return (ev.Cancelled(clean(order.cancel_reason or "", 200) or "not said"),)


def _deleted(order: Shape, _account: Account, _at: datetime) -> Sequence[ev.MarketplaceEvent]:
    _seen(order.line_items is None and order.created_at is None, "orders/delete")
    return (ev.Cancelled("deleted"),)


_READ: Final[Mapping[str, Callable[[Shape, Account, datetime], Sequence[ev.MarketplaceEvent]]]] = {
    "orders/create": _placed,
    "orders/updated": _as_it_is,
    "orders/paid": _paid,
    "orders/fulfilled": _fulfilled,
    "orders/cancelled": _cancelled,
    "orders/delete": _deleted,
}


def _parcel(parcel: Parcel) -> Sequence[ev.MarketplaceEvent]:
    """An event of a parcel says its status in `status`, a parcel in `shipment_status`; one that
    nobody documented moves nothing."""
    if parcel.order_id is None:
        raise Malformed("order_id is missing")
    reading.order_ref(parcel.order_id)
    event = SHIPMENTS.get(parcel.shipment_status or parcel.status or "")
    return () if event is None else (event,)


def _seen(there: bool, topic: str) -> None:  # noqa: FBT001 - a statement about the body
    if not there:
        raise Malformed(f"the body does not show what {topic} says")


def _of(account: Account) -> tuple[ShopifySettings, Mapping[str, str]]:
    return settings_of(account, ShopifySettings), account.codes.get("status", {})


def _listed(account: Account, raw: bytes) -> Listed:
    order = decode(Delivery({}, raw), Shape)
    settings, codes = _of(account)
    if order.updated_at is None:
        raise Malformed("no updated_at")
    draft = orders.draft(order, settings, order.updated_at)
    try:
        state, paid = orders.state(order, settings, codes), orders.paid(order, codes)
    except Unmapped:
        state, paid = None, False
    return Listed(
        order_ref=draft.external_id,
        state=state,
        changed_at=reading.plausible(order.updated_at),
        body=raw,
        paid=paid,
        total=orders.goods_total(order),
        lines={line.external_id: line.pieces for line in draft.lines},
        final=state in _FINAL,
    )
