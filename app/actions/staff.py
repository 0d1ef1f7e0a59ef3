"""A store's people and handhelds: who is added, changed or sent away, by a supervisor of the store
or from the command line."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from app.actions.shift import Leaver, give_back
from app.actions.sign_in import device_hash, hash_secret
from app.db import shifts, staff
from app.db.conn import Conn
from app.db.people import Role
from app.db.staff import Done, Person
from app.domain.badge import new_badge, new_device_code, new_pin
from app.domain.refusals import Code, Refused
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class By:
    """Who decides. `store_id` None: the chain itself, which may touch every store and itself."""

    name: str
    trace_id: str
    store_id: UUID | None = None
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What should be different of a person; None: as it is."""

    name: str | None = None
    role: Role | None = None
    active: bool | None = None
    pin_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN the hub made up: shown once, kept as a hash."""

    digits: str
    hashed: str


async def make_pin(hub: Hub) -> Pin:
    """A new PIN; hashing waits for its turn as checking does."""
    digits = new_pin(secrets.randbelow)
    async with hub.door.enter():
        return Pin(digits, await asyncio.to_thread(hash_secret, digits))


async def add_person(
    conn: Conn, by: By, store_id: UUID, names: tuple[str, str, Role], hashed: str
) -> Person:
    """Add a person to a store; names = (badge, name, role). Refused when the badge is somebody's,
    in any store: a badge means one person everywhere."""
    badge, name = new_badge(names[0]), names[1].strip()
    if badge is None or not name:
        raise Refused(Code.INVALID_BODY, field="name" if badge else "badge")
    person = Person(new_id(), badge, name, names[2], active=True, store_id=store_id)
    if not await staff.add_person(conn, person, hashed):
        raise Refused(Code.BADGE_TAKEN, badge=badge)
    await _note(conn, by, Done("added", store_id, person.id))
    return person


async def change_person(conn: Conn, by: By, id_: UUID, change: Change) -> Person:
    """Change a person. Who leaves is signed out at once, gives back every order in hand and ends
    the shift; a new PIN signs out too, a new role counts from the next call on."""
    before = await staff.person(conn, id_)
    if before is None or by.store_id not in (None, before.store_id):
        raise Refused(Code.PERSON_NOT_FOUND)
    after = replace(
        before,
        name=change.name or before.name,
        role=change.role or before.role,
        active=before.active if change.active is None else change.active,
    )
    if by.person_id == id_ and (after.role, after.active) != (before.role, before.active):
        raise Refused(Code.ROLE_REQUIRED, role=Role.SUPERVISOR, reason="not_yourself")
    await staff.change_person(conn, after, change.pin_hash)
    if change.pin_hash is not None or not after.active:
        await staff.end_sessions(conn, id_)
    if before.active and not after.active:
        await _send_home(conn, by, after)
    for act, detail in _differences(before, after, change):
        await _note(conn, by, Done(act, after.store_id, id_, detail=detail))
    return after


def _differences(before: Person, after: Person, change: Change) -> Iterator[tuple[str, str]]:
    if after.name != before.name:
        yield "renamed", f"{before.name} → {after.name}"
    if after.role != before.role:
        yield "role", str(after.role)
    if change.pin_hash is not None:
        yield "new_pin", ""
    if after.active != before.active:
        yield "activated" if after.active else "deactivated", ""


async def _note(conn: Conn, by: By, done: Done) -> None:
    await staff.note(conn, by.name, done, by.trace_id)
    whom = {"person": done.picker_id, "device": done.device_id}
    ids = {name: str(id_) for name, id_ in whom.items() if id_ is not None}
    log.info("staff changed", act=done.act, by=by.name, store=str(done.store_id), **ids)


async def _send_home(conn: Conn, by: By, person: Person) -> None:
    shift_id = await shifts.lock_open(conn, person.id)
    await give_back(conn, Leaver(person.id, person.badge, by.name, "deactivated", by.trace_id))
    if shift_id is not None:
        await shifts.end(conn, shift_id)


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A handheld as registered; the code leaves the hub this once."""

    id: UUID
    code: str


async def register_device(conn: Conn, by: By, store_id: UUID, name: str) -> NewDevice:
    """Admit a handheld to a store."""
    code = new_device_code(secrets.randbelow)
    id_ = await staff.add_device(conn, store_id, device_hash(code), name, by.name)
    await _note(conn, by, Done("device_added", store_id, device_id=id_))
    return NewDevice(id_, code)


async def revoke_device(conn: Conn, by: By, id_: UUID) -> None:
    """Send a handheld away: its sessions end at once, and it opens no other. Claims stay with the
    person, who may go on with another handheld."""
    revoked = await staff.revoke_device(conn, id_, by.store_id)
    if revoked is None:
        raise Refused(Code.DEVICE_NOT_FOUND)
    if revoked.now:
        await _note(conn, by, Done("device_revoked", revoked.store_id, device_id=id_))
