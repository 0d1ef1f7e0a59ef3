"""WooCommerce: an online shop's orders by webhook, statuses and lines by its REST API. Quirks and
sources: README.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Question, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.errors import UnknownAccount
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.tools import Tools
from app.marketplaces.woocommerce import compose, parse
from app.marketplaces.woocommerce.api import PAGE, Api
from app.marketplaces.woocommerce.profile import PROFILE, TELLS, WEBHOOK_SECRET, WooSettings

SIGNATURE: Final = "x-wc-webhook-signature"
#: What a new webhook is tried with: a form, and no signature.
_PING: Final = re.compile(rb"webhook_id=\d{1,20}")
_OK: Final = Reply(200, b"", "text/plain")


class WooCommerce:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "woocommerce"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def serve(self, account: Account, call: Call, now: datetime) -> Reply | Delivery | Question:
        """A new webhook is tried with a form and wants exactly 200: it says nothing, so nothing is
        kept of it. Everything else is proved."""
        if call.path or call.method != "POST":
            raise UnknownAccount
        if SIGNATURE not in call.headers and _PING.fullmatch(call.body):
            return _OK
        return self.verify(account, call, now)

    def answer(self, account: Account, question: Question, order: Order | None) -> Reply:
        """It asks nothing."""
        del account, question, order
        return Reply(404, b"", "text/plain")

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Base64 HMAC-SHA256 of the body with the webhook's secret."""
        del now  # its proof has no time in it
        given = call.headers.get(SIGNATURE, "")
        proofs.hmac_base64(given, call.body, account.secrets.get(WEBHOOK_SECRET, ()))
        return proofs.kept(call, parse.TOPIC, "x-wc-webhook-delivery-id", "x-wc-webhook-source")

    def refused_status(self) -> int:
        """401; more than five failures in a row, and it disables the webhook."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200; nobody reads the body."""
        del account, delivery, now
        return _OK

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """Its id, which is its number where no plug-in makes others."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """Everything it has a place for."""
        del account
        return TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose.compose(kind, order, accounts.settings_of(account, WooSettings))

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """See api.py and parse.Turned."""
        turned = parse.Turned.read(cursor, since)
        return parse.page(account, await self._api.orders(account, turned, until), turned, PAGE)

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse_listed(account, delivery, at)

    async def probe(self, account: Account) -> str:
        """Whether it takes our keys."""
        return await self._api.probe(account)


MARKETPLACE = WooCommerce
