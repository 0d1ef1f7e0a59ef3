"""The one connection type that db functions take, and how a pool of them is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg import Connection, Record
from asyncpg.pool import PoolConnectionProxy

T = TypeVar("T")
Conn: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record]"
Pool: TypeAlias = "asyncpg.Pool[Record]"

#: What a lost, refused or overloaded database looks like; all of it may be tried again.
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DiskFullError,
    asyncpg.QueryCanceledError,
    asyncpg.InvalidCachedStatementError,  # prepared before a migration; the next try is not
)
#: A transaction that lost a race; the same work may simply be begun again.
CONTENDED: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

#: A value PostgreSQL or its driver cannot take. The driver's own error of this kind is also an
#: InterfaceError, so this is asked before AWAY: it never heals by waiting.
INDIGESTIBLE: Final = (asyncpg.DataError, ValueError)
#: Everything a query can end with: for those who must go on with the next one.
FAULTS: Final = (asyncpg.PostgresError, *AWAY)


async def prepare(conn: Conn) -> None:
    """Teach a new connection to read and write jsonb as Python values."""
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )


def pool(dsn: str, size: int, *, name: str, connect_timeout: float = 2.0) -> Pool:
    """A pool that opens with its first use, so that a process starts while the database is away."""
    return asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        init=prepare,
        reset=_leave,
        timeout=connect_timeout,
        command_timeout=10.0,
        server_settings={"application_name": name, "timezone": "UTC"},
    )


async def _leave(_conn: Conn) -> None:
    """Nothing to tidy up when a connection goes back: an open transaction was rolled back, and our
    settings, locks and cursors all end with theirs. One round trip less for every use."""


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of work with the database, or TimeoutError when it takes longer.

    Late work is told to stop but not waited for: taking a query back from a database that does not
    answer takes as long as the query itself.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        task.add_done_callback(_forget)
        if not task.done():
            task.cancel()
    if not done:
        raise TimeoutError
    return task.result()


def _forget(task: asyncio.Future[Any]) -> None:
    """How late work ended is of no interest; asking keeps asyncio from complaining."""
    if not task.cancelled():
        task.exception()
