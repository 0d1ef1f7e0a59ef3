"""Shopify: an online shop's orders by webhook, edits and parcels by its Admin API. Quirks and
sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.errors import Forged
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.shopify import compose, parse
from app.marketplaces.shopify.api import PAGE, Api
from app.marketplaces.shopify.profile import CLIENT_SECRET, PROFILE, TELLS, ShopifySettings
from app.marketplaces.tools import Tools


class Shopify:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "shopify"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Base64 HMAC-SHA256 of the body with the app's client secret. An app has one secret for
        all its shops, so the shop must be this account's, too."""
        del now  # its proof has no time in it
        given = call.headers.get("x-shopify-hmac-sha256", "")
        proofs.hmac_base64(given, call.body, account.secrets.get(CLIENT_SECRET, ()))
        shop = call.headers.get("x-shopify-shop-domain", "").lower()
        if shop != accounts.settings_of(account, ShopifySettings).shop:
            raise Forged("shop")
        return proofs.kept(call, parse.TOPIC, parse.WEBHOOK_ID, "x-shopify-triggered-at")

    def refused_status(self) -> int:
        """401, as its own examples answer."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200 within five seconds; nobody reads the body."""
        del account, delivery, now
        return Reply(200, b"", "text/plain")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """Its id; what people there call it (#1001) is not known at first sight."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """Everything it has a call for."""
        del account
        return TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose.compose(kind, order, accounts.settings_of(account, ShopifySettings))

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """See api.py."""
        body = await self._api.orders(account, since, until, cursor)
        return parse.page(account, body, PAGE)

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse_listed(account, delivery, at)

    async def probe(self, account: Account) -> str:
        """Whether it takes our token."""
        return await self._api.probe(account)


MARKETPLACE = Shopify
