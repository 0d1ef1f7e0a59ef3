"""The chats the bot speaks in, how each is spoken to, and those nobody has admitted yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.chat import Room
from app.identifiers import new_id

_SQL = load("telegram_chats")
#: Why a chat is silent whose members sent the bot away; it speaks again when it is asked back.
REMOVED: Final = "removed"


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat the bot may speak in, unless it is disabled for a reason."""

    chat_id: int
    merchant_id: UUID | None
    title: str
    language: str | None
    timezone: str
    disabled_reason: str | None


@dataclass(frozen=True, slots=True)
class Route:
    """What a chat, or a topic of it, hears of: everything of a merchant, or of a store, or one
    class of rules; `step` of the escalation ladder."""

    chat_id: int
    merchant_id: UUID
    store_id: UUID | None
    topic: str | None
    step: int


async def chat(conn: Conn, chat_id: int) -> Chat | None:
    """A chat the bot knows."""
    row = await conn.fetchrow(_SQL["chat"], chat_id)
    return None if row is None else Chat(**row)


async def add(
    conn: Conn, room: Room, merchant_id: UUID | None, language: str | None = None
) -> None:
    """Speak in a chat from now on; saying it twice is once."""
    await conn.execute(_SQL["add"], room.chat_id, merchant_id, room.title, language)
    await conn.execute(_SQL["forget"], room.chat_id)


async def enable(conn: Conn, chat_id: int, only: str | None = None) -> bool:
    """Speak again, if it was disabled (`only` for this reason); False when nothing changed."""
    return await conn.fetchval(_SQL["enable"], chat_id, only) is not None


async def retitle(conn: Conn, room: Room) -> None:
    """A chat is called what it is called now."""
    await conn.execute(_SQL["title"], room.chat_id, room.title)


async def set_language(conn: Conn, chat_id: int, language: str | None) -> bool:
    """Speak a language in a chat; False when it is unknown."""
    return await conn.fetchval(_SQL["language"], chat_id, language) is not None


async def set_quiet(
    conn: Conn, chat_id: int, span: tuple[time, time] | None, timezone: str | None
) -> bool:
    """Be quiet in a chat between two times of its day, or never; False when it is unknown."""
    first, last = span or (None, None)
    return await conn.fetchval(_SQL["quiet"], chat_id, first, last, timezone) is not None


async def set_digest(conn: Conn, chat_id: int, at: time | None) -> bool:
    """Tell a chat of days at this time, or only when shifts end them; False when it is unknown."""
    return await conn.fetchval(_SQL["digest"], chat_id, at) is not None


async def route(conn: Conn, where: Route, thread_id: int | None) -> None:
    """Tell a chat, or a topic of it, of something."""
    await conn.execute(
        _SQL["route"], new_id(), where.merchant_id, where.store_id, where.topic, where.step,
        where.chat_id, thread_id,
    )  # fmt: skip


async def unroute(conn: Conn, where: Route) -> bool:
    """Tell it of that no more; False when it was not told."""
    found = await conn.fetchval(
        _SQL["unroute"], where.merchant_id, where.store_id, where.topic, where.step, where.chat_id
    )
    return found is not None


async def overview(conn: Conn) -> list[Record]:
    """Every chat the bot speaks in, or did."""
    rows: list[Record] = await conn.fetch(_SQL["overview"])
    return rows


async def routes(conn: Conn) -> list[Record]:
    """What each chat is told of besides what is its store's or merchant's."""
    rows: list[Record] = await conn.fetch(_SQL["routes"])
    return rows


async def meet(conn: Conn, room: Room, added_by: str) -> None:
    """Somebody added the bot to a chat that nobody has admitted."""
    await conn.execute(_SQL["meet"], room.chat_id, room.title, added_by)


async def part(conn: Conn, chat_id: int) -> None:
    """The bot had to leave one of those."""
    await conn.execute(_SQL["part"], chat_id)


async def moved(conn: Conn, old: int, new: int) -> None:
    """One of those has another id now."""
    await conn.execute(_SQL["moved"], old, new)


async def unknown(conn: Conn) -> list[Record]:
    """Chats the bot is in and nobody has admitted."""
    rows: list[Record] = await conn.fetch(_SQL["unknown"])
    return rows
