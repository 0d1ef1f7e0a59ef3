"""What is СМ telling us? Money is decimal roubles in strings, weight grams in strings, time ISO
8601; every way in which a body can say something else ends as Malformed with the place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any, Final

from msgspec import UNSET

from app.contract import Delivery
from app.domain import events as ev
from app.domain.money import MAX_KOPECKS, by_weight, half_up, parse_roubles
from app.domain.order import Draft, DraftLine, Replacement, Unit
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.errors import Malformed
from app.marketplaces.json_body import decode
from app.marketplaces.kuper import codes
from app.marketplaces.kuper.shapes import (
    Amount,
    Cancellation,
    Envelope,
    Id,
    Payload,
    Position,
    Total,
    Window,
)
from app.marketplaces.text import clean

#: When СМ says nothing of a deadline: an hour, its usual promise for express orders.
DEFAULT_ASSEMBLY: Final = timedelta(minutes=60)
MAX_POSITIONS: Final = 1000
_PLAUSIBLE: Final = (2015, 2100)
#: Finer parts of a piece than anybody weighs; an exponent of a million must not get any further.
_FINEST: Final = Decimal("0.000001")


def parse(delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one delivery that came in `at`; an unknown event name says nothing, on purpose."""
    envelope = decode(delivery, Envelope)
    name = envelope.event_type
    if name not in codes.KNOWN_EVENTS:
        return ()
    payload = decode(Delivery({}, bytes(envelope.payload)), Payload)
    order_ref(payload.originalOrderId)
    if name in codes.PLAIN_EVENTS:
        return (codes.PLAIN_EVENTS[name],)
    if name == codes.PAID:
        return (ev.Paid(total(payload)),)
    if name == codes.CANCELED:
        return (ev.Cancelled(cancel_reason(payload)),)
    if name in codes.CHANGED and payload.positions is UNSET:
        raise Malformed("a change without positions")
    told = draft(payload, at)
    return (ev.Placed(told) if name == codes.CREATED else ev.Changed(told),)


def draft(payload: Payload, at: datetime) -> Draft:
    """The order as it was placed or changed `at` that moment."""
    window = payload.delivery or Window()
    lines = _lines(payload)
    due_at = _plausible(payload.completeBefore or window.expectedFrom or at + DEFAULT_ASSEMBLY)
    return Draft(
        external_id=order_ref(payload.originalOrderId),
        external_uuid=clean(payload.orderUUID, 100) if payload.orderUUID else None,
        external_store=_store(payload),
        lines=lines,
        due_at=due_at,
        requested_total=_requested(payload, lines),
        delivery_from=window.expectedFrom and _plausible(window.expectedFrom),
        delivery_to=window.expectedTo and _plausible(window.expectedTo),
        planned=window.isPlanned,
        replacement=codes.POLICIES.get(payload.replacementPolicy or "", Replacement.ASK),
        comment=clean(payload.comment or "", 2000),
        payment_methods=tuple(clean(m, 50) for m in (payload.paymentMethods or ())[:10]),
        business=payload.clientType == "b2b",
        customer=_texts(payload.customer),
        address=_texts(payload.address),
        pickup=payload.shipmentMethod == codes.PICKUP,
        delivery_fee=_money(payload.deliveryCost, "deliveryCost"),
    )


def order_ref(value: Id) -> str:
    """СМ's order id as we keep it; empty or overlong is Malformed."""
    text = str(value)
    if not text or len(text) > 100 or clean(text, 100) != text:
        raise Malformed(f"no order id we can keep: {text[:40]!r}")
    return text


def _store(payload: Payload) -> str:
    given = payload.storeID if payload.storeID is not None else payload.storeImportKey
    if given is None:
        raise Malformed("no store: neither storeID nor storeImportKey")
    return clean(str(given), 100)


def _lines(payload: Payload) -> tuple[DraftLine, ...]:
    positions = payload.positions or []
    if not 0 < len(positions) <= MAX_POSITIONS:
        raise Malformed(f"{len(positions)} positions, expected 1 to {MAX_POSITIONS}")
    lines = tuple(_line(position, n) for n, position in enumerate(positions))
    ids = [line.external_id for line in lines]
    if len(set(ids)) != len(ids):
        raise Malformed("the same position id twice")
    return lines


def _line(position: Position, n: int) -> DraftLine:
    where = f"positions[{n}]"
    given = position.quantity if position.quantity is not None else position.originalQuantity
    quantity = _decimal(given, f"{where}.quantity", MAX_PIECES)
    grams = int(_decimal(position.weight or 0, f"{where}.weight", MAX_GRAMS))
    full = _money(position.price, f"{where}.price")
    reduced = _money(position.discountPrice, f"{where}.discountPrice")
    if quantity * 1000 % 1 or not quantity:
        raise Malformed(f"{where}.quantity: {quantity} is nothing we can count")
    if not grams and quantity % 1:
        raise Malformed(f"{where}.quantity: {quantity} pieces of a good without weight")
    sku = clean(str(position.id), 100) or _missing(f"{where}.id")
    price = full if reduced is None else reduced
    if price is None:
        raise Malformed(f"{where}.price is missing")
    factor, unit_grams = _priced_by(quantity, grams)
    return DraftLine(
        external_id=sku,
        name=clean(position.name, 300) or sku,
        unit=Unit.WEIGHT if grams else Unit.PIECE,
        price=price * factor,
        pieces=ceil(quantity),
        grams=grams or None,
        unit_grams=unit_grams,
        list_price=full * factor if full is not None and full > price else None,
    )


def _priced_by(quantity: Decimal, grams: int) -> tuple[int, int | None]:
    """How many prices are for how many grams. Three of something in 1000 g cost three prices for
    1000 g: a third of a kilogram is no whole number of grams, and kopecks are exact."""
    if not grams:
        return 1, None
    if quantity % 1 or grams % int(quantity) == 0:
        return 1, half_up(grams * 1000, int(quantity * 1000)) or 1
    return int(quantity), grams


def _missing(where: str) -> str:
    raise Malformed(f"{where} is empty")


def _requested(payload: Payload, lines: tuple[DraftLine, ...]) -> int:
    """Of goods; without their discounts it must be a sum that can be kept, too."""
    by_lines = sum(_cost(line, line.price) for line in lines)
    full = sum(_cost(line, line.list_price or line.price) for line in lines)
    if max(by_lines, full) > MAX_KOPECKS:
        raise Malformed("total out of range")
    said = total(payload)
    return by_lines if said is None else said


def _cost(line: DraftLine, price: int) -> int:
    if line.grams and line.unit_grams:
        return by_weight(price, line.grams, line.unit_grams)
    return price * line.pieces


def total(payload: Payload) -> int | None:
    """What the customer pays as СМ says it, None when it does not."""
    sums = payload.total or Total()
    given = sums.discountTotalPrice if sums.discountTotalPrice is not None else sums.totalPrice
    return _money(given, "total")


def cancel_reason(payload: Payload) -> str:
    """Its word, or ours for a shop that did not react."""
    given = payload.cancellation or Cancellation()
    if given.slug.lower() in codes.SHOP_SILENT:
        return ev.NO_RESPONSE
    words = given.slug or payload.cancellationReason or given.description or "not said"
    return clean(words, 200)


def _money(value: Amount | None, where: str) -> int | None:
    """Kopecks, None when nothing is said."""
    if value is None:
        return None
    try:
        return parse_roubles(str(value))
    except ValueError as error:
        raise Malformed(f"{where}: {error}") from None


def _decimal(value: Amount | None, where: str, most: int) -> Decimal:
    try:
        number = Decimal(str(value)[:20])
    except InvalidOperation:
        raise Malformed(f"{where} is no number: {str(value)[:40]!r}") from None
    if not number.is_finite() or not 0 <= number <= most:
        raise Malformed(f"{where} out of range: {str(value)[:40]}")
    return number.quantize(_FINEST)


def _plausible(moment: datetime) -> datetime:
    if not _PLAUSIBLE[0] <= moment.year < _PLAUSIBLE[1]:
        raise Malformed(f"a date in the year {moment.year}")
    return moment


def _texts(given: dict[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Scalar fields as clean text; nested ones stay in the raw body only."""
    return tuple(
        (clean(key, 50), clean(str(value), 500))
        for key, value in list((given or {}).items())[:40]
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    )
