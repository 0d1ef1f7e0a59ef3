"""What is the demo marketplace telling us? Money is in minor units, weight in grams."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.demo.profile import PLAIN, STATES
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean

Moment = Annotated[datetime, Meta(tz=True)]
#: The composition is what was picked.
_FINAL: Final = (OrderState.READY, OrderState.HANDED_OVER, OrderState.DELIVERED)


class Item(msgspec.Struct):
    """One line. `price`: of one piece, or of `per` grams."""

    line: str
    sku: str
    price: int
    quantity: int
    name: str = ""
    unit: Literal["pcs", "g"] = "pcs"
    per: int = 1000


class Shape(msgspec.Struct):
    """An order; fields we do not follow are ignored, the raw body keeps them."""

    id: reading.Id
    store: str = ""
    items: list[Item] = []
    ready_by: Moment | None = None
    changed_at: Moment | None = None
    status: str = "new"
    paid: bool = False
    total: int | None = None
    comment: str = ""
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "RUB"
    reason: str = ""
    customer: dict[str, Any] | None = None


class Envelope(msgspec.Struct):
    """The outer shape of an event."""

    event: str
    order: msgspec.Raw = msgspec.Raw(b"{}")


class Found(msgspec.Struct):
    """One page of orders."""

    orders: list[msgspec.Raw]
    next: str | None = None


def glimpse(delivery: Delivery) -> Glimpse:
    """Event and order as far as they can be made out. Its id is the same for every repeat; a body
    that differs all the same is another delivery."""
    event, ref = glance(delivery, "event"), glance(delivery, "order", "id")
    id_ = delivery.headers.get("x-demo-id", "")
    digest = hashlib.sha256(delivery.body).hexdigest()
    return Glimpse(f"{clean(id_, 100)}:{digest}", event or "", ref)


def parse(delivery: Delivery) -> Sequence[ev.MarketplaceEvent]:
    """Translate one delivery; an unknown event name says nothing, on purpose."""
    envelope = decode(delivery, Envelope)
    order = decode(Delivery({}, bytes(envelope.order)), Shape)
    reading.order_ref(order.id)
    name = envelope.event
    if name in PLAIN:
        return (PLAIN[name],)
    if name == "order.created":
        return (ev.Placed(_draft(order)),)
    if name == "order.changed":
        return (ev.Changed(_draft(order)),)
    if name == "order.paid":
        return (ev.Paid(reading.minor(order.total, "total")),)
    if name == "order.cancelled":
        return (ev.Cancelled(clean(order.reason, 200) or "not said"),)
    return ()


def page(account: Account, body: bytes) -> Page:
    """What its list says, an order at a time."""
    found = decode(Delivery({}, body), Found)
    orders, unreadable = reading.each(map(bytes, found.orders), partial(_listed, account), "id")
    return Page(orders, found.next, unreadable)


def parse_listed(account: Account, delivery: Delivery) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    order = decode(delivery, Shape)
    state = _state(account, order)
    total = reading.minor(order.total, "total") if order.paid else None
    return up_to(_draft(order), state, paid=order.paid, total=total, reason=order.reason)


def _state(account: Account, order: Shape) -> OrderState:
    state = STATES.get(account.codes.get("status", {}).get(order.status, order.status))
    if state is None:
        raise Unmapped("status", clean(order.status, 100))
    return state


def _listed(account: Account, raw: bytes) -> Listed:
    order = decode(Delivery({}, raw), Shape)
    draft, state = _draft(order), reading.explained(partial(_state, account, order))
    if order.changed_at is None:
        raise Malformed("no changed_at")
    return Listed(
        order_ref=draft.external_id,
        state=state,
        changed_at=reading.plausible(order.changed_at),
        body=raw,
        paid=order.paid,
        total=order.total,
        lines={line.external_id: line.grams or line.pieces for line in draft.lines},
        final=state in _FINAL,
    )


def _draft(order: Shape) -> Draft:
    lines = reading.lines(_line(item, n) for n, item in enumerate(order.items))
    if order.ready_by is None:
        raise Malformed("no ready_by")
    return Draft(
        external_id=reading.order_ref(order.id),
        external_uuid=None,
        external_store=reading.name(order.store, "store"),
        lines=lines,
        due_at=reading.plausible(order.ready_by),
        requested_total=reading.total(lines),
        comment=clean(order.comment, 2000),
        customer=reading.texts(order.customer),
        currency=order.currency,
    )


def _line(item: Item, n: int) -> DraftLine:
    where = f"items[{n}]"
    sku, weighed = reading.name(item.sku, f"{where}.sku"), item.unit == "g"
    quantity = f"{where}.quantity"
    return DraftLine(
        external_id=sku,
        name=clean(item.name, 300) or sku,
        unit=Unit.WEIGHT if weighed else Unit.PIECE,
        price=reading.needed(reading.minor(item.price, f"{where}.price"), where),
        pieces=1 if weighed else reading.pieces(item.quantity, quantity),
        grams=reading.grams(item.quantity, quantity) if weighed else None,
        unit_grams=reading.grams(item.per, f"{where}.per") if weighed else None,
        ref=reading.name(item.line, f"{where}.line"),
    )
