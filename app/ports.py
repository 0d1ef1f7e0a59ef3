"""The few shapes that plug-ins must have; only things with two or more implementations are here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias
from uuid import UUID

from app.domain.chat import Deed
from app.domain.marks import MarkAnswer

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
