"""What is WooCommerce telling us? Every body is the whole order, and its status says how far it is.
The topic stands in a header that no signature covers: it decides nothing that a body does not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import OrderState
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import OPEN, up_to
from app.marketplaces.text import clean
from app.marketplaces.woocommerce import order as orders
from app.marketplaces.woocommerce.profile import WooSettings
from app.marketplaces.woocommerce.shapes import Deleted, Shape

TOPIC: Final = "x-wc-webhook-topic"
_WHOLE: Final = ("order.created", "order.updated", "order.restored")
_FINAL: Final = (OrderState.READY, OrderState.HANDED_OVER, OrderState.DELIVERED)


def glimpse(delivery: Delivery) -> Glimpse:
    """A delivery has no id that stays: it is known by its body, which has the time of the change
    in it."""
    digest = hashlib.sha256(delivery.body).hexdigest()
    topic = clean(delivery.headers.get(TOPIC, ""), 100)
    ref = glance(delivery, "id") if topic.startswith("order.") else None
    return Glimpse(digest, topic, ref)


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one delivery; a topic we do not follow says nothing."""
    topic = delivery.headers.get(TOPIC, "")
    if topic == "order.deleted":
        reading.order_ref(decode(delivery, Deleted).id)
        return (ev.Cancelled("deleted"),)
    if topic in _WHOLE:
        return _as_it_is(decode(delivery, Shape), account, at)
    decode(delivery, dict[str, msgspec.Raw])
    return ()


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    events = _as_it_is(decode(delivery, Shape), account, at)
    if not events:
        raise Malformed("an order that is not to be picked yet")
    return events


def page(account: Account, body: bytes, turned: Turned, size: int) -> Page:
    """What its list says, an order at a time; those that are not to be picked are left out."""
    raws = [*map(bytes, decode(Delivery({}, body), list[msgspec.Raw]))]
    read, unreadable = reading.each(raws, lambda raw: _listed(account, raw), "id")
    found = [one for one in read if one is not None]
    return Page(found, turned.after(raws, size), unreadable)


class Turned(msgspec.Struct, frozen=True):
    """Where a list goes on: by the time of the last change, so that an order that is changed
    meanwhile pushes no other one off its page; by pages within one second."""

    since: datetime
    page: int = 1

    @staticmethod
    def read(cursor: str | None, since: datetime) -> Turned:
        """The place a cursor names; the beginning without one, or one of another kind."""
        if cursor is None:
            return Turned(since)
        try:
            return msgspec.json.decode(cursor, type=Turned)
        except msgspec.MsgspecError:
            return Turned(since)

    def after(self, raws: Sequence[bytes], size: int) -> str | None:
        """Where to go on after a page; None: that was all."""
        if len(raws) < size:
            return None
        text = glance(Delivery({}, raws[-1]), "date_modified_gmt") or ""
        try:
            last = orders.moment(datetime.fromisoformat(text))
        except (ValueError, Malformed):
            last = None
        if last is None or last <= self.since:
            return msgspec.json.encode(Turned(self.since, self.page + 1)).decode()
        return msgspec.json.encode(Turned(last)).decode()


def _as_it_is(order: Shape, account: Account, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    settings, codes = _of(account)
    state = orders.state(order, settings, codes)
    reading.order_ref(order.id)
    if state is None:
        return ()
    paid = order.date_paid_gmt is not None
    return up_to(
        orders.draft(order, settings, at),
        state,
        paid=paid,
        total=orders.goods_total(order) if paid else None,
        reason=clean(order.status, 200),
        open_=(*OPEN, OrderState.PICKING),
    )


def _of(account: Account) -> tuple[WooSettings, Mapping[str, str]]:
    return settings_of(account, WooSettings), account.codes.get("status", {})


def _listed(account: Account, raw: bytes) -> Listed | None:
    order = decode(Delivery({}, raw), Shape)
    settings, codes = _of(account)
    changed_at = orders.moment(order.date_modified_gmt)
    if changed_at is None:
        raise Malformed("no date_modified_gmt")
    try:
        state = orders.state(order, settings, codes)
        if state is None:
            return None
    except Unmapped:
        state = None
    draft = orders.draft(order, settings, changed_at)
    return Listed(
        order_ref=draft.external_id,
        state=state,
        changed_at=changed_at,
        body=raw,
        paid=order.date_paid_gmt is not None,
        total=orders.goods_total(order),
        lines={line.external_id: line.pieces for line in draft.lines},
        final=state in _FINAL,
    )
