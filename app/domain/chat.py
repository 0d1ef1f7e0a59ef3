"""What people do in a chat, as far as it concerns the hub: write commands, press buttons. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w{1,64}))?(?:\s+(.*))?\s*", re.DOTALL)
#: Characters of a command's argument that are looked at; none of ours is longer.
LONGEST_ARGUMENT: Final = 100
_PRESS: Final = re.compile(r"(a|u|m(\d{1,4})):([0-9a-f]{32}):(\d{1,9})")
_UNMUTE: Final = re.compile(r"x:([0-9a-f]{32})")
_LANGUAGE: Final = re.compile(r"l:(ru|en)")


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as Telegram shows one; `language` as the person's Telegram speaks, "" unknown."""

    user_id: int
    name: str
    username: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A chat, and the topic of it."""

    chat_id: int
    title: str
    private: bool
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote something, at `at` by Telegram's clock."""

    person: Someone
    room: Room
    message_id: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Press:
    """A person pressed a button; the room is unknown when the message is too old for Telegram."""

    person: Someone
    query_id: str
    data: str
    room: Room | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Presence:
    """The bot came into a chat or had to leave it."""

    person: Someone
    room: Room
    present: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A group has another id from now on."""

    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """An update that is of no concern, and why."""

    why: str


Deed: TypeAlias = Said | Press | Presence | Moved | Nothing


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name in small letters, the argument, whether our bot was named."""

    name: str
    argument: str
    addressed: bool


def command_of(text: str, username: str) -> Command | None:
    """The command a text is; None when it is none, or for another bot."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return None
    name, bot, argument = found.groups()
    if bot and bot.lower() != username.lower():
        return None
    said = " ".join((argument or "").split())[:LONGEST_ARGUMENT]
    return Command(name.lower(), said, bool(bot))


@dataclass(frozen=True, slots=True)
class Touch:
    """What a button of an incident asks for: `verb` is acknowledge, unacknowledge or mute."""

    verb: str
    incident_id: UUID
    seq: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class EndMute:
    """End a mute."""

    mute_id: UUID


@dataclass(frozen=True, slots=True)
class Speak:
    """From now on speak this language to the person."""

    language: str


Ask: TypeAlias = Touch | EndMute | Speak


def ask_of(data: str) -> Ask | None:
    """What a button's data means; None when it is none of ours."""
    if found := _PRESS.fullmatch(data):
        verb, minutes, id_, seq = found.groups()
        name = {"a": "acknowledge", "u": "unacknowledge"}.get(verb, "mute")
        return Touch(name, UUID(id_), int(seq), int(minutes or 0))
    if found := _UNMUTE.fullmatch(data):
        return EndMute(UUID(found[1]))
    if found := _LANGUAGE.fullmatch(data):
        return Speak(found[1])
    return None


def unmute_data(mute_id: UUID) -> str:
    """The data of a button that ends a mute."""
    return f"x:{mute_id.hex}"


def speak_data(language: str) -> str:
    """The data of a button that chooses a language."""
    return f"l:{language}"
