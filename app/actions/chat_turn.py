"""One update's turn: what it is handled with, in one transaction, and what is to be done after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, cast

from app.db import telegram
from app.db.conn import Conn, Pool
from app.db.telegram import ChatMessage
from app.db.telegram_chats import Chat
from app.db.telegram_people import Person
from app.domain.chat import Room, Someone
from app.hub import Hub, Pools
from app.identifiers import new_id
from app.ports import Keyboard
from app.render.telegram_lines import Reader

SPOKEN: Final = ("ru", "en")
_ZONE: Final = "Europe/Moscow"


@dataclass(frozen=True, slots=True)
class Turn:
    """What an update is handled with. All that `hub` writes belongs to the transaction of `conn`;
    `now`: the database's clock; `bot`: what the bot is called, without @."""

    hub: Hub
    conn: Conn
    now: datetime
    bot: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an update, and what is to be done once that is certain: the answer to a press,
    buttons to take away."""

    outcome: str
    query_id: str | None = None
    answer: str = ""
    unkey: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A command of a person who may give it. `chat`: None in a private one that is not kept."""

    person: Person
    who: Someone
    room: Room
    chat: Chat | None
    message_id: int
    argument: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command is answered."""

    text: str
    outcome: str = "answered"
    keyboard: Keyboard = field(default=())


class _Lent:
    """A pool that has one connection only, and lends it to whoever asks."""

    def __init__(self, conn: Conn) -> None:
        self._conn = conn

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Conn]:
        """Lend it; a transaction in it is a part of ours."""
        yield self._conn


def within_transaction(hub: Hub, conn: Conn) -> Hub:
    """The same hub, all of whose work is part of the transaction of `conn`."""
    pool = cast("Pool", _Lent(conn))
    return replace(hub, pools=Pools(pool, pool, pool))


def language_of(turn: Turn, who: Someone, person: Person | None) -> str:
    """The language somebody reads: the one chosen, the one of their Telegram, the hub's."""
    own = who.language.partition("-")[0].lower()
    chosen = person.language if person else None
    return chosen or (own if own in SPOKEN else turn.hub.language)


def reader_of(turn: Turn, asked: Asked) -> Reader:
    """Who reads the answer to a command: in a group, everybody."""
    chat = asked.chat
    common = chat.language if chat and not asked.room.private else None
    language = common or language_of(turn, asked.who, asked.person)
    return Reader(language, chat.timezone if chat else _ZONE, turn.now, turn.hub.rules)


async def reply(
    turn: Turn, room: Room, text: str, message_id: int | None, keyboard: Keyboard = ()
) -> None:
    """Queue an answer, in the topic and under the message it answers."""
    message = ChatMessage(
        room.chat_id, "reply", text, thread_id=room.thread_id, reply_to=message_id,
        keyboard=keyboard,
    )  # fmt: skip
    await telegram.add(turn.conn, message, new_id().hex)
