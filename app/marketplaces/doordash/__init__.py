"""DoorDash, retail: orders whole, adjustments that are answered later. Quirks: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.account import settings_of
from app.marketplaces.doordash import compose, parse
from app.marketplaces.doordash.api import Api
from app.marketplaces.doordash.profile import PROFILE, TELLS, WEBHOOK_SECRET, DoorDashSettings
from app.marketplaces.tools import Tools


class DoorDash:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "doordash"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """`Authorization`: user and password, or a token with or without "Bearer"."""
        del now  # there is no time in it
        settings = settings_of(account, DoorDashSettings)
        known = [each for each in account.secrets.get(WEBHOOK_SECRET, ()) if each]
        if settings.webhook_auth == "basic":
            proofs.basic(call, [f"{settings.webhook_user}:{each}" for each in known])
        elif call.headers.get("authorization", "")[:7].lower() == "bearer ":
            proofs.bearer(call, known)
        else:
            proofs.token(call.headers.get("authorization", ""), known)
        return proofs.kept(call)

    def refused_status(self) -> int:
        """401, as DoorDash documents for its endpoints."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200 says that it was received; whether the order is confirmed is said by a call."""
        del account, delivery, now
        return Reply(200, b"{}")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """DoorDash's id."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """What there is a call for."""
        del account
        return TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose.compose(account, kind, order)

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def probe(self, account: Account) -> str:
        """Whether DoorDash takes our credentials."""
        return await self._api.probe(account)


MARKETPLACE = DoorDash
