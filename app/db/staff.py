"""Administration of people and handhelds; a store_id of None stands for every store."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Role
from app.db.queries import load
from app.identifiers import new_id

_SQL = load("staff")


@dataclass(frozen=True, slots=True)
class Person:
    """A picker or supervisor, signed in or not."""

    id: UUID
    badge: str
    name: str
    role: Role
    active: bool
    store_id: UUID


async def people(conn: Conn, store_id: UUID | None) -> list[Record]:
    """Everybody, those who left last."""
    rows: list[Record] = await conn.fetch(_SQL["people"], store_id)
    return rows


async def person(conn: Conn, id_: UUID) -> Person | None:
    """One person, locked until the transaction ends."""
    row = await conn.fetchrow(_SQL["person"], id_)
    return Person(**{**row, "role": Role(row["role"])}) if row else None


async def person_by_badge(conn: Conn, badge: str) -> Person | None:
    """The same by badge, whether the person still works here or not."""
    id_ = await conn.fetchval(_SQL["person_by_badge"], badge)
    return await person(conn, id_) if id_ else None


async def add_person(conn: Conn, who: Person, pin_hash: str) -> bool:
    """Add a person; False when the badge is somebody's."""
    added = await conn.fetchval(
        _SQL["add_person"], who.id, who.store_id, who.badge, who.name, who.role, pin_hash
    )
    return added is not None


async def change_person(conn: Conn, who: Person, pin_hash: str | None) -> None:
    """Write a person's name, role and whether active; a PIN when there is a new one."""
    await conn.execute(_SQL["change_person"], who.id, who.name, who.role, who.active, pin_hash)


async def end_sessions(conn: Conn, picker_id: UUID) -> None:
    """Sign a person out everywhere."""
    await conn.execute(_SQL["end_sessions"], picker_id)


async def devices(conn: Conn, store_id: UUID | None) -> list[Record]:
    """Handhelds, the revoked ones last."""
    rows: list[Record] = await conn.fetch(_SQL["devices"], store_id)
    return rows


async def add_device(conn: Conn, store_id: UUID, code_hash: bytes, name: str, by: str) -> UUID:
    """Register a handheld; its id."""
    id_ = new_id()
    await conn.execute(_SQL["add_device"], id_, store_id, code_hash, name, by)
    return id_


@dataclass(frozen=True, slots=True)
class Revoked:
    """A handheld that is out; `now`: it was not yet."""

    store_id: UUID
    now: bool


async def revoke_device(conn: Conn, id_: UUID, store_id: UUID | None) -> Revoked | None:
    """Revoke a handheld and end its sessions, in the caller's transaction; None when there is
    none."""
    row = await conn.fetchrow(_SQL["revoke_device"], id_, store_id)
    if row is None:
        return None
    await conn.execute(_SQL["end_device_sessions"], id_)
    return Revoked(**row)


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done with a person or a handheld; `detail` never holds a secret."""

    act: str
    store_id: UUID
    picker_id: UUID | None = None
    device_id: UUID | None = None
    detail: str = ""


async def note(conn: Conn, actor: str, done: Done, trace_id: str) -> None:
    """Keep who did it: a badge, or cli:user."""
    place = (done.picker_id, done.device_id, done.store_id)
    await conn.execute(_SQL["note"], new_id(), actor, done.act, *place, done.detail, trace_id)


async def history(conn: Conn, badge: str | None, most: int) -> list[Record]:
    """What was done to the person with this badge, or by them; the newest first."""
    rows: list[Record] = await conn.fetch(_SQL["history"], badge, most)
    return rows


async def stores(conn: Conn, code: str, merchant: str | None) -> list[UUID]:
    """Stores with this code; chains may share one."""
    return [row["id"] for row in await conn.fetch(_SQL["stores"], code, merchant)]
