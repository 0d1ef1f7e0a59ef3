"""One order of WooCommerce's in our words. Sums are decimal texts of whole lines, taxes beside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.domain.money import MAX_KOPECKS
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.text import clean
from app.marketplaces.woocommerce.profile import META, STATES, WooSettings
from app.marketplaces.woocommerce.shapes import Item, Shape

#: What our notes in the meta data say.
_NOTED: Final = {"picking": OrderState.PICKING, "ready": OrderState.READY}


@dataclass(frozen=True, slots=True)
class Priced:
    """A line, and kopecks for all of it: as its pieces cost, and as the customer pays."""

    line: DraftLine
    paid: int


def draft(order: Shape, settings: WooSettings, came: datetime) -> Draft:
    """The order as it is now. What coupons and rounding take off is the order's discount."""
    priced = [
        _line(item, f"line_items[{n}]")
        for n, item in enumerate(order.line_items or ())
        if item.quantity not in (0, "0")
    ]
    lines = reading.lines(each.line for each in priced)
    full = reading.total(lines)
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=settings.store,
        lines=lines,
        due_at=_due(order, settings, came),
        requested_total=full,
        comment=clean(order.customer_note or "", 2000),
        payment_methods=tuple(filter(None, [clean(order.payment_method_title or "", 50)])),
        customer=reading.texts(order.billing),
        address=reading.texts(order.shipping),
        delivery_fee=_gross(order.shipping_total or 0, order.shipping_tax, "shipping_total"),
        discount=max(full - sum(each.paid for each in priced), 0),
        currency=order.currency,
    )


def state(order: Shape, settings: WooSettings, codes: Mapping[str, str]) -> OrderState | None:
    """How far it is, None while it is not to be picked; Unmapped for a status of a plug-in's that
    nobody explained (by one of WooCommerce's own, or of our states)."""
    own = {settings.picking_status: OrderState.PICKING, settings.ready_status: OrderState.READY}
    word = order.status
    if word and word in own:
        return own[word]
    known = word if word in STATES else codes.get(word, "")
    if known not in STATES:
        try:
            return OrderState(known)
        except ValueError:
            raise Unmapped("status", clean(word, 100) or "?") from None
    found = STATES[known]
    if found is OrderState.ACCEPTED:
        noted = {each.key: each.value for each in order.meta_data or ()}.get(META)
        return _NOTED.get(noted, found) if isinstance(noted, str) else found
    return found


def goods_total(order: Shape) -> int:
    """What the customer pays for goods."""
    items = enumerate(order.line_items or ())
    return sum(_gross(each.total, each.total_tax, f"line_items[{n}].total") for n, each in items)


def moment(value: datetime | None) -> datetime | None:
    """A time of GMT."""
    return None if value is None else reading.plausible(value.replace(tzinfo=UTC))


def key(sku: str | None, variation: int, product: int, line: reading.Id) -> str:
    """What we call goods: the SKU, or what is there where the shop gave it none."""
    return clean(sku or "", 100) or str(variation or product or line)


def _line(item: Item, where: str) -> Priced:
    named = key(item.sku, item.variation_id, item.product_id, item.id)
    sku = reading.name(named, f"{where}.sku")
    count = reading.pieces(item.quantity, f"{where}.quantity")
    paid = _gross(item.total, item.total_tax, f"{where}.total")
    full = paid
    if item.subtotal is not None:
        full = max(_gross(item.subtotal, item.subtotal_tax, f"{where}.subtotal"), paid)
    line = DraftLine(
        external_id=sku,
        name=clean(item.name or "", 300) or sku,
        unit=Unit.PIECE,
        price=-(-full // count),  # a third of a sum is rounded up, and the rest comes off again
        pieces=count,
        ref=rows.ref(reading.name(item.id, f"{where}.id"), count),
    )
    return Priced(line, paid)


def _gross(net: reading.Amount, tax: reading.Amount | None, where: str) -> int:
    """Kopecks with the tax; finer parts, which WooCommerce may show, are rounded."""
    most = MAX_KOPECKS // 100
    both = reading.decimal(net, where, most) + reading.decimal(tax or 0, f"{where}_tax", most)
    return int((both * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _due(order: Shape, settings: WooSettings, came: datetime) -> datetime:
    """The meta data's time, else so long after it was made: the same at every update. A plug-in may
    keep anything there: what is no time loses no order."""
    for each in order.meta_data or ():
        if each.key == settings.due_meta and isinstance(each.value, str):
            with suppress(ValueError, Malformed):
                return reading.plausible(datetime.fromisoformat(each.value.strip()))
    return (moment(order.date_created_gmt) or came) + timedelta(minutes=settings.minutes)
