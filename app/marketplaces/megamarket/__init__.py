"""MegaMarket: calls to a server of ours in, lots out (README.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Question, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import proofs
from app.marketplaces.account import settings_of
from app.marketplaces.megamarket import parse, verify
from app.marketplaces.megamarket.api import Api
from app.marketplaces.megamarket.compose import compose
from app.marketplaces.megamarket.profile import (
    CANCEL,
    NEW,
    OWN,
    PROFILE,
    TELLS,
    MegamarketSettings,
)
from app.marketplaces.tools import Tools

_DONE = b'{"success":1,"meta":{},"data":{}}'
_NOT = b'{"success":0,"meta":{},"error":[{"message":"no such resource"}]}'


class Megamarket:
    """The plug-in."""

    name = "megamarket"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """See verify.py."""
        verify.check(account)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """See verify.py; the address is kept, since the body does not say what it is about."""
        del now
        verify.verify(account, call)
        kept = proofs.kept(call)
        return Delivery({**kept.headers, parse.PATH: call.path.strip("/")[:100]}, kept.body)

    def serve(self, account: Account, call: Call, now: datetime) -> Reply | Delivery | Question:
        """POST order/new and order/cancel."""
        delivery = self.verify(account, call, now)
        if call.method == "POST" and delivery.headers[parse.PATH] in (NEW, CANCEL):
            return delivery
        return Reply(404, _NOT)

    def answer(self, account: Account, question: Question, order: Order | None) -> Reply:
        """It asks nothing."""
        del account, question, order
        return Reply(404, _NOT)

    def refused_status(self) -> int:
        """401, as Basic has it."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """Success, in the platform's envelope."""
        del account, delivery, now
        return Reply(200, _DONE)

    def thin(self, account: Account, delivery: Delivery) -> bool:
        """See parse.py."""
        del account
        return parse.thin(delivery)

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """See api.py."""
        return await self._api.order(account, self.glimpse(delivery).order_ref or "")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """Their number after the account's prefix; it is our code of the order there."""
        return settings_of(account, MegamarketSettings).number_prefix + order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """Confirmed, packed, called off; with own delivery also shipped and handed over."""
        return TELLS | OWN if settings_of(account, MegamarketSettings).own_delivery else TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose(kind, order, settings_of(account, MegamarketSettings))

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """See api.py."""
        return await self._api.listed(account, since, until, cursor)

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse_listed(account, delivery, at)

    async def probe(self, account: Account) -> str:
        """See api.py."""
        return await self._api.probe(account)


MARKETPLACE = Megamarket
