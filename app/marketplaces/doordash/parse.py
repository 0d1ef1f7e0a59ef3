"""What is DoorDash telling us? Money is in cents, weights in the unit they are sold by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from app.contract import Account, Delivery, Glimpse
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, Replacement, Unit
from app.domain.quantity import MAX_GRAMS
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.doordash.profile import (
    ADJUSTED,
    CANCELLED,
    DASHER,
    DASHERS,
    PLACED,
    UNITS,
)
from app.marketplaces.json_body import decode, glance
from app.marketplaces.text import clean

#: When nothing says when it must be ready.
SOON: Final = timedelta(minutes=30)
#: Between a row's name and its unit in a line's `ref`; pieces have none.
MARK: Final = "@"
#: What the customer wants of a row that is missing; who gave no word is asked.
WISHES: Final[Mapping[str, Replacement]] = {
    "refund": Replacement.REMOVE,
    "substitute": Replacement.REPLACE,
    "generic_category": Replacement.REPLACE,
    "contact": Replacement.CALL_OR_REMOVE,
}
Moment = Annotated[datetime, Meta(tz=True)]


class Choice(msgspec.Struct):
    """Goods that may stand for others."""

    merchant_supplied_id: str | None = None


class Preference(msgspec.Struct):
    """What the customer wants when something is missing."""

    out_of_stock_preference: str | None = None
    substitution_choices: list[Choice] | None = None


class Measure(msgspec.Struct):
    """An estimated weight."""

    quantity: float | None = None
    value: float | None = None
    unit: str = ""
    measurement_unit: str = ""


class Item(msgspec.Struct):
    """One row. `price`: of one piece, or of one unit of weight."""

    line_item_id: str
    price: int
    quantity: int = 1
    merchant_supplied_id: str | None = None
    name: str = ""
    purchase_type: str = "UNIT"
    requested_quantity: Measure | None = None
    substitution_preferences: Preference | None = None


class Category(msgspec.Struct):
    """Rows of one category."""

    items: list[Item] = []


class Store(msgspec.Struct):
    """A shop by our name."""

    merchant_supplied_id: reading.Id


class Order(msgspec.Struct):
    """An order, as far as we follow it."""

    id: reading.Id
    store: Store | None = None
    categories: list[Category] = []
    subtotal: int | None = None
    estimated_pickup_time: Moment | None = None
    is_pickup: bool = False
    is_scheduled: bool = False
    order_special_instructions: str | None = None
    consumer: dict[str, Any] | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "USD"
    total_merchant_funded_discount_amount: int | None = None


class Way(msgspec.Struct):
    """Where a Dasher is with an order."""

    external_order_id: reading.Id
    dasher_status: str = ""


class Body(msgspec.Struct):
    """What an event is about."""

    order: Order | None = None
    delivery: Way | None = None


class Cancellation(msgspec.Struct):
    """An order that was called off; DoorDash does not say why."""

    external_order_id: reading.Id


def glimpse(delivery: Delivery) -> Glimpse:
    """Some bodies have no name of their own: what they are is seen by what they hold."""
    event, ref = glance(delivery, "event", "type"), glance(delivery, "order", "id")
    ref = ref or glance(delivery, "delivery", "external_order_id")
    if event is None:
        gone, bare = glance(delivery, "external_order_id"), glance(delivery, "id")
        event = "order" if ref or bare else CANCELLED if gone else ""
        ref = ref or bare or gone
    return Glimpse(hashlib.sha256(delivery.body).hexdigest(), event, ref)


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one webhook; unknown names say nothing."""
    name = glimpse(delivery).event
    if name == CANCELLED:
        reading.order_ref(decode(delivery, Cancellation).external_order_id)
        return (ev.Cancelled("cancelled at DoorDash"),)
    body = decode(delivery, Body)
    if name == DASHERS:
        if body.delivery is None:
            raise Malformed("no delivery")
        reading.order_ref(body.delivery.external_order_id)
        word = body.delivery.dasher_status
        return (DASHER[word],) if word in DASHER else ()
    if name not in (*PLACED, *ADJUSTED):
        return ()
    order = body.order or decode(delivery, Order)
    if name in PLACED:
        return (ev.Placed(_draft(account, order, at)),)
    reading.order_ref(order.id)
    return (ev.Paid(reading.needed(reading.minor(order.subtotal, "subtotal"), "subtotal")),)


def _draft(account: Account, order: Order, at: datetime) -> Draft:
    units = account.codes.get("unit", {})
    items = [item for category in order.categories for item in category.items]
    lines = reading.lines(rows.by_weight(_line(units, item, n) for n, item in enumerate(items)))
    store = order.store.merchant_supplied_id if order.store else None
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=reading.name(store, "store.merchant_supplied_id"),
        lines=lines,
        due_at=reading.plausible(order.estimated_pickup_time or at + SOON),
        requested_total=reading.total(lines),
        planned=order.is_scheduled,
        comment=clean(order.order_special_instructions or "", 2000),
        customer=reading.texts(order.consumer),
        pickup=order.is_pickup,
        discount=reading.minor(order.total_merchant_funded_discount_amount, "discount"),
        currency=order.currency,
    )


def _line(units: Mapping[str, str], item: Item, n: int) -> DraftLine:
    where = f"items[{n}]"
    sku = reading.name(item.merchant_supplied_id, f"{where}.merchant_supplied_id")
    row = reading.name(item.line_item_id, f"{where}.line_item_id")
    pieces = reading.pieces(item.quantity, f"{where}.quantity")
    price, grams = item.price, None
    if item.purchase_type == "MEASUREMENT":
        amount, unit, grams = _weight(units, item.requested_quantity, where)
        price, row, pieces = round(price * amount), f"{row}{MARK}{unit}", 1
    preference = item.substitution_preferences or Preference()
    wish = WISHES.get(preference.out_of_stock_preference or "")
    return DraftLine(
        external_id=sku,
        name=clean(item.name, 300) or sku,
        unit=Unit.WEIGHT if grams else Unit.PIECE,
        price=reading.needed(reading.minor(price, f"{where}.price"), where),
        pieces=pieces,
        grams=grams,
        unit_grams=grams,
        wish=wish,
        wish_skus=_skus(preference) if wish is Replacement.REPLACE else (),
        ref=rows.ref(row, grams or pieces),
    )


def _weight(
    units: Mapping[str, str], measure: Measure | None, where: str
) -> tuple[Fraction, str, int]:
    """The amount, its unit, and whole grams: of the row's weight the row's price is exact."""
    given = measure and (measure.value if measure.quantity is None else measure.quantity)
    if measure is None or given is None:
        raise Malformed(f"{where}: a weight that is not said")
    said = measure.unit or measure.measurement_unit
    unit = units.get(said, said).lower()
    if unit not in UNITS:
        raise Unmapped("unit", clean(said, 100) or "none")
    amount = Fraction(str(given))
    grams = round(amount * UNITS[unit])
    if not 0 < grams <= MAX_GRAMS:
        raise Malformed(f"{where}: no weight that can be kept")
    return amount, unit, grams


def _skus(preference: Preference) -> tuple[str, ...]:
    choices = (preference.substitution_choices or [])[:10]
    named = (clean(each.merchant_supplied_id or "", 100) for each in choices)
    return tuple(sku for sku in named if sku)
