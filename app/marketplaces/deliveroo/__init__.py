"""Deliveroo, picking API: amended, then accepted. Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Line, Order
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.deliveroo import compose, parse
from app.marketplaces.deliveroo.api import Api
from app.marketplaces.deliveroo.profile import PROFILE, TELLS, WEBHOOK_SECRET
from app.marketplaces.tools import Tools


class Deliveroo:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "deliveroo"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Hexadecimal HMAC-SHA256 of GUID, space and raw body; there is no time in it."""
        del now
        guid = call.headers.get("x-deliveroo-sequence-guid", "")
        given = call.headers.get("x-deliveroo-hmac-sha256", "")
        signed = guid.encode("latin-1", "replace") + b" " + call.body
        proofs.hmac_hex(given, signed, account.secrets.get(WEBHOOK_SECRET, ()))
        return proofs.kept(call, "x-deliveroo-payload-type", "x-deliveroo-webhook-version")

    def refused_status(self) -> int:
        """401."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200; what is in it is not looked at."""
        del account, delivery, now
        return Reply(200, b"{}")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """Deliveroo's id: what its people say aloud (`display_id`) repeats."""
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

    async def suggest(self, account: Account, order: Order, line: Line) -> Sequence[str]:
        """See api.py."""
        return await self._api.suggest(account, order, line)

    async def probe(self, account: Account) -> str:
        """Whether Deliveroo takes our credentials."""
        return await self._api.probe(account)


MARKETPLACE = Deliveroo
