"""The one connection type that db functions take, and how a pool of them is opened."""

from __future__ import annotations

from typing import Final, TypeAlias

import asyncpg
import msgspec
from asyncpg import Connection, Record
from asyncpg.pool import PoolConnectionProxy

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
)
#: A transaction that lost a race; the same work may simply be begun again.
CONTENDED: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
)

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
        timeout=connect_timeout,
        command_timeout=10.0,
        server_settings={"application_name": name, "timezone": "UTC"},
    )
