"""What is Yandex Eats telling us? Money is decimal roubles, a quantity is in pieces or in measures
of weighed goods: only the nomenclature knows which."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from app.contract import Account, Delivery, Glimpse
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, Unit
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import decode, glance
from app.marketplaces.text import clean
from app.marketplaces.yandex_eats.profile import CANCELLED, DELIVERIES, TOLD, YandexEatsSettings
from app.marketplaces.yandex_eats.server import PATH

#: When it does not say when somebody comes for an order.
USUAL: Final = timedelta(minutes=60)
_NULL: Final = msgspec.Raw(b"null")
Moment = Annotated[datetime, Meta(tz=True)]


class Item(msgspec.Struct):
    """One line: ours by the nomenclature's id."""

    id: reading.Id
    quantity: reading.Amount
    price: reading.Amount
    name: str = ""
    originPrice: reading.Amount | None = None  # noqa: N815 - the platform's spelling


class Delivered(msgspec.Struct):
    """When somebody comes for the order: a courier of theirs or of ours, or the customer."""

    courierArrivementDate: Moment | None = None  # noqa: N815
    deliveryDate: Moment | None = None  # noqa: N815
    clientArrivementDate: Moment | None = None  # noqa: N815
    isSlotDelivery: bool = False  # noqa: N815
    deliveryAddress: dict[str, Any] | None = None  # noqa: N815


class Payment(msgspec.Struct):
    """What of the money matters here."""

    paymentType: str = ""  # noqa: N815
    deliveryFee: reading.Amount | None = None  # noqa: N815


class Shape(msgspec.Struct):
    """An order; fields we do not follow are ignored, the raw body keeps them."""

    eatsId: reading.Id  # noqa: N815
    items: list[Item]
    restaurantId: reading.Id | None = None  # noqa: N815
    discriminator: str | None = None
    comment: str | None = None
    deliveryInfo: msgspec.Raw = msgspec.Raw(b"{}")  # noqa: N815
    paymentInfo: Payment | None = None  # noqa: N815


class Step(msgspec.Struct):
    """A status it sets."""

    status: str
    reason: str | None = None
    comment: str | None = None


def glimpse(delivery: Delivery) -> Glimpse:
    """The same body to the same address is the same delivery."""
    path = delivery.headers.get(PATH, "")
    digest = hashlib.sha256(path.encode("utf-8", "replace") + b"\n" + delivery.body).hexdigest()
    if path == "order":
        return Glimpse(f"order:{digest}", "order", glance(delivery, "eatsId"))
    status = glance(delivery, "status")
    return Glimpse(f"status:{digest}", f"status.{status}"[:100] if status else "", _ref(path))


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """An order, or a step on its way."""
    path = delivery.headers.get(PATH, "")
    if path == "order":
        return (ev.Placed(_draft(account, decode(delivery, Shape), at)),)
    step = decode(delivery, Step)
    if _ref(path) is None:
        raise Malformed("nobody knows of which order")
    status = account.codes.get("status", {}).get(step.status, step.status)
    if status == CANCELLED:
        return (ev.Cancelled(clean(step.reason or step.comment or "", 200) or "not said"),)
    if status not in TOLD:
        raise Unmapped("status", clean(status, 100))
    return (TOLD[status],)


def _ref(path: str) -> str | None:
    parts = path.split("/")
    if len(parts) != 3 or (parts[0], parts[2]) != ("order", "status"):
        return None
    try:
        return reading.order_ref(parts[1])
    except Malformed:
        return None


def _draft(account: Account, order: Shape, at: datetime) -> Draft:
    """Whose couriers deliver it is kept as `external_uuid`: it is asked for as what it came as."""
    settings = settings_of(account, YandexEatsSettings)
    about = Delivery({}, b"{}" if order.deliveryInfo == _NULL else bytes(order.deliveryInfo))
    info = decode(about, Delivered)
    payment = order.paymentInfo or Payment()
    goods = [_line(item, n, settings) for n, item in enumerate(order.items)]
    lines = reading.lines(goods)
    due_at = info.courierArrivementDate or info.deliveryDate or info.clientArrivementDate
    return Draft(
        external_id=reading.order_ref(order.eatsId),
        external_uuid=order.discriminator if order.discriminator in DELIVERIES else None,
        external_store=reading.name(order.restaurantId or settings.place, "restaurantId"),
        lines=lines,
        due_at=reading.plausible(due_at or at + USUAL),
        requested_total=reading.total(lines),
        planned=info.isSlotDelivery,
        comment=clean(order.comment or "", 2000),
        payment_methods=tuple(filter(None, (clean(payment.paymentType, 50),))),
        customer=reading.texts(decode(about, dict[str, Any])),
        address=reading.texts(info.deliveryAddress),
        pickup=order.discriminator == "pickup",
        discount=reading.total(lines) - reading.total(goods) or None,
        delivery_fee=reading.units(payment.deliveryFee, "deliveryFee"),
        currency=settings.currency,
    )


def _line(item: Item, n: int, settings: YandexEatsSettings) -> DraftLine:
    """Parts of a measure are weighed goods; whole ones are, where our catalogue says so."""
    where = f"items[{n}]"
    sku, each = reading.name(item.id, f"{where}.id"), settings.unit_grams
    quantity = reading.decimal(item.quantity, f"{where}.quantity", MAX_PIECES)
    price = reading.needed(reading.units(item.price, f"{where}.price"), where)
    grams = int((quantity * each).to_integral_value(ROUND_HALF_UP))
    weighed = bool(quantity % 1)
    return DraftLine(
        external_id=sku,
        name=clean(item.name, 300) or sku,
        unit=Unit.WEIGHT if weighed else Unit.PIECE,
        price=price,
        pieces=1 if weighed else reading.pieces(item.quantity, f"{where}.quantity"),
        grams=reading.grams(grams, f"{where}.quantity") if weighed else None,
        unit_grams=each if weighed else None,
        list_price=_above(price, reading.units(item.originPrice, f"{where}.originPrice")),
        if_weighed=None if weighed or grams > MAX_GRAMS else each,
    )


def _above(price: int, origin: int | None) -> int | None:
    """What it cost without a discount; less is the mark-up of the marketplace, and no discount."""
    return origin if origin is not None and origin > price else None
