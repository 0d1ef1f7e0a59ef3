"""The few shapes that plug-ins must have; only things with two or more implementations are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable
from uuid import UUID

from app.domain.chat import Deed
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


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """Something that happened in Telegram, as it came: JSON."""

    update_id: int
    body: bytes = field(repr=False)


class FrontDesk(Protocol):
    """Where people turn to the hub: what they write and press comes in, presses are answered.
    Everything but `read` raises RemoteRefused or RemoteUnavailable (with `after`)."""

    bot_id: int

    def read(self, body: bytes) -> Deed:
        """What an update says; Nothing for one that says nothing to us. Never raises."""

    async def username(self) -> str:
        """What the bot is called, without @."""

    async def fetch(self, offset: int, seconds: float) -> Sequence[RawUpdate]:
        """Confirm everything before `offset`, wait so long for more, and return what is there."""

    async def hook_url(self) -> str:
        """Where Telegram pushes updates to; "" for nowhere."""

    async def set_hook(self, url: str, token: str) -> None:
        """Have updates pushed there, with the token in a header; "" for nowhere."""

    async def set_menu(self, commands: Mapping[str, str], language: str) -> None:
        """The commands people are shown, and what they do; language "" is everybody else's."""

    async def answer(self, query_id: str, text: str) -> None:
        """Show a text (at most 200 characters) to who pressed."""

    async def unkey(self, chat_id: int, message_id: int) -> None:
        """Take the buttons off a message."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One letter by the second way out, written. A repeat has the same `id` and the same words;
    `facts`: the same for programs; `answers`: letters it tells the end of; `firing`: it tells of
    trouble that is on."""

    id: UUID
    at: datetime
    subject: str
    text: str
    facts: Mapping[str, Any]
    answers: tuple[UUID, ...] = ()
    firing: bool = True


class AlarmWay(Protocol):
    """A way to people that does not need Telegram."""

    name: str

    async def send(self, alarm: Alarm) -> str:
        """What the other side said, in a few words without secrets. Raises RemoteRefused or
        RemoteUnavailable, `ambiguous` when the letter may have arrived; and within ALARM_LIMIT."""


#: Seconds a way may take for one letter.
ALARM_LIMIT: Final = 30.0


class MarkChecker(Protocol):
    """The marking system, «Честный ЗНАК», asked whether units may be sold."""

    async def check(self, codes: Sequence[str]) -> Sequence[MarkAnswer]:
        """What is said of these full codes, in one answer or several; their `statuses` stand under
        the codes as they were given. Raises RemoteUnavailable or RemoteRefused, and soon."""


class Press(Protocol):
    """Makes documents and reports into files."""

    async def typeset(self, name: str, what: object, language: str) -> bytes:
        """The file named so in `render.press.PRINTS`. Raises Unprintable or RemoteUnavailable."""


class Place(Protocol):
    """Where files are put under names: a folder, a bucket, a folder of another machine. Names are
    relative, of ASCII letters, digits, `-`, `_`, `.` and `/`; no part begins with a dot. All of it
    raises RemoteUnavailable or RemoteRefused."""

    async def put(self, name: str, body: bytes) -> None:
        """Whole or not at all, also for whoever looks meanwhile; what was there is replaced."""

    async def get(self, name: str) -> bytes | None:
        """What is there, None for nothing."""

    async def remove(self, name: str) -> None:
        """Nothing is there afterwards, whatever was."""
