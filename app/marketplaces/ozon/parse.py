"""What is Ozon telling us? Notifications have no prices: the posting is fetched. Money is decimal
text; a posting of a list says it otherwise than one that is fetched alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import Account, Delivery, Glimpse, Listed, Page, Reply
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, OrderState, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.json_body import decode, glance
from app.marketplaces.ozon.profile import (
    CANCELLED,
    EVENTS,
    MEANINGS,
    PING,
    STATE,
    STATES,
    STATUSES,
)
from app.marketplaces.progress import up_to
from app.marketplaces.text import clean

Moment = Annotated[datetime, Meta(tz=True)]
#: Its SKUs are int64; what is larger could never be told back.
Sku = Annotated[int, Meta(ge=1, le=2**63 - 1)]
#: While it is here, its dates may change, and products be taken out.
_STAYING: Final = (OrderState.ACCEPTED, OrderState.READY)
_FETCHED: Final = ("placed", "changed", "cancelled")
_PICKED: Final = (OrderState.READY, OrderState.HANDED_OVER, OrderState.DELIVERED)


class Sum(msgspec.Struct):
    """A price as lists write it."""

    amount: reading.Amount
    currency: str = "RUB"


class Good(msgspec.Struct):
    """One product; `sku` is Ozon's, `offer_id` the seller's."""

    sku: Sku
    quantity: int
    offer_id: str = ""
    name: str = ""
    price: reading.Amount | Sum | None = None
    currency_code: str = "RUB"


class Method(msgspec.Struct):
    """How it is delivered, and from which of the seller's warehouses."""

    warehouse_id: int | None = None


class Cancellation(msgspec.Struct):
    """Why it was called off."""

    cancel_reason: str = ""


class Posting(msgspec.Struct):
    """A posting; fields we do not follow are ignored, the raw body keeps them."""

    posting_number: str
    status: str
    products: list[Good] = []
    delivery_method: Method | None = None
    in_process_at: Moment | None = None
    shipment_date: Moment | None = None
    cancellation: Cancellation | None = None


class Fetched(msgspec.Struct):
    """The answer of /v3/posting/fbs/get."""

    result: Posting


class Found(msgspec.Struct):
    """One page of /v4/posting/fbs/list."""

    postings: list[msgspec.Raw] = []
    cursor: str = ""
    has_next: bool = False


class Reason(msgspec.Struct):
    """Why, in a notification."""

    message: str = ""


class Note(msgspec.Struct):
    """A notification."""

    message_type: str
    posting_number: str = ""
    new_state: str = ""
    reason: Reason | None = None


def glimpse(delivery: Delivery) -> Glimpse:
    """A notification has no id of its own: a repeat is a repeat byte for byte."""
    event, ref = glance(delivery, "message_type"), glance(delivery, "posting_number")
    return Glimpse(hashlib.sha256(delivery.body).hexdigest(), event or "", ref)


def reply(delivery: Delivery, now: datetime) -> Reply:
    """Whether all is well is asked with a PING; everything else wants to be taken."""
    if glance(delivery, "message_type") != PING:
        return Reply(200, b'{"result":true}')
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Reply(200, msgspec.json.encode({"version": "1.0", "name": "order-hub", "time": time}))


def thin(delivery: Delivery) -> bool:
    """All but states. What was called off may be some of the products only: the posting shows."""
    told = glance(delivery, "posting_number") is not None
    return told and EVENTS.get(glance(delivery, "message_type") or "") in _FETCHED


def parse(account: Account, delivery: Delivery) -> Sequence[ev.MarketplaceEvent]:
    """Translate one notification; those that are not about postings say nothing, on purpose."""
    note = decode(delivery, Note)
    if not EVENTS.get(note.message_type):
        return ()
    ref = reading.order_ref(note.posting_number)
    if note.message_type == STATE:
        event = _state(account, note.new_state)
        return () if event is None else (event,)
    if delivery.fetched is None:
        raise Malformed("the posting was not fetched")
    posting = decode(Delivery({}, delivery.fetched), Fetched).result
    if posting.posting_number != ref:
        raise Malformed("another posting was shown than was asked for")
    state = _status(account, posting.status)
    if note.message_type == CANCELLED and state is OrderState.CANCELLED:
        words = note.reason.message if note.reason else ""
        return (ev.Cancelled(clean(words, 200) or "not said"),)
    if EVENTS[note.message_type] != "placed" and state in _STAYING:
        return (ev.Changed(_draft(posting)),)
    return _so_far(account, posting)


def page(account: Account, body: bytes) -> Page:
    """What its list says, a posting at a time."""
    found = decode(Delivery({}, body), Found)
    orders, amiss = reading.each(
        map(bytes, found.postings), partial(_listed, account), "posting_number"
    )
    return Page(orders, (found.cursor or None) if found.has_next else None, amiss)


def parse_listed(account: Account, delivery: Delivery) -> Sequence[ev.MarketplaceEvent]:
    """The events that bring an order to where the list says it is."""
    return _so_far(account, decode(delivery, Posting))


def _so_far(account: Account, posting: Posting) -> Sequence[ev.MarketplaceEvent]:
    reason = posting.cancellation.cancel_reason if posting.cancellation else ""
    state = _status(account, posting.status)
    why = clean(reason, 200)
    return up_to(_draft(posting), state, paid=False, total=None, reason=why)


def _state(account: Account, word: str) -> ev.MarketplaceEvent | None:
    if word in STATES:
        return STATES[word]
    said = account.codes.get("status", {}).get(word)
    if said is None or said not in MEANINGS:
        raise Unmapped("status", clean(word, 100) or "nothing")
    return MEANINGS[said]


def _status(account: Account, word: str) -> OrderState:
    state = STATUSES.get(account.codes.get("status", {}).get(word, word))
    if state is None:
        raise Unmapped("status", clean(word, 100) or "nothing")
    return state


def _listed(account: Account, raw: bytes) -> Listed:
    """A list says no moment of the last change: the beginning of work is what there is."""
    posting = decode(Delivery({}, raw), Posting)
    if posting.in_process_at is None:
        raise Malformed("no in_process_at")
    state = reading.explained(partial(_status, account, posting.status))
    draft = _draft(posting)
    return Listed(
        order_ref=draft.external_id,
        state=state,
        changed_at=reading.plausible(posting.in_process_at),
        body=raw,
        total=draft.requested_total - (draft.discount or 0),
        lines={line.external_id: line.pieces for line in draft.lines},
        final=state in _PICKED,
    )


def _draft(posting: Posting) -> Draft:
    goods = [_line(good, n) for n, good in enumerate(posting.products)]
    lines = reading.lines(goods)
    warehouse = (posting.delivery_method or Method()).warehouse_id
    due_at = posting.shipment_date or posting.in_process_at
    if due_at is None:
        raise Malformed("neither shipment_date nor in_process_at")
    return Draft(
        external_id=reading.order_ref(posting.posting_number),
        external_uuid=None,
        external_store=reading.name(warehouse, "delivery_method.warehouse_id"),
        lines=lines,
        due_at=reading.plausible(due_at),
        requested_total=reading.total(lines),
        discount=reading.total(lines) - reading.total(goods) or None,
        currency=_currency(posting.products[0]),
    )


def _line(good: Good, n: int) -> DraftLine:
    where = f"products[{n}]"
    sku = reading.name(good.offer_id or good.sku, f"{where}.offer_id")
    said = good.price.amount if isinstance(good.price, Sum) else good.price
    count = reading.pieces(good.quantity, f"{where}.quantity")
    return DraftLine(
        external_id=sku,
        name=clean(good.name, 300) or sku,
        unit=Unit.PIECE,
        price=reading.needed(reading.units(said, f"{where}.price"), f"{where}.price"),
        pieces=count,
        ref=rows.ref(str(good.sku), count),
    )


def _currency(good: Good) -> str:
    word = good.price.currency if isinstance(good.price, Sum) else good.currency_code
    if not (len(word) == 3 and word.isascii() and word.isupper()):
        raise Malformed(f"no currency: {word[:10]!r}")
    return word
