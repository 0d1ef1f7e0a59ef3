"""Pickers come and go: badge and PIN for a session, and no hint which of them was wrong."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.db import people
from app.db.conn import Conn
from app.db.people import Badge, Picker
from app.domain.refusals import Code, Refused
from app.hub import Hub

#: A shift and its overtime.
SESSION_SECONDS: Final = 14 * 3600.0
#: So many wrong PINs in a row lock a badge for so many seconds, and longer each time.
MOST_FAILURES: Final = 5
LOCK_SECONDS: Final = 60.0
#: Small enough for a shop's morning rush, large enough that guessing does not pay.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A new session; the token leaves the hub this once."""

    token: str
    expires_at: datetime
    picker: Picker


@cache
def _nobody() -> str:
    """Checked when the badge is unknown, so that an unknown badge takes as long as a wrong PIN."""
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


async def sign_in(hub: Hub, badge: str, pin: str, device_id: str) -> Session:
    """Open a session; Refused when badge or PIN is wrong, or the badge is locked.

    The badge's row stays locked meanwhile: a thousand guesses at once are still counted one by one.
    """
    async with hub.pools.picking.acquire() as conn, conn.transaction():
        known = await people.by_badge(conn, badge)
        refusal = await _check(conn, known, pin)
        session = None
        if known is not None and refusal is None:
            session = await _open(conn, known.picker, device_id)
    if session is None:
        assert refusal is not None  # one of the two is there
        raise refusal  # after the commit: the failure stays counted
    return session


async def _check(conn: Conn, known: Badge | None, pin: str) -> Refused | None:
    if known is not None and known.locked:
        return Refused(Code.TOO_MANY_REQUESTS, seconds=LOCK_SECONDS)
    right = await asyncio.to_thread(matches, known.pin_hash if known else _nobody(), pin)
    if known is not None and right:
        return None
    if known is not None:
        await people.count_failure(conn, known.picker.id, MOST_FAILURES, LOCK_SECONDS)
    return Refused(Code.PIN_WRONG)


async def _open(conn: Conn, picker: Picker, device_id: str) -> Session:
    token = secrets.token_urlsafe(32)
    expires_at = await people.open_session(
        conn, _digest(token), picker.id, device_id, SESSION_SECONDS
    )
    return Session(token, expires_at, picker)


async def who(hub: Hub, token: str) -> Picker:
    """The picker behind a token; Refused when the session is over."""
    async with hub.pools.picking.acquire() as conn:
        picker = await people.by_session(conn, _digest(token))
    if picker is None:
        raise Refused(Code.SESSION_EXPIRED)
    return picker


async def sign_out(hub: Hub, token: str) -> None:
    """End a session; claims stay, so that a change of handheld loses nothing."""
    async with hub.pools.picking.acquire() as conn:
        await people.end_session(conn, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
