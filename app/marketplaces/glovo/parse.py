"""What is Glovo telling us? Every message is a whole order and its status."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from app.contract import Account, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import OrderState
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.account import settings_of
from app.marketplaces.glovo.order import amounts, draft, moment, ref
from app.marketplaces.glovo.profile import CONFIRMED, OURS, STATES, GlovoSettings
from app.marketplaces.glovo.shapes import Cancellation, Found, Shape, Sys, Told
from app.marketplaces.json_body import decode, glance
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean

#: The composition is what was picked.
_FINAL: Final = (OrderState.READY, OrderState.HANDED_OVER, OrderState.DELIVERED)


def glimpse(delivery: Delivery) -> Glimpse:
    """Messages have no id of their own: the same bytes are the same message."""
    word = clean(glance(delivery, "status") or "", 100)
    if glance(delivery, "transport_type") == OURS and word == "READY_FOR_PICKUP":
        word = CONFIRMED
    digest = hashlib.sha256(delivery.body).hexdigest()
    return Glimpse(digest, word, glance(delivery, "order_id"))


def parse(account: Account, delivery: Delivery, at: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one message."""
    told = decode(delivery, Told)
    ref(told.order_id)
    word = _status(account, told.status)
    if word == "RECEIVED":
        return (ev.Placed(draft(account, decode(delivery, Shape), at)),)
    if word == "CANCELLED":
        return (ev.Cancelled(_why(told.cancellation)),)
    if word == "DELIVERED":
        return (ev.Delivered(),)
    if word == "DISPATCHED" or (word == "READY_FOR_PICKUP" and told.transport_type == OURS):
        sold = settings_of(account, GlovoSettings).sold == "dispatched"
        return (ev.Taken(), ev.Delivered()) if sold else (ev.Taken(),)
    return ()


def parse_listed(
    account: Account, delivery: Delivery, at: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    order = decode(delivery, Shape)
    so_far = state(account, order) or OrderState.ACCEPTED
    why = _why(order.cancellation)
    return up_to(draft(account, order, at), so_far, paid=False, total=None, reason=why)


def page(account: Account, body: bytes, since: datetime) -> tuple[Page, int]:
    """The orders of a page that changed since then, and how many pages there are."""
    found = decode(Delivery({}, body), Found)
    orders, amiss = reading.each(map(bytes, found.orders), partial(_listed, account), "order_id")
    late = [each for each in orders if each.changed_at >= since]
    return Page(late, None, amiss), found.total_pages


def state(account: Account, order: Shape) -> OrderState | None:
    """How far an order is. One for our own courier says nothing until he has left: we tell its
    composition before, and no status shows that."""
    found = STATES[_status(account, order.status)]
    if order.transport_type == OURS and found in (OrderState.ACCEPTED, OrderState.PICKING):
        return None
    if order.transport_type == OURS and found is OrderState.READY:
        found = OrderState.HANDED_OVER
    if found is OrderState.HANDED_OVER and settings_of(account, GlovoSettings).sold != "delivered":
        return OrderState.DELIVERED
    return found


def _status(account: Account, word: str) -> str:
    known = account.codes.get("status", {}).get(word, word)
    if known not in STATES:
        raise Unmapped("status", clean(word, 100) or "none")
    return known


def _why(cancellation: Cancellation | None) -> str:
    given = cancellation or Cancellation()
    words = [clean(each or "", 90) for each in (given.reason, given.cancelled_by)]
    return ", ".join(filter(None, words)) or "not said"


def _listed(account: Account, raw: bytes) -> Listed:
    order = decode(Delivery({}, raw), Shape)
    when = order.sys or Sys()
    changed = moment(when.updated_at) or moment(when.created_at)
    if changed is None:
        raise Malformed("no sys.updated_at")
    so_far = reading.explained(partial(state, account, order))
    final = so_far in _FINAL
    return Listed(
        order_ref=ref(order.order_id),
        state=so_far,
        changed_at=changed,
        body=raw,
        lines=reading.explained(partial(amounts, account, order, final=final)),
        final=final,
    )
