"""Wolt: thin webhooks, orders that are fetched. Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.tools import Tools
from app.marketplaces.wolt import compose, parse
from app.marketplaces.wolt.api import Api
from app.marketplaces.wolt.profile import PROFILE, SIGNING


class Wolt:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "wolt"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Hexadecimal HMAC-SHA256 of the raw body in `WOLT-SIGNATURE`; it has no time in it."""
        del now
        given = call.headers.get("wolt-signature", "")
        proofs.hmac_hex(given, call.body, account.secrets.get(SIGNING, ()))
        return proofs.kept(call)

    def refused_status(self) -> int:
        """401; Wolt tries everything but 200 again three times."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200; what is in it is not looked at."""
        del account, delivery, now
        return Reply(200, b"{}")

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
        """Wolt's id: its order numbers repeat."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """What there is a call for."""
        del account
        return compose.TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose.compose(account, kind, order)

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def probe(self, account: Account) -> str:
        """Whether Wolt takes our credentials."""
        return await self._api.probe(account)


MARKETPLACE = Wolt
