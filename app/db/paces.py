"""Turns to speak in Telegram, taken by all processes from the same rows and the same clock."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.db.conn import Conn
from app.db.queries import load
from app.domain.pace import Paces, Standing, turn

_SQL = load("paces")
#: The row of the bot as a whole.
BOT: Final = 0
#: So many chats that are closed within two seconds are no chance.
SEVERAL: Final = 3


async def take(conn: Conn, paces: Paces, chat_id: int) -> tuple[bool, float]:
    """A turn to say one thing in a chat: whether it is taken, and the seconds until it comes; a
    turn that is not taken must be asked for again then. Call it with no transaction open."""
    async with conn.transaction():
        rows = await _locked(conn, chat_id)
        now: datetime = await conn.fetchval(_SQL["clock"])
        found = turn(paces, chat_id, rows[BOT], rows[chat_id], now)
        if found.taken is not None:
            await conn.execute(_SQL["take"], chat_id, *found.taken)
    return found.taken is not None, (found.at - now).total_seconds()


async def _locked(conn: Conn, chat_id: int) -> dict[int, Standing]:
    rows = await conn.fetch(_SQL["lock"], chat_id)
    if len(rows) < 2:
        await conn.execute(_SQL["know"], chat_id)
        rows = await conn.fetch(_SQL["lock"], chat_id)
    return {
        row["chat_id"]: Standing(
            row["arrival"], row["group_arrival"], row["closed_at"], row["closed_until"]
        )
        for row in rows
    }


async def close(conn: Conn, chat_id: int, seconds: float) -> None:
    """Telegram asks for so much patience with a chat, or (BOT) with everything. It does not say
    which limit it means: when several chats are closed at once, it is the bot's own."""
    await conn.execute(_SQL["close"], chat_id, seconds)
    closed = await conn.fetchrow(_SQL["closed_now"])
    if closed is not None and closed["chats"] >= SEVERAL:
        await conn.execute(_SQL["close"], BOT, max(0.0, closed["seconds"]))
