"""Uber Eats: thin webhooks, customers who answer. Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.tools import Tools
from app.marketplaces.uber_eats import compose, parse
from app.marketplaces.uber_eats.api import Api
from app.marketplaces.uber_eats.profile import CLIENT_SECRET, PROFILE, TELLS


class UberEats:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "uber_eats"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Hexadecimal HMAC-SHA256 of the raw body in `X-Uber-Signature`; it has no time in it."""
        del now
        given = call.headers.get("x-uber-signature", "")
        proofs.hmac_hex(given, call.body, account.secrets.get(CLIENT_SECRET, ()))
        return proofs.kept(call)

    def refused_status(self) -> int:
        """401; Uber tries everything but 200 again, seven times in all."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200 and nothing: anything else is sent again."""
        del account, delivery, now
        return Reply(200, b"")

    def thin(self, account: Account, delivery: Delivery) -> bool:
        """See parse.py."""
        del account
        return parse.thin(delivery)

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """See api.py."""
        return await self._api.fetch(account, delivery)

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """Uber's id: what its people say aloud (`display_id`) repeats."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """What there is a call for."""
        del account
        return TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        del account
        return compose.compose(kind, order)

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
        """Whether Uber takes our credentials."""
        return await self._api.probe(account)


MARKETPLACE = UberEats
