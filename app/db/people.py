"""Pickers and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("people")


@dataclass(frozen=True, slots=True)
class Picker:
    """Who is asking, and for which store."""

    id: UUID
    badge: str
    name: str
    store_id: UUID
    store: str
    store_name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A picker at the door: the PIN is not checked yet."""

    picker: Picker
    pin_hash: str
    locked: bool


async def by_badge(conn: Conn, badge: str) -> Badge | None:
    """The active picker with this badge."""
    row = await conn.fetchrow(_SQL["picker_by_badge"], badge)
    if row is None:
        return None
    fields = dict(row)
    pin_hash, locked = fields.pop("pin_hash"), fields.pop("locked")
    return Badge(Picker(**fields), pin_hash, locked)


async def count_failure(conn: Conn, id_: UUID, most: int, seconds: float) -> None:
    """Count a wrong PIN; too many in a row lock the badge for a while."""
    await conn.execute(_SQL["count_failure"], id_, most, seconds)


async def open_session(
    conn: Conn, token_hash: bytes, id_: UUID, device_id: str, seconds: float
) -> datetime:
    """Begin a session; when it ends by itself."""
    expires_at: datetime = await conn.fetchval(
        _SQL["open_session"], token_hash, id_, device_id, seconds
    )
    return expires_at


async def by_session(conn: Conn, token_hash: bytes) -> Picker | None:
    """Who holds this session, None when it is over."""
    row = await conn.fetchrow(_SQL["by_session"], token_hash)
    return Picker(**row) if row else None


async def end_session(conn: Conn, token_hash: bytes) -> None:
    """Sign out; the second time does nothing."""
    await conn.execute(_SQL["end_session"], token_hash)
