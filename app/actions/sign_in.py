"""Pickers come and go: badge and PIN for a session.

A wrong badge and a wrong PIN are answered alike and take as long. Only a badge that exists is ever
locked, and its 429 tells so: badges are worn for all to see, the PIN is the secret."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.db import away, people
from app.db.conn import Conn
from app.db.people import Badge, Device, Handset, Picker, Role
from app.domain.badge import badge_of, plain_device_code
from app.domain.refusals import Code, Refused
from app.hub import Hub

#: A shift and its overtime.
SESSION_SECONDS: Final = 14 * 3600.0
#: So many wrong PINs in a row lock a badge for so many seconds, and longer each time.
MOST_FAILURES: Final = 5
LOCK_SECONDS: Final = 60.0
#: A handheld is used by many, so it may fail more often than one of them.
MOST_DEVICE_FAILURES: Final = 15
#: When to come again while a store goes to another cell.
MOVING_SECONDS: Final = 5.0
#: Small enough for a shop's morning rush, large enough that guessing does not pay.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is said at the door; `device` is the secret of a registered handheld, or anything."""

    badge: str
    pin: str
    device: str = ""
    client_version: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A new session; the token leaves the hub this once."""

    token: str
    expires_at: datetime
    picker: Picker


@cache
def nobody() -> str:
    """Checked when a badge or a login is unknown: that takes as long as a wrong secret does."""
    return _HASHER.hash("no such badge")


def hash_secret(secret: str) -> str:
    """An argon2id hash of a PIN or a password."""
    return _HASHER.hash(secret)


def matches(hashed: str, secret: str) -> bool:
    """Whether a PIN or a password is the one that was hashed."""
    try:
        return _HASHER.verify(hashed, secret)
    except (VerificationError, InvalidHashError):
        return False


def device_hash(code: str) -> bytes:
    """What is kept of a handheld's secret: it is long and random, so that one round is enough."""
    return hashlib.sha256(plain_device_code(code).encode()).digest()


async def sign_in(hub: Hub, asked: SignIn) -> Session:
    """Open a session; Refused when badge or PIN is wrong, the handheld is not admitted, or either
    of them is locked.

    The rows of handheld and badge stay locked meanwhile: a thousand guesses at once are still
    counted one by one. Few come this far at once; the rest wait outside, holding no connection.
    """
    async with hub.door.enter(), hub.pools.picking.acquire() as conn, conn.transaction():
        device = await _device(conn, asked.device)
        known = await people.by_badge(conn, badge_of(asked.badge))
        await _must_be_here(conn, asked.badge, known)
        refusal = await _turned_away(conn, device, known)
        if refusal is None:
            refusal = await _wrong(conn, known, device, asked.pin)
        session = None
        if known is not None and refusal is None:
            session = await _open(conn, known.picker, device, asked)
    if session is None:
        assert refusal is not None  # one of the two is there
        raise refusal  # after the commit: the failure stays counted
    return session


async def confirm_supervisor(hub: Hub, store_id: UUID, badge: str, pin: str) -> Picker:
    """The supervisor of this store who lends badge and PIN on somebody else's handheld.

    Refused with PIN_WRONG, ROLE_REQUIRED or TOO_MANY_REQUESTS. It has a transaction of its own, so
    that a wrong PIN stays counted; call it before the write's, which must not wait for argon2.
    """
    async with hub.door.enter(), hub.pools.picking.acquire() as conn, conn.transaction():
        known = await people.by_badge(conn, badge_of(badge))
        refusal = _locked(known) or await _wrong(conn, known, None, pin)
        if known is not None and refusal is None:
            await people.forgive(conn, known.picker.id)
            if (known.picker.role, known.picker.store_id) == (Role.SUPERVISOR, store_id):
                return known.picker
            refusal = Refused(Code.ROLE_REQUIRED, role=Role.SUPERVISOR)
    assert refusal is not None  # whoever is known and right has returned
    raise refusal


async def _must_be_here(conn: Conn, badge: str, known: Badge | None) -> None:
    """Whose store lives in another cell, or is on its way there, is told so."""
    if known is None:
        url = await away.where_to(conn, badge_of(badge).encode())
        if url is not None:
            raise Refused(Code.STORE_MOVED, url=url)
    elif await away.state(conn, known.picker.store_id) is not None:
        raise Refused(Code.STORE_MOVING, seconds=MOVING_SECONDS)


async def _device(conn: Conn, code: str) -> Device | None:
    return await people.device_by_code(conn, device_hash(code)) if code else None


async def _turned_away(conn: Conn, device: Device | None, known: Badge | None) -> Refused | None:
    """Before any PIN is judged. Whether a badge exists is told to registered handhelds only."""
    if device is not None and device.locked and not device.revoked:
        return Refused(Code.TOO_MANY_REQUESTS, seconds=LOCK_SECONDS)
    if device is not None and device.revoked:
        return Refused(Code.DEVICE_UNKNOWN)
    if known is None:
        closed = device is None and await people.any_needs_device(conn)
        return Refused(Code.DEVICE_UNKNOWN) if closed else None
    if known.needs_device and (device is None or device.store_id != known.picker.store_id):
        return Refused(Code.DEVICE_UNKNOWN)
    return _locked(known)


def _locked(known: Badge | None) -> Refused | None:
    if known is None or not known.locked:
        return None
    return Refused(Code.TOO_MANY_REQUESTS, seconds=LOCK_SECONDS)


async def _wrong(
    conn: Conn, known: Badge | None, device: Device | None, pin: str
) -> Refused | None:
    right = await asyncio.to_thread(matches, known.pin_hash if known else nobody(), pin)
    if known is not None and right:
        return None
    if known is not None:
        await people.count_failure(conn, known.picker.id, MOST_FAILURES, LOCK_SECONDS)
    if device is not None:
        await people.count_device_failure(conn, device.id, MOST_DEVICE_FAILURES, LOCK_SECONDS)
    return Refused(Code.PIN_WRONG)


async def _open(conn: Conn, picker: Picker, device: Device | None, asked: SignIn) -> Session:
    token = secrets.token_urlsafe(32)
    # A registered handheld's secret is not kept, only which one it was.
    handset = Handset(
        device.id if device else None, "" if device else asked.device, asked.client_version
    )
    expires_at = await people.open_session(
        conn, _digest(token), picker.id, handset, SESSION_SECONDS
    )
    return Session(token, expires_at, picker)


async def who(hub: Hub, token: str, client_version: str = "") -> Picker:
    """The picker behind a token; Refused when the session is over."""
    async with hub.pools.picking.acquire() as conn:
        signed = await people.by_session(conn, _digest(token), client_version)
        if signed is not None and signed.away:
            raise Refused(Code.STORE_MOVING, seconds=MOVING_SECONDS)
        if signed is not None and signed.device is not None and signed.news:
            await people.device_seen(conn, signed.device, client_version)
        url = await away.where_to(conn, _digest(token)) if signed is None else None
    if url is not None:
        raise Refused(Code.STORE_MOVED, url=url)
    if signed is None:
        raise Refused(Code.SESSION_EXPIRED)
    return signed.picker


async def sign_out(hub: Hub, token: str) -> None:
    """End a session; claims stay, so that a change of handheld loses nothing."""
    async with hub.pools.picking.acquire() as conn:
        await people.end_session(conn, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
