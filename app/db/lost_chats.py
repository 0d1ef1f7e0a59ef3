"""Chats the bot cannot write in any more, and groups that got another id: all rows at once."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db import telegram
from app.db.conn import Conn
from app.db.queries import load
from app.identifiers import new_id

_SQL = load("lost_chats")
#: No message: for those who have none in hand.
NONE: Final = UUID(int=0)


async def disable(conn: Conn, chat_id: int, reason: str, in_hand: UUID = NONE) -> list[UUID]:
    """Nothing is sent to this chat any more, and what waited for it is given up, but for the row in
    hand. The incidents that are now to be seen nowhere. In the caller's transaction."""
    await conn.fetch(_SQL["hold"], chat_id)
    row = await conn.fetchrow(_SQL["disable"], chat_id, reason)
    await conn.execute(_SQL["give_up"], chat_id, in_hand)
    homeless = [each["incident_id"] for each in await conn.fetch(_SQL["leave"], chat_id)]
    if row is not None:
        await conn.execute(_SQL["audit"], new_id(), chat_id, row["merchant_id"], reason, "disabled")
    return homeless


async def because(conn: Conn, chat_id: int, reason: str) -> None:
    """Of a chat that is disabled: this is why, unless its person was shut out."""
    await conn.execute(_SQL["because"], chat_id, reason)


async def move(conn: Conn, old: int, new: int, trace_id: str) -> bool:
    """A group is known by another id from now on, wherever it is named; what is on is said there
    anew. False when no chat had the old one. In the caller's transaction."""
    await conn.fetch(_SQL["hold"], old)
    posted = [row["incident_id"] for row in await conn.fetch(_SQL["posted"], old)]
    row = await conn.fetchrow(_SQL["rename"], old, new) or await _merge(conn, old, new)
    for name in ("point_stores", "point_merchants"):
        await conn.execute(_SQL[name], old, new)
    for name in ("unite", "move_messages", "move_rows"):
        await conn.execute(_SQL[name], old, new)
    await conn.execute(_SQL["move_pace"], old)
    anew = await conn.fetch(_SQL["repost"], new, posted)
    await telegram.show(conn, [each["incident_id"] for each in anew if each["is_on"]], trace_id)
    if row is None:
        return False
    await conn.execute(_SQL["audit"], new_id(), old, row["merchant_id"], str(new), "moved")
    return True


async def _merge(conn: Conn, old: int, new: int) -> Record | None:
    """Both ids are known: the old one's routes and posts become the new one's."""
    for name in ("merge_routes", "merge_posts"):
        await conn.execute(_SQL[name], old, new)
    return await conn.fetchrow(_SQL["drop_chat"], old)
