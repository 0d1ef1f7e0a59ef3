"""What is Yandex Market telling us? A notification names an order; the order itself is fetched, and
of the two the later one is believed about its status."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, time, timedelta, timezone
from typing import Final

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed
from app.marketplaces import reading
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean
from app.marketplaces.yandex_market.profile import (
    COURIER,
    NEVER_OURS,
    NOT_PICKED,
    SHOP_SILENT,
    STAGES,
    STATES,
    YandexMarketSettings,
)
from app.marketplaces.yandex_market.shapes import Found, Item, Note, Order

#: Yandex writes the rouble as it was called until 1998.
_CURRENCIES: Final = {"RUR": "RUB"}
_GONE: Final = (OrderState.HANDED_OVER, OrderState.DELIVERED)
_OFF: Final = (OrderState.CANCELLED, OrderState.RETURNED)
_CANCELLED: Final = "ORDER_CANCELLED"


def glimpse(delivery: Delivery) -> Glimpse:
    """Its notifications have no id: the same bytes are the same one."""
    kind = clean(glance(delivery, "notificationType") or "", 100)
    digest = hashlib.sha256(delivery.body).hexdigest()
    return Glimpse(digest, kind, glance(delivery, "orderId"))


def thin(delivery: Delivery) -> bool:
    """Everything about an order."""
    seen = glimpse(delivery)
    return seen.event.startswith("ORDER_") and seen.order_ref is not None


def parse(account: Account, delivery: Delivery) -> Sequence[ev.MarketplaceEvent]:
    """The order as far as it is; nothing of feedback, chats and questions."""
    note = decode(delivery, Note)
    if not note.notification_type.startswith("ORDER_"):
        return ()
    if note.order_id is None or delivery.fetched is None:
        raise Malformed("a notification about an order that is not named or not fetched")
    orders = decode(Delivery({}, delivery.fetched), Found).orders
    if not orders:
        raise Malformed("no such order")
    order = decode(Delivery({}, bytes(orders[0])), Order)
    if str(order.order_id) != reading.order_ref(note.order_id):
        raise Malformed(f"order {str(order.order_id)[:40]!r} was fetched instead")
    events = _so_far(account, _later(account, note, order))
    if not note.notification_type.startswith("ORDER_RETURN_"):
        return events
    # What came back was sold before; whoever has never heard of it does not sell it now.
    return tuple(event for event in events if not isinstance(event, ev.Placed))


def parse_listed(account: Account, delivery: Delivery) -> Sequence[ev.MarketplaceEvent]:
    """The same of an order in a list."""
    return _so_far(account, decode(delivery, Order))


def page(account: Account, body: bytes) -> Page:
    """Its list, an order at a time, without those that are not the shop's."""
    found = decode(Delivery({}, body), Found)
    orders, unreadable = reading.each(
        map(bytes, found.orders), lambda raw: _listed(account, raw), "orderId"
    )
    token = found.paging.next_page_token if found.paging else None
    return Page([each for each in orders if each], token or None, unreadable)


def state_of(account: Account, order: Order) -> OrderState | None:
    """How far it is; None for a word that says nothing to us, as the documentation wants it."""
    codes = account.codes.get("status", {})
    stage = STAGES.get(order.substatus)
    if order.substatus in NEVER_OURS or order.program_type in NOT_PICKED:
        return None
    status = codes.get(order.status, order.status)
    if stage is not None and status in ("PROCESSING", "DELIVERY"):
        return stage
    return STATES.get(status)


def _later(account: Account, note: Note, order: Order) -> Order:
    """What an API that lags behind its own notification says is old news."""
    if not _newer(note, order.update_date):
        return order
    if note.notification_type == _CANCELLED:
        if state_of(account, order) in (None, *_OFF):  # not the shop's, or it says why
            return order
        order.status, order.substatus = "CANCELLED", note.substatus
    elif note.notification_type == "ORDER_STATUS_UPDATED" and note.status:
        order.status, order.substatus = note.status, note.substatus
    return order


def _newer(note: Note, known: datetime | None) -> bool:
    """An order need not say when it changed; nothing comes after a cancellation."""
    told = note.cancelled_at or note.updated_at
    if told is None or known is None:
        return known is None or note.notification_type == _CANCELLED
    return told > known


def _so_far(account: Account, order: Order) -> Sequence[ev.MarketplaceEvent]:
    state = state_of(account, order)
    if state is None:
        return ()
    silent = order.substatus in SHOP_SILENT
    reason = ev.NO_RESPONSE if silent else clean(order.substatus, 200)
    if _empty(order, state):
        return (ev.Cancelled(reason or "not said"),)
    draft, paid = _draft(account, order), state in _GONE
    total = _total(order, draft) if paid else None
    events = up_to(draft, state, paid=paid, total=total, reason=reason)
    courier = COURIER.get(order.substatus)
    return (*events, courier) if courier else events


def _listed(account: Account, raw: bytes) -> Listed | None:
    order = decode(Delivery({}, raw), Order)
    state = state_of(account, order)
    if state is None:  # not the shop's: it need not even have prices
        return None
    ref = reading.order_ref(order.order_id)
    changed_at = reading.plausible(order.update_date or order.creation_date)
    if _empty(order, state):
        return Listed(ref, state, changed_at, raw)
    draft = _draft(account, order)
    return Listed(
        order_ref=ref,
        state=state,
        changed_at=changed_at,
        body=raw,
        paid=state in _GONE,
        total=_total(order, draft),
        lines={line.external_id: line.pieces for line in draft.lines},
        final=state in (OrderState.READY, *_GONE),
    )


def _empty(order: Order, state: OrderState) -> bool:
    """Called off, or back, and nothing is left in it."""
    return state in _OFF and not any(item.count for item in order.items)


def _draft(account: Account, order: Order) -> Draft:
    settings = settings_of(account, YandexMarketSettings)
    off = order.status in ("CANCELLED", "RETURNED")
    counted = [(item, n, item.count if off else item.left()) for n, item in enumerate(order.items)]
    lines = reading.lines(_line(*each) for each in counted if each[2])
    total = reading.total(lines)
    return Draft(
        external_id=reading.order_ref(order.order_id),
        external_uuid=reading.order_ref(order.campaign_id),
        external_store=reading.name(order.campaign_id, "campaignId"),
        lines=lines,
        due_at=reading.plausible(_due(settings, order)),
        requested_total=total,
        discount=total - sum(_cost(*each) for each in counted if each[2]),
        comment=clean(order.notes, 2000),
        payment_methods=tuple(filter(None, (clean(order.payment_method, 50),))),
        business=order.buyer_type == "BUSINESS",
        currency=_currency(order),
    )


def _total(order: Order, draft: Draft) -> int | None:
    """Kopecks for the goods; nobody says whether those that were taken out are still in the price
    where they are still in the count."""
    whole = all(item.left() == item.count for item in order.items)
    return draft.requested_total - (draft.discount or 0) if whole else None


def _line(item: Item, n: int, left: int) -> DraftLine:
    """A piece's price is rounded up where all of them cost no whole number of kopecks each; what
    that is too much is the order's discount."""
    where = f"items[{n}]"
    pieces = reading.pieces(left, f"{where}.count")
    return DraftLine(
        external_id=reading.name(item.offer_id, f"{where}.offerId"),
        name=clean(item.offer_name, 300) or reading.name(item.offer_id, where),
        unit=Unit.PIECE,
        price=-(-_cost(item, n, left) // pieces),
        pieces=pieces,
        ref=f"{item.id}:{pieces}",
    )


def _cost(item: Item, n: int, left: int) -> int:
    """Kopecks for so many of the pieces, paid in money, in points, or in both."""
    parts = (
        [part for part in (item.prices.payment, item.prices.cashback) if part]
        if item.prices
        else []
    )
    if not parts:
        raise Malformed(f"items[{n}] has no price")
    whole = sum(reading.units(part.value, f"items[{n}].prices") or 0 for part in parts)
    return whole * left // item.count


def _currency(order: Order) -> str:
    prices = order.items[0].prices
    word = prices.payment.currencyId if prices and prices.payment else "RUR"
    found = _CURRENCIES.get(word, word)
    if len(found) != 3 or not (found.isascii() and found.isalpha() and found.isupper()):
        raise Malformed(f"no currency: {found[:10]!r}")
    return found


def _due(settings: YandexMarketSettings, order: Order) -> datetime:
    """Until when it must be packed, in the shop's zone."""
    shipment = order.delivery.shipment if order.delivery else None
    day = shipment.shipment_date if shipment else None
    clock = _clock(shipment.shipment_time or "") if shipment else None
    if day is None or (clock is None and order.program_type == "EXPRESS"):
        return reading.plausible(order.creation_date) + timedelta(minutes=settings.express_minutes)
    zone = timezone(timedelta(hours=settings.utc_hours))
    return datetime.combine(day, clock or time(settings.ship_hour), zone)


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
