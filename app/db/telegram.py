"""What people are told through Telegram: the outbox's payloads, incidents' posts, the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db import queue
from app.db.conn import Conn
from app.db.incidents import Place
from app.db.queries import load
from app.db.queue import Item, Queue
from app.domain.telegram import GOOD_FOR, HEAD_START, Audience, Post
from app.identifiers import new_id
from app.ports import Keyboard, Saying

_SQL = load("telegram")


class Outcome(StrEnum):
    """How a message left the outbox."""

    SENT = "sent"
    EDITED = "edited"
    EXPIRED = "expired"  #: old news
    DROPPED = "dropped"  #: there was nothing to say any more
    UNDELIVERABLE = "undeliverable"  #: the bot may not write in the chat


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to a chat; of an incident only its id: it is written as it stands when it is
    sent. `expires_at`: after that it is not sent any more; None: by its kind."""

    chat_id: int
    kind: str
    text: str | None = None
    silent: bool = False
    thread_id: int | None = None
    reply_to: int | None = None
    keyboard: Keyboard = ()
    photo: bytes | None = None
    expires_at: datetime | None = None
    incident_id: UUID | None = None

    def saying(self) -> Saying:
        """The message on its way out."""
        return Saying(
            self.chat_id, self.text or "", silent=self.silent, thread_id=self.thread_id,
            reply_to=self.reply_to, keyboard=self.keyboard, photo=self.photo,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that is about to be sent: where it stands when it is an incident's, who reads it,
    whether it is old news, and the database's time."""

    message: ChatMessage
    post: Post | None
    audience: Audience
    expired: bool
    now: datetime


async def add(conn: Conn, message: ChatMessage, trace_id: str) -> None:
    """Queue one message; a chat's messages of one kind go out one at a time, in order."""
    id_ = new_id()
    await conn.execute(
        _SQL["add"], id_, message.chat_id, message.kind, message.text, message.silent,
        message.thread_id, message.reply_to, [list(map(list, row)) for row in message.keyboard],
        message.photo, message.expires_at, message.incident_id, GOOD_FOR[message.kind],
    )  # fmt: skip
    await queue.add_all(
        conn, Queue.TELEGRAM, [(id_, *_lane(message.chat_id, message.kind))], trace_id
    )


def _lane(chat_id: int, lane: str) -> tuple[str, float]:
    return f"chat:{chat_id}:{lane}", HEAD_START[lane]


async def post(conn: Conn, places: Sequence[Place]) -> set[UUID]:
    """Incidents are to be seen in these chats from now on; those that were not in one of them."""
    rows = await conn.fetch(
        _SQL["post"],
        [place.incident_id for place in places],
        [place.chat_id for place in places],
        [place.thread_id for place in places],
    )
    return {row["incident_id"] for row in rows}


async def show(conn: Conn, incident_ids: Iterable[UUID], trace_id: str) -> int:
    """Have every post of these incidents brought up to date; how many were not on their way yet.
    The caller has written the incidents' new revisions in this transaction."""
    behind = await conn.fetch(_SQL["behind"], list(incident_ids))
    waiting = [(row["waiting"], *_lane(row["chat_id"], row["lane"])) for row in behind]
    late = [row for row in waiting if row[0] is not None]
    if late:
        await conn.execute(_SQL["hurry"], *map(list, zip(*late, strict=True)))
    new = [(new_id(), row) for row in behind if row["waiting"] is None]
    await conn.execute(
        _SQL["ask"],
        [id_ for id_, _ in new],
        [row["incident_id"] for _, row in new],
        [row["chat_id"] for _, row in new],
    )
    rows = [(id_, *_lane(row["chat_id"], row["lane"])) for id_, row in new]
    await queue.add_all(conn, Queue.TELEGRAM, rows, trace_id)
    return len(new)


async def queued(conn: Conn, id_: UUID) -> Queued | None:
    """All of a claimed row; None when its payload is gone."""
    row = await conn.fetchrow(_SQL["message"], id_)
    if row is None:
        return None
    keyboard = tuple(tuple((text, data) for text, data in line) for line in row["keyboard"] or ())
    message = ChatMessage(
        row["chat_id"], row["kind"], row["text"], silent=row["silent"],
        thread_id=row["thread_id"], reply_to=row["reply_to"], keyboard=keyboard,
        photo=row["photo"], expires_at=row["expires_at"], incident_id=row["incident_id"],
    )  # fmt: skip
    return Queued(message, _post(row), _audience(row), row["expired"], row["now"])


def _post(row: Record) -> Post | None:
    if row["shown"] is None:
        return None
    fields: dict[str, Any] = {name: row[name] for name in ("shown", "shown_at", "shown_hash")}
    return Post(row["post_thread"], row["post_id"], pressed=row["pressed"], **fields)


def _audience(row: Record) -> Audience:
    quiet: tuple[time, time] | None = None
    if row["quiet_from"] is not None:
        quiet = row["quiet_from"], row["quiet_until"]
    return Audience(row["language"], row["timezone"], quiet, disabled=row["disabled"])


async def shown(
    conn: Conn, message: ChatMessage, telegram_id: int, revision: int, digest: str
) -> None:
    """A post shows its incident as it was at this revision; `digest`: of what is shown."""
    await conn.execute(
        _SQL["shown"], message.incident_id, message.chat_id, telegram_id, revision, digest
    )


async def passed(conn: Conn, message: ChatMessage, revision: int) -> None:
    """Nobody need see an incident's revision in this chat."""
    await conn.execute(_SQL["passed"], message.incident_id, message.chat_id, revision)


async def archive(
    conn: Conn, item: Item, saying: Saying, outcome: Outcome, telegram_id: int | None = None
) -> None:
    """Move a message from the outbox into the archive."""
    await conn.execute(
        _SQL["archive"], item.id, item.attempts, telegram_id, outcome, saying.text, saying.silent
    )
    await queue.remove(conn, item)


async def forget(conn: Conn, item: Item) -> None:
    """A message that says nothing new to anybody leaves no trace."""
    await conn.execute(_SQL["forget"], item.id)
    await queue.remove(conn, item)
