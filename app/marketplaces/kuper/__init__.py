"""СМ: SberMarket, today Kuper. «Сборка продавца, доставка СМ». Quirks and sources: README.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces.kuper import api, codes, compose, parse, reply, settings, verify
from app.marketplaces.kuper.settings import INBOUND, settings_of
from app.ports import Account, Answer, Delivery, Glimpse, Message, Reply


class Kuper:
    """The plug-in: a name and the modules beside this file."""

    name = "kuper"

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._api = api.Api(http)

    def check(self, account: Account) -> None:
        """See settings.py."""
        settings.check(account)

    def verify(self, account: Account, headers: Mapping[str, str], body: bytes) -> Delivery:
        """See verify.py."""
        return verify.verify(headers, body, account.secrets.get(INBOUND, ()))

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
