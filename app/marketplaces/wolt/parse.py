"""What is Wolt telling us? Money is in minor units; a webhook names an order, which is fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from app.contract import Account, Delivery, Glimpse
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.json_body import decode, glance
from app.marketplaces.text import clean
from app.marketplaces.wolt.profile import COURIER, FETCHED, PICKED_UP, STATES
from app.marketplaces.wolt.shapes import Item, Named, Notification, Order, Prices

#: When Wolt says nothing of when a courier comes (takeaway before it is accepted).
SOON: Final = timedelta(minutes=30)
#: Events that carry no more than the order's id.
PLAIN: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "CANCELED": ev.Cancelled("cancelled at Wolt"),
    "COURIER ARRIVAL": ev.CourierArrived(),
    "PICK-UP-COMPLETED": ev.Taken(),
    COURIER: ev.CourierAssigned(),
    PICKED_UP: ev.Taken(),
}


def glimpse(delivery: Delivery) -> Glimpse:
    """The notification's id is the same for every repeat; other bytes are another delivery."""
    event = glance(delivery, "order", "status") or glance(delivery, "type") or ""
    digest = hashlib.sha256(delivery.body).hexdigest()
    id_ = clean(glance(delivery, "id") or "", 100)
    return Glimpse(f"{id_}:{digest}", event, glance(delivery, "order", "id"))


def thin(delivery: Delivery) -> bool:
    """Whether the order must be fetched; not for what is malformed."""
    try:
        return decode(delivery, Notification).order.status in FETCHED
    except Malformed:
        return False


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one webhook, with the order where it was fetched; unknown names say nothing."""
    told = decode(delivery, Notification)
    if told.order.status in FETCHED:
        return _of_order(account, told.order, delivery.fetched or b"", at)
    word = told.order.status or told.type
    if word == PICKED_UP and not told.details.is_pickup_completed:
        return ()
    return (PLAIN[word],) if word in PLAIN else ()


def _of_order(
    account: Account, told: Named, fetched: bytes, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    order = decode(Delivery({}, fetched), Order)
    if order.id != told.id:
        raise Malformed("the order that was fetched is another one")
    word = account.codes.get("status", {}).get(order.order_status, order.order_status)
    if word not in STATES:
        raise Unmapped("status", clean(order.order_status, 100))
    if told.status == "DELIVERED":
        return (ev.Paid(_goods(order.basket_price)), ev.Taken(), ev.Delivered())
    placed = ev.Placed(_draft(order, at))
    off = STATES[word] is OrderState.CANCELLED
    return (placed, ev.Cancelled(word)) if off else (placed,)


def _goods(basket: Prices) -> int:
    """What the goods come to; discounts of Wolt's are not the shop's."""
    price = basket.price_breakdown.total_before_discounts or basket.total
    return price.ours("basket_price")


def _draft(order: Order, at: datetime) -> Draft:
    lines = reading.lines(rows.by_weight(_line(item, n) for n, item in enumerate(order.items)))
    wanted = order.pre_order.preorder_time if order.pre_order else None
    discounts = order.basket_price.price_breakdown.total_discounts
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=reading.name(order.venue.id, "venue.id"),
        lines=lines,
        due_at=reading.plausible(order.pickup_eta or wanted or (order.created_at or at) + SOON),
        requested_total=reading.total(lines),
        planned=order.type == "preorder",
        comment=clean(order.consumer_comment or "", 2000),
        customer=_customer(order),
        address=reading.texts(order.delivery.location),
        pickup=order.delivery.type == "takeaway",
        discount=discounts.ours("total_discounts") if discounts else None,
        currency=order.basket_price.total.currency,
    )


def _customer(order: Order) -> tuple[tuple[str, str], ...]:
    said = {"name": order.consumer_name, "phone": order.consumer_phone_number}
    return reading.texts({key: value for key, value in said.items() if value})


def _line(item: Item, n: int) -> DraftLine:
    where = f"items[{n}]"
    sku = reading.name(item.sku or item.pos_id or item.gtin or item.id, f"{where}.sku")
    row = str(n if item.row_number is None else item.row_number)
    if item.weighted_item_info is not None:
        return _weighed(item, sku, row, where)
    pieces = reading.pieces(item.count, f"{where}.count")
    return DraftLine(
        external_id=sku,
        name=clean(item.name, 300) or sku,
        unit=Unit.PIECE,
        price=_price(item, pieces, where),
        pieces=pieces,
        ref=rows.ref(row, pieces),
    )


def _price(item: Item, pieces: int, where: str) -> int:
    """Of a piece; where only the row's is said, its part, rounded up."""
    if item.item_price.unit_price is not None:
        return item.item_price.unit_price.ours(f"{where}.unit_price")
    return -(-_whole(item, where) // pieces)


def _whole(item: Item, where: str) -> int:
    before = item.item_price.price_breakdown.total_before_discounts or item.item_price.total
    return before.ours(f"{where}.total")


def _weighed(item: Item, sku: str, row: str, where: str) -> DraftLine:
    """What a unit of weight is there is not published: the row's price is of the row's weight."""
    assert item.weighted_item_info is not None
    grams = reading.grams(item.weighted_item_info.purchased_weight_in_grams, f"{where}.weight")
    return DraftLine(
        external_id=sku,
        name=clean(item.name, 300) or sku,
        unit=Unit.WEIGHT,
        price=_whole(item, where),
        pieces=1,
        grams=grams,
        unit_grams=grams,
        ref=rows.ref(row, grams),
    )
