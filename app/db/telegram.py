"""What people are told through Telegram: the outbox's payloads, incidents' posts, the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db import queue
from app.db.conn import Conn
from app.db.incidents import Place
from app.db.queries import load
from app.db.queue import Item, Queue
from app.identifiers import new_id
from app.ports import Keyboard, Saying

_SQL = load("telegram")
#: Seconds a kind of message counts as having waited already: who is oldest goes first.
HEAD_START: Final = {"reply": 3600.0, "nudge": 1800.0, "incident": 900.0, "digest": 0.0}


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message to a chat; of an incident only its id: it is written as it stands when it is
    sent. `expires_at`: after that it is not sent any more."""

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
class Post:
    """Where an incident is to be seen, the Telegram message it is seen in (None: not yet), and the
    revision that is shown."""

    chat_id: int
    thread_id: int | None
    telegram_id: int | None
    shown: int


async def add(conn: Conn, message: ChatMessage, trace_id: str) -> None:
    """Queue one message; a chat's messages of one kind go out one at a time, in order."""
    id_ = new_id()
    await conn.execute(
        _SQL["add"], id_, message.chat_id, message.kind, message.text, message.silent,
        message.thread_id, message.reply_to, [list(map(_button, row)) for row in message.keyboard],
        message.photo, message.expires_at, message.incident_id,
    )  # fmt: skip
    await _queue(conn, id_, message.chat_id, message.kind, trace_id)


async def post(conn: Conn, places: Sequence[Place]) -> None:
    """Incidents are to be seen in these chats from now on."""
    await conn.execute(
        _SQL["post"],
        [place.incident_id for place in places],
        [place.chat_id for place in places],
        [place.thread_id for place in places],
    )


async def show(conn: Conn, incident_ids: Iterable[UUID], trace_id: str) -> int:
    """Have every post of these incidents brought up to date; how many were not on their way yet.
    The caller has written the incidents' new revisions in this transaction."""
    behind = await conn.fetch(_SQL["behind"], list(incident_ids))
    rows = [(new_id(), row["incident_id"], row["chat_id"]) for row in behind]
    if rows:
        ids, incidents, chats = zip(*rows, strict=True)
        await conn.execute(_SQL["ask"], list(ids), list(incidents), list(chats))
    for id_, _, chat_id in rows:
        await _queue(conn, id_, chat_id, "incident", trace_id)
    return len(rows)


async def _queue(conn: Conn, id_: UUID, chat_id: int, kind: str, trace_id: str) -> None:
    await queue.add(
        conn, Queue.TELEGRAM, id_, account_id=None, fifo_key=f"chat:{chat_id}:{kind}",
        trace_id=trace_id, head_start=HEAD_START[kind],
    )  # fmt: skip


async def message(conn: Conn, id_: UUID) -> tuple[ChatMessage, Post | None]:
    """The payload of a claimed row, and where it stands when it is an incident's."""
    row = await conn.fetchrow(_SQL["message"], id_)
    assert row is not None  # written in the same transaction as its queue row
    fields = dict(row)
    thread, telegram_id, shown = (fields.pop(n) for n in ("post_thread", "post_id", "shown"))
    fields["keyboard"] = tuple(map(tuple, fields["keyboard"] or ()))
    found = ChatMessage(**fields)
    if shown is None:
        return found, None
    return found, Post(found.chat_id, thread, telegram_id, shown)


async def shown(conn: Conn, message: ChatMessage, telegram_id: int, revision: int) -> None:
    """A post shows its incident as it was at this revision."""
    await conn.execute(_SQL["shown"], message.incident_id, message.chat_id, telegram_id, revision)


async def archive(conn: Conn, item: Item, telegram_id: int, text: str, *, edited: bool) -> None:
    """Move a sent message from the outbox into the archive."""
    await conn.execute(_SQL["archive"], item.id, item.attempts, telegram_id, edited, text)
    await queue.remove(conn, item)


async def drop(conn: Conn, item: Item) -> None:
    """There is nothing to say any more."""
    await conn.execute(_SQL["drop"], item.id)
    await queue.remove(conn, item)


def _button(button: tuple[str, str]) -> list[str]:
    return list(button)
