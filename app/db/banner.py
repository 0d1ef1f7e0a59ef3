"""How the hub itself is, in one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("banner")


@dataclass(frozen=True, slots=True)
class Health:
    """When monitoring last ran (or the hub was set up, if later), and since when something is
    wrong: critical incidents in no chat, messages that Telegram does not take, queues nobody works
    on, chats the bot may not write in. None: all is well."""

    watched_at: datetime | None
    unseen_since: datetime | None
    unseen: int
    telegram_since: datetime | None
    telegram: int
    inbox_since: datetime | None
    outbox_since: datetime | None
    lost_since: datetime | None
    lost: Sequence[str] | None


async def look(conn: Conn, now: datetime, unseen: float) -> Health:
    """The hub's health; `unseen`: seconds a critical incident may be in no chat."""
    row = await conn.fetchrow(_SQL["look"], now, unseen)
    return Health(**dict(row or {}))
