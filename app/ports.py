"""The few shapes that plug-ins must have; only things with two or more implementations are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable
from uuid import UUID

from app.domain.events import MarketplaceEvent
from app.domain.marks import MarkAnswer
from app.domain.order import Line, Order
from app.domain.shop import AccountRules


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook call as it came over the wire: the headers worth keeping, the raw body."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the marketplace wants to hear back, as JSON bytes."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a first look at an authentic delivery shows. `order_ref` is the marketplace's order id,
    None when the body does not say; the same bytes always give the same `dedupe_key`."""

    dedupe_key: str
    event: str
    order_ref: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """One merchant's connection to one marketplace; secrets by kind, the newest first."""

    id: UUID
    merchant_id: UUID
    code: str
    adapter: str
    settings: Mapping[str, Any]
    active: bool
    secrets: Mapping[str, tuple[str, ...]] = field(repr=False)
    rules: AccountRules = AccountRules()


@dataclass(frozen=True, slots=True)
class Answer:
    """How the other side took a message. `outcome`: delivered, already_accepted."""

    outcome: str
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Message:
    """One notification on its way out, composed. `unsure`: an earlier try may have arrived."""

    id: UUID
    kind: str
    body: bytes
    unsure: bool
    trace_id: str


#: The kind of message that tells outcomes of lines as they come. A marketplace that wants the
#: composition once, at the end, does not list it among what it `tells` and gets it with `ready`.
AMENDED: Final = "amended"


class Marketplace(Protocol):
    """A marketplace plug-in. Everything but `send` is pure: no IO, no clock."""

    name: str

    def check(self, account: Account) -> None:
        """Raise SettingsInvalid when settings or secrets are not what this adapter needs."""

    def verify(self, account: Account, headers: Mapping[str, str], body: bytes) -> Delivery:
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
        """Translate into events (none for an unknown event name) or raise Malformed."""

    def number(self, account: Account, order_ref: str) -> str:
        """Our number for a marketplace's order: the same at reply and at processing."""

    def tells(self, account: Account) -> frozenset[str]:
        """The kinds of messages this account wants."""

    def compose(self, account: Account, kind: str, order: Order) -> bytes:
        """The body of one notification."""

    async def send(self, account: Account, message: Message) -> Answer:
        """Deliver one notification; raises RemoteRefused or RemoteUnavailable."""


@runtime_checkable
class Suggests(Protocol):
    """What a marketplace may do besides: name goods for a line that is missing."""

    async def suggest(self, account: Account, order: Order, line: Line) -> Sequence[str]:
        """SKUs, the best first; raises RemoteRefused or RemoteUnavailable."""


#: Rows of buttons: what a button says, and what pressing it gives: a URL, or at most 64 bytes.
Keyboard: TypeAlias = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """One message on its way to a chat, in Telegram's HTML. `edit`: the message it takes the place
    of; `photo`: PNG, and the text is its caption."""

    chat_id: int
    text: str
    edit: int | None = None
    silent: bool = False
    thread_id: int | None = None
    reply_to: int | None = None
    keyboard: Keyboard = ()
    photo: bytes | None = field(default=None, repr=False)


class ChatSender(Protocol):
    """The way to people: sends a message or edits an earlier one, and returns its id."""

    async def tell(self, saying: Saying) -> int:
        """Raises RemoteRefused or RemoteUnavailable (with `after`)."""


class MarkChecker(Protocol):
    """The marking system, «Честный ЗНАК», asked whether units may be sold."""

    async def check(self, codes: Sequence[str]) -> Sequence[MarkAnswer]:
        """What is said of these full codes, in one answer or several; their `statuses` stand under
        the codes as they were given. Raises RemoteUnavailable or RemoteRefused, and soon."""
