"""One order of Shopify's in our words. Sums are decimal texts in the shop's currency."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.shopify.profile import FULFILMENT, PAYMENTS, ShopifySettings
from app.marketplaces.shopify.shapes import LineItem, Shape
from app.marketplaces.text import clean


def draft(order: Shape, settings: ShopifySettings, came: datetime) -> Draft:
    """The order as it is now."""
    lines = _lines(order)
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=reading.name(order.location_id or settings.store, "location_id"),
        lines=lines,
        due_at=_due(order, settings, came),
        requested_total=reading.total(lines),
        comment=clean(order.note or "", 2000),
        customer=reading.texts(order.customer),
        address=reading.texts(order.shipping_address),
        delivery_fee=_shipping(order),
        discount=_sum(order.current_total_discounts, order.total_discounts, "total_discounts"),
        currency=order.currency,
    )


def goods_total(order: Shape) -> int | None:
    """What the customer pays for goods, its discounts taken off."""
    return _sum(order.current_subtotal_price, order.subtotal_price, "subtotal_price")


def paid(order: Shape, codes: Mapping[str, str]) -> bool:
    """Whether the customer has paid; Unmapped for a status nobody documented."""
    status = order.financial_status or "pending"
    known = PAYMENTS.get(codes.get(status, status))
    if known is None:
        raise Unmapped("status", clean(status, 100) or "?")
    return known


def state(order: Shape, settings: ShopifySettings, codes: Mapping[str, str]) -> OrderState:
    """How far it is: what Shopify says of it, before that our own tags."""
    if order.cancelled_at is not None:
        return OrderState.CANCELLED
    status = order.fulfillment_status or "unfulfilled"
    status = codes.get(status, status)
    if status not in FULFILMENT:
        raise Unmapped("status", clean(status, 100) or "?")
    if (found := FULFILMENT[status]) is not None:
        arrived = [each.shipment_status == "delivered" for each in order.fulfillments or ()]
        return OrderState.DELIVERED if arrived and all(arrived) else found
    tags = {tag.strip() for tag in order.tags.split(",")}
    if settings.ready_tag in tags:
        return OrderState.READY
    return OrderState.PICKING if settings.picking_tag in tags else OrderState.ACCEPTED


def key(sku: str | None, variant: reading.Id | None, line: reading.Id) -> str:
    """What we call goods: the SKU, or what is there where the shop gave it none."""
    return clean(sku or "", 100) or str(variant or line)


def _lines(order: Shape) -> tuple[DraftLine, ...]:
    """Lines as they are now; of an order that lost them all (it was called off), as ordered."""
    items = [*enumerate(order.line_items or ())]
    now = [(n, item, _now(item)) for n, item in items if _now(item) > 0]
    counted = now or [(n, item, item.quantity) for n, item in items]
    return reading.lines(_line(item, count, f"line_items[{n}]") for n, item, count in counted)


def _now(item: LineItem) -> int:
    return item.quantity if item.current_quantity is None else item.current_quantity


def _line(item: LineItem, quantity: int, where: str) -> DraftLine:
    sku = reading.name(key(item.sku, item.variant_id, item.id), f"{where}.sku")
    count = reading.pieces(quantity, f"{where}.quantity")
    price = reading.needed(reading.units(item.price, f"{where}.price"), f"{where}.price")
    return DraftLine(
        external_id=sku,
        name=clean(item.name or item.title or "", 300) or sku,
        unit=Unit.PIECE,
        price=price,
        pieces=count,
        ref=rows.ref(reading.name(item.id, f"{where}.id"), count),
    )


def _due(order: Shape, settings: ShopifySettings, came: datetime) -> datetime:
    """The note attribute's time, else so long after it was made: the same at every update. A
    customer may have written anything there: what is no time loses no order."""
    for each in order.note_attributes or ():
        if each.name == settings.due_attribute and isinstance(each.value, str):
            with suppress(ValueError, Malformed):
                return reading.plausible(datetime.fromisoformat(each.value.strip()))
    made = order.created_at or came
    return reading.plausible(made) + timedelta(minutes=settings.minutes)


def _shipping(order: Shape) -> int | None:
    found = order.total_shipping_price_set
    return reading.units(found.shop_money.amount, "total_shipping_price_set") if found else None


def _sum(now: reading.Amount | None, at_first: reading.Amount | None, where: str) -> int | None:
    return reading.units(at_first if now is None else now, where)
