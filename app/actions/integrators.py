"""A retailer's own systems that are told of orders: put in place, tried, given other secrets."""

from __future__ import annotations

import secrets as random
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog
from msgspec import Meta

from app import signing
from app.db import destinations, events, integrators
from app.db.conn import Conn
from app.db.sealing import Seal
from app.domain.integrator import CHOSEN, EventType, Integrator
from app.domain.refusals import Code, Refused
from app.errors import SettingsInvalid, Undelivered
from app.identifiers import new_id
from app.integrators.post import Post, Poster
from app.integrators.reach import check_url
from app.render.order_event import TestData, envelope

log = structlog.get_logger()
#: Secrets that are live at once, the newest and those it replaces.
LIVE: Final = 3
CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$(?!\n)"
_NAME: Final = r"^[^\x00-\x1f\x7f]*$(?!\n)"
Line = Annotated[str, Meta(max_length=200, pattern=_NAME)]


class Subscription(msgspec.Struct, forbid_unknown_fields=True):
    """A system that is told of orders, at `url` (https, or http in a private network). `events` and
    `stores` (codes): empty for all; `parallel`: so many events of different orders at once;
    `pause_after_hours`: nothing but failures for so long pauses it. `secrets`: its own ones
    (whsec_…), the newest first; left out, those it has stay, and a new one gets one made.
    `merchant`: whose it is, by name, where there are several."""

    code: Annotated[str, Meta(pattern=CODE)]
    url: Annotated[str, Meta(max_length=1000)]
    name: Annotated[str, Meta(max_length=100, pattern=_NAME)] = ""
    events: Annotated[list[str], Meta(max_length=50)] = []
    stores: Annotated[list[Line], Meta(max_length=1000)] = []
    parallel: Annotated[int, Meta(ge=1, le=16)] = 4
    pause_after_hours: Annotated[int, Meta(ge=1, le=720)] = 120
    secrets: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=LIVE)] = []
    merchant: Line | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """How a trial went: whether it was taken, and what was said."""

    taken: bool
    said: str
    status: int | None = None


async def put(conn: Conn, seal: Seal, what: Subscription, who: str) -> str | None:
    """Write a subscription; the secret that was made for it, None when it has one. SettingsInvalid
    with the first mistake."""
    _check(what)
    merchant_id = await destinations.merchant(conn, what.merchant)
    if merchant_id is None:
        raise SettingsInvalid("say whose it is: merchant")
    stores = await integrators.stores(conn, merchant_id, what.stores)
    if strange := sorted(set(what.stores) - stores.keys()):
        raise SettingsInvalid(f"no store of the merchant's is called {strange[0]!r}")
    known = await integrators.by_code(conn, what.code)
    made = None if what.secrets or known else new_secret()
    found = Integrator(
        id=new_id(),
        merchant_id=merchant_id,
        code=what.code,
        url=what.url,
        name=what.name,
        events=frozenset(map(EventType, what.events)),
        stores=frozenset(stores.values()),
        parallel=what.parallel,
        pause_after=timedelta(hours=what.pause_after_hours),
    )
    given = what.secrets or ([made] if made else [])
    sealed = integrators.closed(seal, given) if given else None
    if not await integrators.save(conn, found, sealed):
        raise SettingsInvalid(f"subscription {what.code}: the code is another merchant's")
    there = urlsplit(what.url).netloc  # the rest of it may be a secret
    log.info("integrator put", integrator=what.code, who=who, at=there, changed=known is not None)
    return made


def new_secret() -> str:
    """A secret that nobody had before."""
    return signing.secret_of(random.token_bytes(32))


async def pause(conn: Conn, code: str, who: str) -> None:
    """It gathers what happens and is told nothing. Refused when there is no such one."""
    await _done(integrators.pause(conn, code), "integrator paused by hand", code, who)


async def resume(conn: Conn, code: str, who: str) -> None:
    """It is told what has gathered, and what will come. Refused when there is no such one."""
    await _done(integrators.resume(conn, code), "integrator resumed", code, who)


async def remove(conn: Conn, code: str, who: str) -> None:
    """It is told nothing more. Refused when there is no such one."""
    await _done(integrators.remove(conn, code), "integrator removed", code, who)


async def rotate(
    conn: Conn, seal: Seal, code: str, who: str, *, finish: bool = False
) -> str | None:
    """Give it a new secret beside those it has, the oldest of too many goes; or, to `finish`, leave
    it the newest alone. The new secret. Refused when there is no such one."""
    shut = await _known(conn, code)
    had = integrators.opened(seal, shut).secrets
    made = None if finish else new_secret()
    left = (made, *had[: LIVE - 1]) if made else had[:1]
    if not await integrators.put_secrets(conn, code, integrators.closed(seal, left), shut.sealed):
        raise Refused(Code.OPERATION_IN_PROGRESS)  # somebody else was a moment faster
    log.info("integrator rotated", integrator=code, who=who, finished=finish)
    return made


async def opened(conn: Conn, seal: Seal, code: str) -> Integrator:
    """A subscription with its secrets; Refused when there is no such one."""
    return integrators.opened(seal, await _known(conn, code))


async def rehearse(poster: Poster, integrator: Integrator, now: datetime) -> Trial:
    """Post a `hub.test` event now, also to a paused one."""
    said = TestData(integrator.code, "It works when you can read this.")
    body = envelope(EventType.TEST, now, said)
    try:
        taken = await poster.post(Post(integrator.url, new_id(), body, integrator.secrets))
    except Undelivered as error:
        return Trial(taken=False, said=str(error), status=error.status)
    return Trial(taken=True, said=taken.said, status=taken.status)


async def resend(conn: Conn, delivery_id: UUID, who: str) -> UUID:
    """Bring one event once more, under the id it had; one that still waits is tried at once. The
    delivery that brings it. Refused when there is none, or it is being posted right now."""
    async with conn.transaction():
        found = await events.state(conn, delivery_id)
        if found is None or found["removed"]:
            raise Refused(Code.EVENT_NOT_FOUND)
        if await events.hasten(conn, delivery_id):
            return delivery_id
        new = new_id()
        if not await events.resend(conn, delivery_id, new, who, new.hex):
            raise Refused(Code.OPERATION_IN_PROGRESS)
    log.info("event resent", who=who, old=str(delivery_id), new=str(new))
    return new


async def resend_given_up(conn: Conn, code: str, limit: int, who: str) -> int:
    """Bring what was given up once more, in its order; how many. Refused when there is no such
    one."""
    await _known(conn, code)
    ids = await events.given_up(conn, code, limit)
    for id_ in ids:
        await resend(conn, id_, who)
    return len(ids)


def read(raw: bytes) -> Subscription:
    """A subscription from JSON; SettingsInvalid with the place of the first mistake."""
    try:
        return msgspec.json.decode(raw, type=Subscription)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SettingsInvalid(f"not a subscription: {error}") from None


def _check(what: Subscription) -> None:
    check_url(what.url)
    if strange := sorted(set(what.events) - set(CHOSEN)):
        raise SettingsInvalid(f"no event is called {strange[0]!r}; there are {', '.join(CHOSEN)}")
    _check_secrets(what.secrets)


def _check_secrets(given: Sequence[str]) -> None:
    for secret in given:
        try:
            signing.key(secret)
        except ValueError as error:
            raise SettingsInvalid(f"a secret is {error}") from None


async def _done(changed: Awaitable[bool], deed: str, code: str, who: str) -> None:
    if not await changed:
        raise Refused(Code.INTEGRATOR_NOT_FOUND)
    log.info(deed, integrator=code, who=who)


async def _known(conn: Conn, code: str) -> integrators.Sealed:
    shut = await integrators.by_code(conn, code)
    if shut is None:
        raise Refused(Code.INTEGRATOR_NOT_FOUND)
    return shut
