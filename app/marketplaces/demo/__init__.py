"""A marketplace that does not exist: the folder to copy for one that does (docs/adapters.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Page, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.demo import compose, parse
from app.marketplaces.demo.api import Api
from app.marketplaces.demo.profile import PROFILE, SIGNING, TELLS, TOLERANCE
from app.marketplaces.tools import Tools


class Demo:
    """The plug-in: a name, a profile, and the modules beside this file."""

    name = "demo"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        self._api = Api(tools)

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """HMAC-SHA256, hexadecimal, of "id.time." and the body; the time within five minutes."""
        id_, time = (call.headers.get(f"x-demo-{part}", "") for part in ("id", "time"))
        signed = f"{id_}.{time}.".encode() + call.body
        given = call.headers.get("x-demo-signature", "")
        proofs.hmac_hex(given, signed, account.secrets.get(SIGNING, ()))
        proofs.recent(proofs.seconds(time), now, TOLERANCE)
        return proofs.kept(call, "x-demo-id")

    def refused_status(self) -> int:
        """401, as most of them want it."""
        return 401

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """200 and a little JSON."""
        del account, delivery, now
        return Reply(200, b'{"ok":true}')

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del account, at  # a body means the same for every account, and has its times with it
        return parse.parse(delivery)

    def number(self, account: Account, order_ref: str) -> str:
        """Their id: unique, and what people there call it."""
        del account
        return order_ref

    def tells(self, account: Account) -> frozenset[str]:
        """Everything it has a status for."""
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
        return parse.page(account, await self._api.orders(account, since, until, cursor))

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        del at
        return parse.parse_listed(account, delivery)

    async def probe(self, account: Account) -> str:
        """Whether it takes our credentials."""
        return await self._api.probe(account)


MARKETPLACE = Demo
