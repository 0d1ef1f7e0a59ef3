"""What is MegaMarket telling us? Money is decimal roubles; each unit is a lot of its own, and lots
of the same goods are one line of ours with all their indexes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Final

from app.contract import Account, Delivery, Glimpse, Listed
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import decode
from app.marketplaces.megamarket.profile import (
    CANCEL,
    NEW,
    OFF,
    ROAD,
    STATES,
    MegamarketSettings,
)
from app.marketplaces.megamarket.shapes import Envelope, Lot, Shipment
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean

#: What a delivery keeps of the address it came to.
PATH: Final = "x-path"
USUAL: Final = timedelta(minutes=60)
#: A whole page of HTML, to be printed.
_PRINTED: Final = "labelText"
_GONE: Final = (OrderState.HANDED_OVER, OrderState.DELIVERED)


def glimpse(delivery: Delivery) -> Glimpse:
    """The same bytes to the same address are the same delivery."""
    path = delivery.headers.get(PATH, "")
    digest = hashlib.sha256(path.encode("utf-8", "replace") + b"\n" + delivery.body).hexdigest()
    try:
        ref: str | None = reading.order_ref(_only(delivery.body).shipment_id)
    except Malformed:
        ref = None
    return Glimpse(digest, path if path in (NEW, CANCEL) else "", ref)


def thin(delivery: Delivery) -> bool:
    """A cancellation names lots; what is left of the order must be fetched."""
    seen = glimpse(delivery)
    return seen.event == CANCEL and seen.order_ref is not None


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """A new order; or what is left of one."""
    decode(delivery, Envelope)
    path, said = delivery.headers.get(PATH, ""), _only(delivery.body)
    if path == NEW:
        return (ev.Placed(_draft(account, said, said.items, at)),)
    if path != CANCEL:
        raise Malformed("not an address of ours")
    if delivery.fetched is None:
        raise Malformed("the order was not fetched")
    known = _only(delivery.fetched)
    if str(known.shipment_id) != str(said.shipment_id):
        raise Malformed("another order was fetched")
    gone = {str(lot.item_index) for lot in said.items}
    codes = account.codes.get("status", {})
    still = [lot for lot in known.items if codes.get(lot.status, lot.status) not in OFF]
    left = [lot for lot in still if str(lot.item_index) not in gone]
    reading.order_ref(said.shipment_id)
    if not left or not gone:
        return (ev.Cancelled("CUSTOMER_CANCELED"),)
    return (ev.Changed(_draft(account, known, left, at)),)


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where order/get says it is."""
    shipment = decode(delivery, Shipment)
    state, lots = _stand(account, shipment)
    draft = _draft(account, shipment, lots, at)
    total = _total(lots) if state in _GONE else None
    return up_to(draft, state, paid=state in _GONE, total=total, reason=_why(shipment))


def listed(account: Account, raw: bytes, since: datetime) -> Listed:
    """One order of a list. It does not say when it changed: `since` stands for that."""
    shipment = decode(Delivery({}, raw), Shipment)
    known = reading.explained(partial(_stand, account, shipment))
    state, lots = known or (None, shipment.items)
    draft = _draft(account, shipment, lots, since)
    return Listed(
        order_ref=draft.external_id,
        state=state,
        changed_at=since,
        body=raw,
        paid=state in _GONE,
        total=_total(lots),
        lines={line.external_id: line.pieces for line in draft.lines},
        final=state in (OrderState.READY, *_GONE),
    )


def statuses(body: bytes) -> dict[str, str]:
    """What became of each lot, by its index, in an answer of order/get."""
    return {str(lot.item_index): lot.status for lot in _only(body).items}


def _only(body: bytes) -> Shipment:
    """A delivery is one order's; nobody has seen two in one."""
    shipments = decode(Delivery({}, body), Envelope).data.shipments
    if len(shipments) != 1:
        raise Malformed(f"{len(shipments)} shipments in one message")
    return decode(Delivery({}, bytes(shipments[0])), Shipment)


def _stand(account: Account, shipment: Shipment) -> tuple[OrderState, list[Lot]]:
    """As far as the last of its lots; of an order of which nothing is left, all lots."""
    codes = account.codes.get("status", {})
    words = [codes.get(w, w) for w in (lot.status or shipment.status for lot in shipment.items)]
    unknown = [word for word in words if word not in STATES and word not in OFF]
    if unknown:
        raise Unmapped("status", clean(unknown[0], 100))
    left = [lot for lot, word in zip(shipment.items, words, strict=True) if word not in OFF]
    states = [STATES[word] for word in words if word not in OFF]
    if not states:
        return OrderState.CANCELLED, shipment.items
    return min(states, key=ROAD.index), left


def _why(shipment: Shipment) -> str:
    words = sorted({lot.status for lot in shipment.items if lot.status in OFF})
    return words[0] if words else ""


def _draft(account: Account, shipment: Shipment, lots: Sequence[Lot], at: datetime) -> Draft:
    settings = settings_of(account, MegamarketSettings)
    dearest: dict[str, int] = {}
    for n, lot in enumerate(lots):
        sku = reading.name(lot.offer_id, f"items[{n}].offerId")
        dearest[sku] = max(dearest.get(sku, 0), _price(lot, n))
    lines = reading.lines(_line(lot, n, dearest) for n, lot in enumerate(lots))
    total = reading.total(lines)
    return Draft(
        external_id=reading.order_ref(shipment.shipment_id),
        external_uuid=None,
        external_store=_store(shipment, settings),
        lines=lines,
        due_at=_due(shipment, settings, at),
        requested_total=total,
        discount=total - _total(lots),
        customer=reading.texts({"fullName": shipment.customer_full_name or "-"}),
        address=reading.texts({k: v for k, v in (shipment.label or {}).items() if k != _PRINTED}),
    )


def _line(lot: Lot, n: int, dearest: dict[str, int]) -> DraftLine:
    """At the price of the dearest lot of these goods; what others cost less is a discount."""
    sku = reading.name(lot.offer_id, f"items[{n}].offerId")
    pieces = reading.pieces(lot.quantity, f"items[{n}].quantity")
    named = lot.item_name or (lot.goods_data.name if lot.goods_data else "")
    return DraftLine(
        external_id=sku,
        name=clean(named, 300) or sku,
        unit=Unit.PIECE,
        price=dearest[sku],
        pieces=pieces,
        ref=rows.ref(reading.name(lot.item_index, f"items[{n}].itemIndex"), pieces),
    )


def _price(lot: Lot, n: int) -> int:
    said = lot.price if lot.final_price is None else lot.final_price
    return reading.needed(reading.units(said, f"items[{n}].price"), f"items[{n}].price")


def _total(lots: Sequence[Lot]) -> int:
    return sum(
        _price(lot, n) * reading.pieces(lot.quantity, f"items[{n}].quantity")
        for n, lot in enumerate(lots)
    )


def _store(shipment: Shipment, settings: MegamarketSettings) -> str:
    point = shipment.shipping.shipping_point if shipment.shipping else None
    given = point or shipment.shipping_point or settings.merchant_id
    return reading.name(given, "shippingPoint")


def _due(shipment: Shipment, settings: MegamarketSettings, at: datetime) -> datetime:
    """Packed before the hand-over; the first of the deadlines that is one."""
    shipping = shipment.shipping or None
    window = shipping.shipping_interval if shipping else None
    said = (
        shipment.packing_time_limit, window.date_from if window else None,
        shipping.shipping_date if shipping else None, shipment.shipping_time_limit,
        shipment.shipment_date,
    )  # fmt: skip
    zone = timezone(timedelta(hours=settings.utc_hours))
    found = [moment for moment in (_moment(each, zone) for each in said) if moment]
    return reading.plausible(found[0] if found else at + USUAL)


def _moment(text: str | None, zone: timezone) -> datetime | None:
    """Times come with an offset, with Z, or without either."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
