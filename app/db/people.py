"""Pickers, their handhelds and their sessions: who may come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("people")


class Role(StrEnum):
    """What a person may do in the store."""

    PICKER = "picker"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, slots=True)
class Picker:
    """Who is asking, and for which store. `on_shift`: the shift runs and is not paused."""

    id: UUID
    badge: str
    name: str
    store_id: UUID
    store: str
    store_name: str
    timezone: str
    merchant_id: UUID
    role: Role
    on_shift: bool
    needs_shift: bool  #: the store wants one for every write on an order


@dataclass(frozen=True, slots=True)
class Badge:
    """A picker at the door: the PIN is not checked yet."""

    picker: Picker
    pin_hash: str
    locked: bool
    needs_device: bool  #: the store admits registered handhelds only


@dataclass(frozen=True, slots=True)
class Device:
    """A registered handheld at the door."""

    id: UUID
    store_id: UUID
    revoked: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """An open session. `news`: its handheld should be noted as seen. `away`: its store is on its
    way to another cell (app/db/away.py)."""

    picker: Picker
    device: UUID | None
    news: bool
    away: bool


async def by_badge(conn: Conn, badge: str) -> Badge | None:
    """The active picker with this badge, locked until the transaction ends."""
    row = await conn.fetchrow(_SQL["picker_by_badge"], badge)
    if row is None:
        return None
    return Badge(_picker(row), row["pin_hash"], row["locked"], row["needs_device"])


async def employee(conn: Conn, merchant_id: UUID, badge: str) -> Picker | None:
    """The active picker of this merchant with this badge, vouched for by an application."""
    row = await conn.fetchrow(_SQL["employee"], merchant_id, badge)
    return _picker(row) if row else None


async def device_by_code(conn: Conn, code_hash: bytes) -> Device | None:
    """The handheld with this secret, locked until the transaction ends."""
    row = await conn.fetchrow(_SQL["device_by_code"], code_hash)
    return Device(**row) if row else None


async def any_needs_device(conn: Conn) -> bool:
    """Whether any store admits registered handhelds only."""
    needed: bool = await conn.fetchval(_SQL["any_needs_device"])
    return needed


async def count_failure(conn: Conn, id_: UUID, most: int, seconds: float) -> None:
    """Count a wrong PIN; too many in a row lock the badge for a while."""
    await conn.execute(_SQL["count_failure"], id_, most, seconds)


async def count_device_failure(conn: Conn, id_: UUID, most: int, seconds: float) -> None:
    """Count a wrong PIN of anybody on this handheld; too many in a row lock it for a while."""
    await conn.execute(_SQL["count_device_failure"], id_, most, seconds)


async def forgive(conn: Conn, id_: UUID) -> None:
    """The PIN was right: the count of wrong ones starts anew."""
    await conn.execute(_SQL["forgive"], id_)


@dataclass(frozen=True, slots=True)
class Handset:
    """Where a session is opened: a registered device, or what an unregistered one calls itself."""

    device: UUID | None
    called: str
    client_version: str


async def open_session(
    conn: Conn, token_hash: bytes, id_: UUID, handset: Handset, seconds: float
) -> datetime:
    """Begin a session; when it ends by itself."""
    expires_at: datetime = await conn.fetchval(
        _SQL["open_session"],
        token_hash,
        id_,
        handset.called,
        seconds,
        handset.device,
        handset.client_version,
    )
    return expires_at


async def by_session(conn: Conn, token_hash: bytes, client_version: str) -> Signed | None:
    """Who holds this session, None when it is over. The one query of every call."""
    row = await conn.fetchrow(_SQL["by_session"], token_hash, client_version)
    if row is None:
        return None
    return Signed(_picker(row), row["device"], row["news"], row["away"] is not None)


async def device_seen(conn: Conn, id_: UUID, client_version: str) -> None:
    """Note when a handheld was last heard of, and what it runs."""
    await conn.execute(_SQL["device_seen"], id_, client_version)


async def end_session(conn: Conn, token_hash: bytes) -> None:
    """Sign out; the second time does nothing."""
    await conn.execute(_SQL["end_session"], token_hash)


def _picker(row: Record) -> Picker:
    return Picker(
        row["id"],
        row["badge"],
        row["name"],
        row["store_id"],
        row["store"],
        row["store_name"],
        row["timezone"],
        row["merchant_id"],
        Role(row["role"]),
        row["on_shift"],
        row["needs_shift"],
    )
