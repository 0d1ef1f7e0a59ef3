"""What a marketplace plug-in must be, and may be besides: the one thing to implement for another
marketplace (docs/adapters.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from app.contract import (
    Account,
    Answer,
    Call,
    Delivery,
    Glimpse,
    Message,
    Page,
    Profile,
    Question,
    Reply,
    Token,
)
from app.domain.events import MarketplaceEvent
from app.domain.order import Line, Order


class Marketplace(Protocol):
    """A marketplace plug-in. Everything but `send` is pure: no IO, no clock."""

    name: str
    profile: Profile

    def check(self, account: Account) -> None:
        """Raise SettingsInvalid when settings or secrets are not what this adapter needs."""

    def verify(self, account: Account, call: Call, now: datetime) -> Delivery:
        """Return what is worth keeping of an authentic delivery, or raise Forged."""

    def refused_status(self) -> int:
        """The HTTP status this marketplace expects for a forged delivery."""

    def glimpse(self, delivery: Delivery) -> Glimpse:
        """Name event and order without judging the rest; never raises."""

    def reply(self, account: Account, delivery: Delivery, now: datetime) -> Reply:
        """What to answer once the delivery is on disk; never raises."""

    def parse(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """Translate into events (none for an unknown event name), or raise Malformed, or Unmapped
        for a word that nobody documented and a person can explain."""

    def number(self, account: Account, order_ref: str) -> str:
        """Our number for a marketplace's order: the same at reply and at processing."""

    def tells(self, account: Account) -> frozenset[str]:
        """The kinds of messages this account wants, of KINDS."""

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """The body of one notification, as it is kept for people to read."""

    async def send(self, account: Account, message: Message) -> Answer:
        """Deliver one notification; raises RemoteRefused or RemoteUnavailable, of which Unfinished
        holds up this message alone: the marketplace works on what it took."""


@runtime_checkable
class Refuses(Protocol):
    """A marketplace that wants to hear in its own words that a call proves nothing."""

    def refused(self) -> Reply:
        """The answer to a forged call; its status is `refused_status`."""


@runtime_checkable
class Fetches(Protocol):
    """A marketplace whose events are thin: what they are about must be fetched."""

    def thin(self, account: Account, delivery: Delivery) -> bool:
        """Whether this delivery says too little to be parsed without `fetch`; never raises."""

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """The order as it is now; raises RemoteRefused, RemoteUnavailable, or NotYet while there is
        no such order: an event may be faster, which is no failure of the marketplace."""


@runtime_checkable
class Serves(Protocol):
    """A marketplace that calls a server of ours, under /hooks/{account}/."""

    def serve(self, account: Account, call: Call, now: datetime) -> Reply | Delivery | Question:
        """Answer at once, or say what must be on disk before `reply` is the answer, or which order
        it is about; raises Forged. Called for every call with a path, whatever its method."""

    def answer(self, account: Account, question: Question, order: Order | None) -> Reply:
        """The answer to a question, None when there is no such order; never raises."""


@runtime_checkable
class Lists(Protocol):
    """A marketplace that can be asked which orders there are: what never arrived is found."""

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """Orders changed in [since, until), a page at a time; one call to the marketplace, as far
        as it lets us. Raises RemoteRefused or RemoteUnavailable."""

    def parse_listed(
        self, account: Account, delivery: Delivery, at: datetime
    ) -> Sequence[MarketplaceEvent]:
        """The events that bring an order to where a Listed's body says it is, Placed first; all of
        them may have happened already. Raises Malformed or Unmapped."""


@runtime_checkable
class Probes(Protocol):
    """A marketplace whose connection can be tried without doing anything."""

    async def probe(self, account: Account) -> str:
        """What it says of us, in a few words without secrets; raises RemoteRefused or
        RemoteUnavailable."""


@runtime_checkable
class Suggests(Protocol):
    """A marketplace that names goods for a line that is missing."""

    async def suggest(self, account: Account, order: Order, line: Line) -> Sequence[str]:
        """SKUs, the best first; raises RemoteRefused or RemoteUnavailable."""


class Tokens(Protocol):
    """Tokens of marketplaces, kept for all processes: one asks, the others use its answer."""

    async def get(
        self, account: Account, kinds: Sequence[str], ask: Callable[[str | None], Awaitable[Token]]
    ) -> str:
        """A token that is still good, or what `ask` brings: it is given what was `kept` of the last
        one, and nobody else asks meanwhile. `kinds`: the secrets it is got with; after one of them
        is rotated there is another token. Raises what `ask` raises, or RemoteUnavailable."""

    async def drop(self, account: Account, kinds: Sequence[str], value: str) -> None:
        """The marketplace does not take this one any more."""


def named(account: Account, kinds: Sequence[str]) -> str:
    """A token's name for those who keep it: of the newest secrets it is got with, telling none."""
    newest = [(kind, account.secrets.get(kind, ())[:1]) for kind in kinds]
    return hashlib.sha256(repr(newest).encode()).hexdigest()[:32]
