"""Ozon: push notifications, postings that are fetched. Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.errors import Forged
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import glance
from app.marketplaces.ozon import compose, parse
from app.marketplaces.ozon.api import Api
from app.marketplaces.ozon.profile import PING, PROFILE, OzonSettings
from app.marketplaces.tools import Tools


class Ozon:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "ozon"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says, and its networks are some."""
        accounts.check(account, PROFILE)
        accounts.check_networks(account, settings_of(account, OzonSettings).networks)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Ozon signs nothing: what proves it are its addresses, and whose notification it is."""
        del now
        settings = settings_of(account, OzonSettings)
        proofs.from_networks(call, settings.networks)
        delivery = proofs.kept(call)
        ours = glance(delivery, "seller_id") == str(settings.client_id)
        if not ours and glance(delivery, "message_type") != PING:
            raise Forged("account")
        return delivery

    def refused_status(self) -> int:
        """403."""
        return 403

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """See parse.py."""
        del account
        return parse.reply(delivery, now)

    def thin(self, account: Account, delivery: Delivery) -> bool:
        """See parse.py."""
        del account
        return parse.thin(delivery)

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """See api.py."""
        return await self._api.posting(account, delivery)

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del at  # everything has its times with it
        return parse.parse(account, delivery)

    def number(self, account: Account, order_ref: str) -> str:
        """The posting's number: people at Ozon say it too."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """That it is packed, and that it will not be."""
        del account
        return compose.TELLS

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
        return parse.page(account, await self._api.page(account, since, until, cursor))

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del at
        return parse.parse_listed(account, delivery)

    async def probe(self, account: Account) -> str:
        """Whether it takes our key."""
        return await self._api.probe(account)


MARKETPLACE = Ozon
