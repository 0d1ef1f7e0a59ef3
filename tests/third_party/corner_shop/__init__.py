"""The corner shop's orders: a plug-in that lives in a package of its own.

It uses what the hub promises: app.contract, app.plugin's shapes, app.domain's orders and events,
and the tools beside app.marketplaces' folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from app.contract import (
    Account,
    Answer,
    Call,
    Capabilities,
    Delivery,
    Glimpse,
    Message,
    Profile,
    Reply,
    SecretKind,
)
from app.domain import events as ev
from app.domain.order import Draft, DraftLine, Order, Unit
from app.errors import Malformed
from app.marketplaces import account as accounts
from app.marketplaces import proofs, reading, remote
from app.marketplaces.json_body import decode, glance
from app.marketplaces.tools import Tools


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the corner shop wants to hear from us."""

    url: str


class Loaf(msgspec.Struct):
    """One line; money in whole roubles and kopecks, as text."""

    sku: str
    count: int
    price: str


class Note(msgspec.Struct):
    """What the corner shop sends."""

    what: str
    order: str
    shop: str = ""
    loaves: list[Loaf] = []


PROFILE = Profile(
    title="Corner shop",
    settings=Settings,
    secrets=(SecretKind("token", "shown both ways, as a bearer token", ours=True),),
    events={"new": "placed", "gone": "delivered", "off": "cancelled"},
    capabilities=Capabilities(weighs=False, replaces=False),
)


class CornerShop:
    """The plug-in."""

    name = "corner_shop"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """A bearer token."""
        del now
        proofs.bearer(call, account.secrets.get("token", ()))
        return proofs.kept(call)

    def refused_status(self) -> int:
        """401 with a bearer token."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """The same bytes are the same note."""
        digest = hashlib.sha256(delivery.body).hexdigest()
        return Glimpse(digest, glance(delivery, "what") or "", glance(delivery, "order"))

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """Plain text."""
        del account, delivery, now
        return Reply(200, b"thanks\n", "text/plain")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[ev.MarketplaceEvent]:
        """Three words."""
        del account
        note = decode(delivery, Note)
        if note.what == "new":
            return (ev.Placed(_draft(note, at)),)
        if note.what == "gone":
            return (ev.Taken(), ev.Delivered())
        return (ev.Cancelled("off"),) if note.what == "off" else ()

    def number(self, account: Account, order_ref: str) -> str:
        """Theirs."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """Only the end."""
        del account
        return frozenset({"ready", "cancelled"})

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """What there is for how much."""
        del account
        loaves = {line.external_id: line.picked_pieces or 0 for line in order.wanted()}
        return msgspec.json.encode({"order": order.external_id, "is": kind, "loaves": loaves})

    async def send(self, account: Account, message: Message) -> Answer:
        """POST it."""
        bearer = {"Authorization": f"Bearer {accounts.secret(account, 'token')}"}
        url = accounts.settings_of(account, Settings).url
        response = await remote.post(self._http, url, bearer, message.body)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)


def _draft(note: Note, at: datetime) -> Draft:
    lines = reading.lines(
        DraftLine(
            external_id=reading.name(loaf.sku, "sku"),
            name=loaf.sku,
            unit=Unit.PIECE,
            price=reading.needed(reading.units(loaf.price, "price"), "price"),
            pieces=reading.pieces(loaf.count, "count"),
        )
        for loaf in note.loaves
    )
    if not note.shop:
        raise Malformed("no shop")
    return Draft(
        external_id=reading.order_ref(note.order),
        external_uuid=None,
        external_store=reading.name(note.shop, "shop"),
        lines=lines,
        due_at=at + timedelta(minutes=30),
        requested_total=reading.total(lines),
    )
