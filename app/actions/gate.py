"""Every call to a marketplace passes here: at its pace, and not at all while it is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from uuid import UUID

from app.contract import Account
from app.db import gates, outbox
from app.db.conn import FAULTS, Conn
from app.db.gates import Made
from app.domain.breaker import Heard
from app.domain.pace import Limit
from app.errors import (
    CredentialsRefused,
    HubError,
    Paced,
    RemoteBusy,
    RemoteUnavailable,
    Unauthorised,
    Unfinished,
)
from app.hub import Hub
from app.identifiers import new_id
from app.plugin import Marketplace

T = TypeVar("T")
#: No account calls oftener in a second, or oftener at once.
FASTEST: Final = 1000
#: Seconds a caller waits for its turn on the spot; who would wait longer comes again.
SHORTLY: Final = 1.0
#: Seconds one call may take with all its quick tries.
PATIENCE: Final = 25.0
#: Seconds until something is tried again whose key was refused.
KEY: Final = 60.0
#: Seconds a marketplace gets that asks for patience without saying how much.
BUSY: Final = 5.0


def limit_of(account: Account, marketplace: Marketplace) -> Limit:
    """How fast this account may call: as the marketplace publishes it, or its own rules say."""
    usual = marketplace.profile.limit
    rules = account.rules
    rate = min(rules.calls_per_minute / 60, FASTEST) or usual.rate
    return Limit(rate, min(rules.calls_at_once, FASTEST) or usual.burst)


async def pass_gate(
    hub: Hub,
    account: Account,
    marketplace: Marketplace,
    *,
    who: UUID | None = None,
    reserve: float = 0.0,
) -> None:
    """Return when the marketplace may be called now, or raise Paced, which uses up no attempt.

    `who`: the row it is for. `reserve`: the share of the burst that is left to others, from 0 to 1:
    what can wait leaves room for notifications. Call it with no connection in hand. Who calls then
    must say what came of it (`through` does all of it): it may be the one call that shows whether
    the marketplace is back."""
    who = who or new_id()
    async with hub.pools.drains.acquire() as conn:
        shut = await gates.enter(conn, account.id, who)
    if shut:
        raise Paced(shut)
    limit = limit_of(account, marketplace)
    async with hub.pools.drains.acquire() as conn:
        taken, seconds = await gates.book(conn, account.id, limit, reserve, SHORTLY)
        if not taken:
            await gates.leave(conn, account.id, who)
            if not reserve:
                await gates.crowded(conn, account.id, seconds)
            raise Paced(seconds)
    if seconds:
        await asyncio.sleep(seconds)


async def spare_turn(conn: Conn, account: Account, marketplace: Marketplace) -> bool:
    """Whether the marketplace may be called right now for what can as well be left out, and half
    of its burst is left to what cannot. The turn is taken; what comes of it need not be told."""
    if not await gates.is_open(conn, account.id):
        return False
    return await gates.take(conn, account.id, limit_of(account, marketplace), 0.5) == 0


async def through(  # noqa: PLR0913 - whom to call, for what and how
    hub: Hub,
    account: Account,
    marketplace: Marketplace,
    what: str,
    call: Callable[[], Awaitable[T]],
    *,
    who: UUID | None = None,
    reserve: float = 0.0,
) -> T:
    """Call a marketplace for something that is no message of the outbox, and keep how it went.

    Raises Paced, RemoteRefused, RemoteUnavailable (which a call that takes too long is, too), and
    CredentialsRefused when nothing is wrong with what was asked. `what`: "fetch", "page", "probe".
    """
    who = who or new_id()
    await pass_gate(hub, account, marketplace, who=who, reserve=reserve)
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            found = await call()
    except TimeoutError as error:
        late = RemoteUnavailable("no whole answer in time")
        await _note(hub, account, _made(what, started, who, late), late)
        raise late from error
    except HubError as error:
        failure = await _mine(hub, account, what, who, error)
        await _note(hub, account, _made(what, started, who, failure), failure)
        if failure is error:
            raise
        raise failure from error
    await _note(hub, account, _made(what, started, who, None), None)
    return found


async def hear(conn: Conn, account_id: UUID, failure: HubError | None) -> None:
    """Tell the account's gate what a call came to, in the caller's transaction. When it answers
    after a while that it did not, what waits for that is due at once."""
    if isinstance(failure, RemoteUnavailable) and not isinstance(failure, Unfinished):
        busy = BUSY if isinstance(failure, RemoteBusy) else 0.0
        asked = 0.0 if isinstance(failure, CredentialsRefused) else failure.after or busy
        await gates.failed(conn, account_id, _heard(failure), str(failure), asked)
    elif await gates.answered(conn, account_id):
        await outbox.hurry(conn, account_id)


def blame(failure: HubError) -> HubError:
    """The error when a refused key is not the fault of what was asked for."""
    if not isinstance(failure, Unauthorised):
        return failure
    return CredentialsRefused(str(failure), after=KEY)


def _heard(failure: RemoteUnavailable) -> Heard:
    if isinstance(failure, CredentialsRefused):
        return Heard.CREDENTIALS
    return Heard.BUSY if isinstance(failure, RemoteBusy) else Heard.FAILED


async def _mine(hub: Hub, account: Account, what: str, who: UUID, error: HubError) -> HubError:
    """What is refused alone, while the key opens everything else, is refused for good."""
    if not isinstance(error, Unauthorised):
        return error
    async with hub.pools.drains.acquire() as conn:
        alone = await gates.call_to_blame(conn, account.id, what, who)
    return error if alone else blame(error)


def _made(what: str, started: float, who: UUID, failure: HubError | None) -> Made:
    ms = round(1000 * (time.monotonic() - started))
    if failure is None:
        return Made(what, ms, "answered", who=who)
    return Made(what, ms, failure.reason, str(failure), who)


async def _note(hub: Hub, account: Account, made: Made, failure: HubError | None) -> None:
    """A database that is away makes no failure of what was answered, and no other one of a
    failure: what was found is found."""
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await gates.record(conn, account.id, made)
            if made.what == "page" and isinstance(failure, CredentialsRefused):
                await gates.leave(conn, account.id, made.who)  # lists may have their own key
            else:
                await hear(conn, account.id, failure)
    except FAULTS:
        if failure is not None:
            raise failure from None
