"""Posts of incidents whose readers see something that is not so any more."""

from __future__ import annotations

from uuid import UUID

from app.db import telegram
from app.db.conn import Conn
from app.db.queries import load

_SQL = load("telegram_posts")


async def outdate(conn: Conn, incident_id: UUID, chat_id: int, telegram_id: int) -> bool:
    """Have a post written anew; False when this message is not its incident's post."""
    return await conn.fetchval(_SQL["outdate"], incident_id, chat_id, telegram_id) is not None


async def show(conn: Conn, incident_id: UUID, trace_id: str) -> None:
    """Bring an incident's posts up to date."""
    await telegram.show(conn, [incident_id], trace_id)
