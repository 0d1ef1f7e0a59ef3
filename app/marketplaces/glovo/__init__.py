"""Glovo and its sisters (foodpanda, …), "partner picking". Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.errors import SettingsInvalid
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.glovo import compose, parse
from app.marketplaces.glovo.api import Api
from app.marketplaces.glovo.profile import (
    API_TOKEN,
    CLIENT_SECRET,
    PROFILE,
    TELLS,
    WEBHOOK_SECRET,
    GlovoSettings,
)
from app.marketplaces.tools import Tools


class Glovo:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "glovo"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says, and the one secret with which it calls. A header that is kept with
        every delivery must not be the one with the secret."""
        accounts.check(account, PROFILE)
        settings = accounts.settings_of(account, GlovoSettings)
        if settings.header in proofs.KEPT:
            raise SettingsInvalid(f"account {account.code}: {settings.header} is no place for it")
        needed = CLIENT_SECRET if settings.client_id else API_TOKEN
        if not account.secrets.get(needed):
            raise SettingsInvalid(f"account {account.code} has no {needed}")

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """The secret as it is, in a header; or the hexadecimal HMAC-SHA256 of the body."""
        del now  # neither has a time in it
        settings = accounts.settings_of(account, GlovoSettings)
        given = call.headers.get(settings.header, "")
        known = account.secrets.get(WEBHOOK_SECRET, ())
        if settings.proof == "hmac":
            proofs.hmac_hex(given, call.body, known)
        else:
            proofs.token(given, known)
        return proofs.kept(call)

    def refused_status(self) -> int:
        """401."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200; nothing is said about the body."""
        del account, delivery, now
        return Reply(200, b"{}")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """The platform's id: riders say `order_code`, which repeats."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """What there is a status for."""
        del account
        return TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose.compose(account, kind, order)

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
        """Whether it takes our credentials."""
        return await self._api.probe(account)


MARKETPLACE = Glovo
