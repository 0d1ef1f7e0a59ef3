"""Yandex Eats, retail: it asks, and we are the server (README.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.contract import Account, Answer, Call, Delivery, Glimpse, Message, Question, Reply
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.errors import RemoteRefused
from app.marketplaces import account as accounts
from app.marketplaces import proofs
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_eats import answers, parse, server, tokens
from app.marketplaces.yandex_eats.profile import PROFILE


class YandexEats:
    """The plug-in: nothing is sent, everything is asked."""

    name = "yandex_eats"
    profile = PROFILE

    def __init__(self, tools: Tools) -> None:
        """It calls nobody."""

    def check(self, account: Account) -> None:
        """As the profile says."""
        accounts.check(account, PROFILE)

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """A token of ours."""
        tokens.prove(account, call, now)
        return proofs.kept(call)

    def serve(self, account: Account, call: Call, now: datetime) -> Reply | Delivery | Question:
        """See server.py."""
        return server.serve(account, call, now)

    def answer(self, account: Account, question: Question, order: Order | None) -> Reply:
        """See answers.py."""
        return answers.answer(account, question, order)

    def refused_status(self) -> int:
        """401: it logs in again and repeats the call."""
        return 401

    def refused(self) -> Reply:
        """With a reason instead of a list of errors."""
        return server.json(401, {"reason": "no valid token"})

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """See parse.py."""
        return parse.glimpse(delivery)

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """See server.py."""
        del now
        return server.reply(account, delivery)

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """See parse.py."""
        return parse.parse(account, delivery, at)

    def number(self, account: Account, order_ref: str) -> str:
        """See server.py."""
        return server.number(account, order_ref)

    def tells(self, account: Account) -> frozenset[str]:
        """Nothing: it asks."""
        del account
        return frozenset()

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """What it would read of the order now."""
        del kind
        asked = Question(server.COMPOSITION, order.external_id)
        return answers.answer(account, asked, order).body

    async def send(self, account: Account, message: Message) -> Answer:
        """There is nobody to send to."""
        del account, message
        raise RemoteRefused("Yandex Eats asks; it is not told")


MARKETPLACE = YandexEats
