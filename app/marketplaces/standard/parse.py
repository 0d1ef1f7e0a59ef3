"""What is a shop telling us? Its mapping says where to look; what is there is believed no more than
any marketplace's: every way in which it can be wrong ends as Malformed with the place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any, Final

from app.contract import AMENDED, Account, Call, Delivery, Glimpse, Listed, Page
from app.domain import events as ev
from app.domain.order import OrderState
from app.errors import Malformed
from app.marketplaces import proofs, reading
from app.marketplaces.json_body import decode
from app.marketplaces.progress import OPEN, up_to
from app.marketplaces.standard import mapping as m
from app.marketplaces.standard.order import Shown, scalar
from app.marketplaces.standard.places import at, parts
from app.marketplaces.standard.profile import settings_of
from app.marketplaces.text import clean

#: Under these names a delivery keeps what the account's mapping shows of it at first sight.
EVENT: Final = "x-hub-event"
ORDER: Final = "x-hub-order"
#: The composition is what was picked.
_FINAL: Final = (OrderState.READY, OrderState.HANDED_OVER, OrderState.DELIVERED)


def kept(account: Account, call: Call) -> Delivery:
    """What is worth keeping: also event and order, which only the mapping can find; never raises
    for what is in the body."""
    delivery = proofs.kept(call, "webhook-id", "webhook-timestamp")
    mapping = settings_of(account).mapping
    try:
        body = decode(delivery, dict[str, Any])
        event, order = _word(body, mapping), at(body, mapping.order)
    except Malformed:
        return delivery
    found = {EVENT: clean(event, 100)}
    with suppress(Malformed):  # filed under no order then: parse says what is wrong with it
        found[ORDER] = Shown(order, mapping, account.codes).ref()
    return Delivery({**delivery.headers, **found}, delivery.body)


def glimpse(delivery: Delivery) -> Glimpse:
    """The shop's id is the same for every repeat; a body that differs is another delivery."""
    id_ = clean(delivery.headers.get("webhook-id", ""), 100)
    digest = hashlib.sha256(delivery.body).hexdigest()
    ref = delivery.headers.get(ORDER, "")
    return Glimpse(
        f"{id_}:{digest}",
        clean(delivery.headers.get(EVENT, ""), 100),
        ref if ref and clean(ref, 100) == ref else None,
    )


def parse(account: Account, delivery: Delivery, at_: datetime) -> Sequence[ev.MarketplaceEvent]:
    """Translate one delivery; a word that the mapping does not have says nothing, on purpose."""
    mapping = settings_of(account).mapping
    body = decode(delivery, dict[str, Any])
    meaning = mapping.events.get(_word(body, mapping), "ignored")
    if meaning == "ignored":
        return ()
    order = Shown(at(body, mapping.order), mapping, account.codes)
    if order.ref() != delivery.headers.get(ORDER):
        raise Malformed("it was filed under another order: has the mapping changed since?")
    if meaning == "status":
        return _so_far(order, account, at_)
    return (_event(meaning, order, at_),)


def page(account: Account, body: bytes) -> Page:
    """What the shop's list says, an order at a time; times are those of the shop."""
    mapping = settings_of(account).mapping
    answer = decode(Delivery({}, body), dict[str, Any])
    orders, cursor = at(answer, mapping.list.orders), at(answer, mapping.list.next)
    if not isinstance(orders, list):
        raise Malformed(f"{mapping.list.orders} is no list of orders")
    raws = (order.raw for order in (Shown(each, mapping, account.codes) for each in orders))
    id_ = parts(mapping.fields.id)
    found, unreadable = reading.each(raws, lambda raw: _listed(account, raw), *id_)
    return Page(found, None if cursor in (None, "") else str(cursor)[:1000], unreadable)


def parse_listed(
    account: Account, delivery: Delivery, at_: datetime
) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    order = decode(delivery, dict[str, Any])
    shown = Shown(order, settings_of(account).mapping, account.codes)
    return _so_far(shown, account, at_)


def _event(meaning: str, order: Shown, at_: datetime) -> ev.MarketplaceEvent:
    if meaning == "placed":
        return ev.Placed(order.draft(at_))
    if meaning == "changed":
        return ev.Changed(order.draft(at_))
    if meaning == "paid":
        return ev.Paid(order.money("total"))
    if meaning == "cancelled":
        return ev.Cancelled(order.reason())
    return m.PLAIN[meaning]


def _word(body: dict[str, Any], mapping: m.ShopFormat) -> str:
    found = at(body, mapping.event)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return mapping.otherwise.event
    return scalar(found, str(mapping.event)) or mapping.otherwise.event


def _so_far(order: Shown, account: Account, at_: datetime) -> Sequence[ev.MarketplaceEvent]:
    """A shop that is told outcomes as they come may show them while the order is picked: what it
    shows then is not what the customer wants."""
    state, draft, paid = order.state(), order.draft(at_), order.flag("paid")
    total = order.money("total") if paid else None
    shows_ours = AMENDED in settings_of(account).tell
    open_ = OPEN if shows_ours else (*OPEN, OrderState.PICKING)
    return up_to(draft, state, paid=paid, total=total, reason=order.reason(), open_=open_)


def _listed(account: Account, raw: bytes) -> Listed:
    order = Shown(
        decode(Delivery({}, raw), dict[str, Any]), settings_of(account).mapping, account.codes
    )
    changed_at = order.moment("changed_at")
    if changed_at is None:
        raise Malformed("no changed_at")
    draft = reading.explained(partial(order.draft, changed_at))
    state = reading.explained(order.state)
    lines = draft.lines if draft else ()
    return Listed(
        order_ref=order.ref(),
        state=state,
        changed_at=changed_at,
        body=raw,
        paid=order.flag("paid"),
        total=order.money("total"),
        lines={line.external_id: line.grams or line.pieces for line in lines} or None,
        final=state in _FINAL,
    )
