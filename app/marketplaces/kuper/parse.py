"""What is СМ telling us? Field names after facts collected from its clients and published tests
(README.md). Money is decimal roubles in strings, weight grams in strings, time ISO 8601."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.domain import events as ev
from app.domain.money import MAX_KOPECKS, half_up, parse_roubles
from app.domain.order import Draft, DraftLine, Replacement, Unit
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.errors import Malformed
from app.marketplaces.json_body import decode
from app.marketplaces.kuper import codes
from app.marketplaces.text import clean
from app.ports import Delivery

#: When СМ says nothing of a deadline: an hour, its usual promise for express orders.
DEFAULT_ASSEMBLY: Final = timedelta(minutes=60)
MAX_POSITIONS: Final = 1000
_PLAUSIBLE: Final = (2015, 2100)

Moment = Annotated[datetime, Meta(tz=True)]
Id = str | int
Amount = str | int | float


class Position(msgspec.Struct):
    """One position; `weight` is grams of the whole position, present for weighed goods."""

    id: Id
    name: str = ""
    originalQuantity: Amount | None = None  # noqa: N815 - the platform's spelling
    quantity: Amount | None = None
    price: Amount | None = None
    discountPrice: Amount | None = None  # noqa: N815
    weight: Amount | None = None


class Total(msgspec.Struct):
    """Sums over the whole order."""

    totalPrice: Amount | None = None  # noqa: N815
    discountTotalPrice: Amount | None = None  # noqa: N815


class Window(msgspec.Struct):
    """When the customer expects the courier."""

    expectedFrom: Moment | None = None  # noqa: N815
    expectedTo: Moment | None = None  # noqa: N815
    isPlanned: bool = False  # noqa: N815


class Cancellation(msgspec.Struct):
    """Why, as a slug and in words."""

    slug: str = ""
    description: str = ""


class Payload(msgspec.Struct):
    """The order; fields we do not follow are ignored, the raw body keeps them."""

    originalOrderId: Id  # noqa: N815
    orderUUID: str | None = None  # noqa: N815
    storeID: Id | None = None  # noqa: N815
    storeImportKey: Id | None = None  # noqa: N815
    positions: list[Position] | UnsetType = UNSET
    delivery: Window | None = None
    completeBefore: Moment | None = None  # noqa: N815
    total: Total | None = None
    paymentMethods: list[str] | None = None  # noqa: N815
    replacementPolicy: str | None = None  # noqa: N815
    comment: str | None = None
    clientType: str | None = None  # noqa: N815
    customer: dict[str, msgspec.Raw] | None = None
    address: dict[str, msgspec.Raw] | None = None
    cancellation: Cancellation | None = None
    cancellationReason: str | None = None  # noqa: N815


class Envelope(msgspec.Struct):
    """The outer shape; `payload` is decoded only for events we follow."""

    event_type: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")


def parse(delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one delivery that came in `at`; an unknown event name says nothing, on purpose."""
    envelope = decode(delivery, Envelope)
    name = envelope.event_type
    if name not in codes.KNOWN_EVENTS:
        return ()
    payload = decode(Delivery({}, bytes(envelope.payload)), Payload)
    if name in codes.PLAIN_EVENTS:
        return (codes.PLAIN_EVENTS[name],)
    if name == codes.PAID:
        return (ev.Paid(_paid_total(payload)),)
    if name == codes.CANCELED:
        return (ev.Cancelled(_cancel_reason(payload)),)
    if name in codes.CHANGED and payload.positions is UNSET:
        raise Malformed("a change without positions")
    draft = _draft(payload, at)
    return (ev.Placed(draft) if name == codes.CREATED else ev.Changed(draft),)


def _draft(payload: Payload, at: datetime) -> Draft:
    window = payload.delivery or Window()
    lines = _lines(payload)
    due_at = _plausible(payload.completeBefore or window.expectedFrom or at + DEFAULT_ASSEMBLY)
    return Draft(
        external_id=order_ref(payload.originalOrderId),
        external_uuid=clean(payload.orderUUID, 100) if payload.orderUUID else None,
        external_store=_store(payload),
        lines=lines,
        due_at=due_at,
        requested_total=_requested_total(payload, lines),
        delivery_from=window.expectedFrom and _plausible(window.expectedFrom),
        delivery_to=window.expectedTo and _plausible(window.expectedTo),
        planned=window.isPlanned,
        replacement=codes.POLICIES.get(payload.replacementPolicy or "", Replacement.ASK),
        comment=clean(payload.comment or "", 2000),
        payment_methods=tuple(clean(m, 50) for m in (payload.paymentMethods or ())[:10]),
        business=payload.clientType == "b2b",
        customer=_texts(payload.customer),
        address=_texts(payload.address),
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
    given = (
        position.originalQuantity if position.originalQuantity is not None else (position.quantity)
    )
    quantity = _decimal(given, f"{where}.quantity", MAX_PIECES)
    grams = _decimal(position.weight or 0, f"{where}.weight", MAX_GRAMS)
    price = position.discountPrice if position.discountPrice is not None else position.price
    if quantity * 1000 % 1 or not quantity:
        raise Malformed(f"{where}.quantity: {quantity} is nothing we can count")
    if not grams and quantity % 1:
        raise Malformed(f"{where}.quantity: {quantity} pieces of a good without weight")
    return DraftLine(
        external_id=clean(str(position.id), 100) or _missing(f"{where}.id"),
        name=clean(position.name, 300) or str(position.id)[:100],
        unit=Unit.WEIGHT if grams else Unit.PIECE,
        price=_money(price, f"{where}.price"),
        pieces=-int(-quantity // 1),
        grams=int(grams) if grams else None,
        unit_grams=half_up(int(grams * 1000), int(quantity * 1000)) or 1 if grams else None,
    )


def _missing(where: str) -> str:
    raise Malformed(f"{where} is empty")


def _requested_total(payload: Payload, lines: tuple[DraftLine, ...]) -> int:
    total = payload.total or Total()
    given = total.discountTotalPrice if total.discountTotalPrice is not None else total.totalPrice
    if given is not None:
        return _money(given, "total")
    by_lines = sum(
        half_up(line.price * line.grams, line.unit_grams)
        if line.grams and line.unit_grams
        else line.price * line.pieces
        for line in lines
    )
    if by_lines > MAX_KOPECKS:
        raise Malformed("total out of range")
    return by_lines


def _paid_total(payload: Payload) -> int | None:
    if payload.total is None:
        return None
    given = payload.total.discountTotalPrice or payload.total.totalPrice
    return None if given is None else _money(given, "total")


def _cancel_reason(payload: Payload) -> str:
    given = payload.cancellation or Cancellation()
    words = given.slug or payload.cancellationReason or given.description or "not said"
    return clean(words, 200)


def _money(value: Amount | None, where: str) -> int:
    if value is None:
        raise Malformed(f"{where} is missing")
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
    return number


def _plausible(moment: datetime) -> datetime:
    if not _PLAUSIBLE[0] <= moment.year < _PLAUSIBLE[1]:
        raise Malformed(f"a date in the year {moment.year}")
    return moment


def _texts(given: dict[str, msgspec.Raw] | None) -> tuple[tuple[str, str], ...]:
    """Scalar fields as clean text; nested ones stay in the raw body only."""
    kept = []
    for key, raw in list((given or {}).items())[:40]:
        value = msgspec.json.decode(raw)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            kept.append((clean(key, 50), clean(str(value), 500)))
    return tuple(kept)
