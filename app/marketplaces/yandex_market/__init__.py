"""Yandex Market: thin notifications in, its partner API out (README.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from app.contract import (
    Account,
    Answer,
    Call,
    Delivery,
    Glimpse,
    Message,
    Page,
    Question,
    Reply,
)
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.account import settings_of
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_market import parse
from app.marketplaces.yandex_market.api import Api
from app.marketplaces.yandex_market.compose import compose
from app.marketplaces.yandex_market.profile import (
    PING,
    PROFILE,
    TELLS,
    TOLD,
    YandexMarketSettings,
)


class YandexMarket:
    """The plug-in."""

    name = "yandex_market"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says; networks are networks."""
        accounts.check(account, PROFILE)
        settings = settings_of(account, YandexMarketSettings)
        accounts.check_networks(account, settings.networks)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """It signs nothing: the address it comes from is all there is."""
        del now
        proofs.from_networks(call, settings_of(account, YandexMarketSettings).networks)
        return proofs.kept(call)

    def serve(self, account: Account, call: Call, now: datetime) -> Reply | Delivery | Question:
        """POST …/notification; PING is answered here and now, and not kept."""
        delivery = self.verify(account, call, now)
        if call.method != "POST" or call.path.strip("/") not in ("", "notification"):
            return _error(404, "UNKNOWN", "no such resource")
        if self.glimpse(delivery).event == PING:
            return self.reply(account, delivery, now)
        return delivery

    def answer(self, account: Account, question: Question, order: Order | None) -> Reply:
        """It asks nothing."""
        del account, question, order
        return _error(404, "UNKNOWN", "no such resource")

    def refused_status(self) -> int:
        """Its list has no status for this: 403 counts as a failure of ours."""
        return 403

    def refused(self) -> Reply:
        """In the shape of its errors."""
        return _error(403, "UNKNOWN", "not from a known network")

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """Who we are, and when; 400 for what is no notification at all."""
        if not self.glimpse(delivery).event:
            return _error(400, "WRONG_EVENT_FORMAT", "no notificationType")
        name = settings_of(account, YandexMarketSettings).name
        time = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return Reply(200, msgspec.json.encode({"version": "1.0", "name": name, "time": time}))

    def thin(self, account: Account, delivery: Delivery) -> bool:
        """See parse.py."""
        del account
        return parse.thin(delivery)

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """See api.py."""
        return await self._api.order(account, self.glimpse(delivery).order_ref or "")

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del at
        return parse.parse(account, delivery)

    def number(self, account: Account, order_ref: str) -> str:
        """Their number: it stands on their labels."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """Ready and called off; who delivers with couriers of its own tells that, too."""
        own = settings_of(account, YandexMarketSettings).own_delivery
        return frozenset(TOLD) if own else TELLS

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """See compose.py."""
        del account
        return compose(kind, order)

    async def send(self, account: Account, message: Message) -> Answer:
        """See api.py."""
        return await self._api.send(account, message)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """See api.py and parse.py."""
        return parse.page(account, await self._api.orders(account, since, until, cursor))

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del at
        return parse.parse_listed(account, delivery)

    async def probe(self, account: Account) -> str:
        """See api.py."""
        return await self._api.probe(account)


def _error(status: int, kind: str, message: str) -> Reply:
    return Reply(status, msgspec.json.encode({"error": {"type": kind, "message": message}}))


MARKETPLACE = YandexMarket
