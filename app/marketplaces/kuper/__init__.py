"""СМ: SberMarket, today Kuper. «Сборка продавца, доставка СМ». Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import account as accounts
from app.marketplaces.kuper import api, codes, compose, listing, parse, reply, settings, verify
from app.marketplaces.kuper.profile import PROFILE
from app.marketplaces.kuper.settings import INBOUND, settings_of
from app.marketplaces.tools import Tools


class Kuper:
    """The plug-in: a name and the modules beside this file."""

    name = "kuper"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = api.Api(tools.http)

    def check(self, account: Account) -> None:
        """As the profile says, and see settings.py."""
        accounts.check(account, PROFILE)
        settings.fit(account)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """See verify.py."""
        del now  # СМ's proof has no time in it
        return verify.verify(call.headers, call.body, account.secrets.get(INBOUND, ()))

    def refused_status(self) -> int:
        """403, as the original's hook answers a wrong token."""
        return 403

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See reply.py."""
        return reply.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """See reply.py."""
        ref = reply.glimpse(delivery).order_ref
        return reply.reply(delivery, self.number(account, ref) if ref else None, now)

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del account  # СМ's bodies mean the same for every account
        return parse.parse(delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """СМ's own id behind the account's prefix: unique, known at once, and easy to say aloud."""
        return f"{account.settings.get('number_prefix', '')}{order_ref}"

    def tells(self, account: Account) -> frozenset[str]:
        """Everything but the optional kinds this account does not want."""
        wanted = frozenset(settings_of(account).notify)
        return frozenset(codes.NOTIFICATIONS) - (codes.OPTIONAL - wanted)

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        return compose.compose(kind, order, handout_code=account.rules.handout_code)

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """See listing.py; raises SettingsInvalid for an account that cannot list its orders."""
        return listing.page(account, await self._api.listed(account, since, until, cursor), since)

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See listing.py."""
        return listing.parse_listed(account, delivery, at)

    async def probe(self, account: Account) -> str:
        """Whether it lists this account's shipments."""
        return await self._api.probe(account)


MARKETPLACE = Kuper
