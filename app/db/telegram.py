"""What people are told through Telegram: the outbox's payloads and the archive."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.db import queue
from app.db.conn import Conn
from app.db.queries import load
from app.db.queue import Item, Queue
from app.identifiers import new_id

_SQL = load("telegram")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message; `edit` is the Telegram id of the message it takes the place of."""

    chat_id: int
    incident_id: UUID | None
    text: str
    silent: bool
    edit: int | None = None


async def add(conn: Conn, message: ChatMessage, trace_id: str) -> None:
    """Queue one message; a chat's messages go out one at a time, in order."""
    id_ = new_id()
    await conn.execute(
        _SQL["add"], id_, message.chat_id, message.incident_id, message.text, message.silent
    )
    await queue.add(
        conn,
        Queue.TELEGRAM,
        id_,
        account_id=None,
        fifo_key=f"chat:{message.chat_id}",
        trace_id=trace_id,
    )


async def message(conn: Conn, id_: UUID) -> ChatMessage:
    """The payload of a claimed row."""
    row = await conn.fetchrow(_SQL["message"], id_)
    assert row is not None  # written in the same transaction as its queue row
    return ChatMessage(**row)


async def archive(conn: Conn, item: Item, telegram_id: int, *, edited: bool) -> None:
    """Move a sent message from the outbox into the archive."""
    await conn.execute(_SQL["archive"], item.id, item.attempts, telegram_id, edited)
    await queue.remove(conn, item)
