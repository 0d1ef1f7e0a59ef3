"""Mutes in the database: who silenced what, until when, and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.mute import Mute
from app.domain.rule import Level

_SQL = load("mutes")


async def add(conn: Conn, mute: Mute) -> None:
    """Silence something."""
    await conn.execute(
        _SQL["add"], mute.id, mute.rule, mute.subject, mute.merchant_id, mute.store_id,
        mute.account_id, mute.level, mute.reason, mute.owner, mute.created_at, mute.until,
    )  # fmt: skip


async def live(conn: Conn, now: datetime, merchant_id: UUID | None = None) -> list[Mute]:
    """All mutes that hold, those that end first first; of one merchant, or everybody's."""
    rows = await conn.fetch(_SQL["live"], now, merchant_id)
    return [Mute(**{**dict(row), "level": Level(row["level"])}) for row in rows]


async def end(conn: Conn, id_: UUID, now: datetime, who: str) -> str | None:
    """End one before its time; its rule, or None when there is none to end."""
    rule: str | None = await conn.fetchval(_SQL["end"], id_, now, who)
    return rule
