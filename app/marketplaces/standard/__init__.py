"""A retailer's own shop: Standard Webhooks 1.0.0 both ways, and a mapping instead of code. Quirks
and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces.standard import compose, parse, profile, verify
from app.marketplaces.standard.api import Api
from app.marketplaces.standard.profile import PROFILE, SIGNING, settings_of
from app.marketplaces.tools import Tools


class Standard:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "standard"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says; and the mapping, a sentence for each mistake."""
        profile.check(account)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """See verify.py; what is kept names event and order, as the mapping finds them."""
        verify.prove(call, account.secrets.get(SIGNING, ()), now)
        return parse.kept(account, call)

    def refused_status(self) -> int:
        """401: what senders of Standard Webhooks count as a failure and show to their people."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """Any 2xx would do."""
        del account, delivery, now
        return Reply(200, b'{"ok":true}')

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """The shop's own, behind the account's prefix."""
        return f"{account.settings.get('number_prefix', '')}{order_ref}"

    def tells(self, account: Account) -> frozenset[str]:
        """What the settings name; nothing without an address."""
        settings = settings_of(account)
        return frozenset(settings.tell) if settings.url else frozenset()

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        money = settings_of(account).mapping.money
        return compose.compose(kind, order, money, handout_code=account.rules.handout_code)

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """See api.py."""
        return parse.page(account, await self._api.orders(account, since, until, cursor))

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse_listed(account, delivery, at)

    async def probe(self, account: Account) -> str:
        """See api.py."""
        return await self._api.probe(account)


MARKETPLACE = Standard
