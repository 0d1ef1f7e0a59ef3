"""The one connection type that db functions take, and how a pool of them is opened."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

import asyncpg
import msgspec
import structlog
from asyncpg import Connection, Record
from asyncpg.pool import PoolAcquireContext, PoolConnectionProxy

from app.db.hosts import one_by_one
from app.db.patience import PARTS
from app.errors import StorageAway

if TYPE_CHECKING:
    _Pool = asyncpg.Pool[Record]
    _Acquired = PoolAcquireContext[Record]
else:  # the library's classes take no types while they run
    _Pool, _Acquired = asyncpg.Pool, PoolAcquireContext

log = structlog.get_logger()
T = TypeVar("T")
Conn: TypeAlias = "Connection[Record] | PoolConnectionProxy[Record]"

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
#: What says that a host is no longer the one to write to: 25006, 57P01, 57P02, 57P03, 08xxx, a
#: connection that broke, or one on which the driver lost its way.
MOVED: Final = (
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
    ConnectionError,
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

#: Prepared statements that a connection keeps: more than the calendar's duties have in all. With
#: the driver's 100 each minute of monitoring threw out what the next one needed, and took twice as
#: long.
STATEMENTS: Final = 256
#: Seconds for a connection to come back to its pool: a query that was cut off must be taken back by
#: the server in this time, and a server that does not do even that is not there.
_BACK: Final = 2.0
#: Seconds for one host, where nobody waits for an answer to a request.
_LEISURE: Final = 5.0
#: Seconds for one query. Also the end of waiting for a host that vanished: the driver lets nobody
#: at its sockets, so there is no TCP_USER_TIMEOUT to set.
_SLOWEST: Final = 10.0


class Pool(_Pool):
    """A pool that forgets all its connections when one of them shows that its host has changed:
    after a failover nobody is given one to a host that is read-only, gone or frozen."""

    back: float = _BACK  #: seconds for a connection to come back

    def acquire(self, *, timeout: float | None = None) -> Acquired:
        """A connection, for `async with`."""
        return Acquired(self, timeout)


class Acquired(_Acquired):
    """The time of one connection with whoever asked for it."""

    pool: Pool

    async def __aexit__(self, *exc: object) -> None:
        """Give it back; whatever it ended with goes on to whoever asked."""
        conn, self.connection, self.done = self.connection, None, True
        assert conn is not None  # this block began with it
        why = exc[1]
        if isinstance(why, MOVED) or _is_closed(conn):
            await self._forget(why)
        elif isinstance(why, asyncpg.InterfaceError):
            # The driver stopped half way, at a value it cannot send. The server awaits the rest,
            # and a pooler would keep its connection for us alone.
            conn.terminate()
        try:
            await self.pool.release(conn, timeout=self.pool.back)
        except FAULTS as error:  # by now the connection is closed
            await self._forget(error)

    async def _forget(self, why: object) -> None:
        """The pool's others are closed too: an idle one instead of its next use, one at work after
        it."""
        log.warning("connections forgotten", why=repr(why)[:300])
        await self.pool.expire_connections()


def _is_closed(conn: PoolConnectionProxy[Record]) -> bool:
    """Whether the other end has gone meanwhile, or was given up."""
    try:
        return conn.is_closed()
    except asyncpg.InterfaceError:  # so long ago that the pool has taken it back
        return True


async def prepare(conn: Conn) -> None:
    """Teach a new connection to read and write jsonb as Python values."""
    await conn.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: msgspec.json.encode(value).decode(),
        decoder=msgspec.json.decode,
    )


async def connect(url: str, *, seconds: float | None = None, **options: Any) -> Connection[Record]:
    """A connection that is ready for our queries, to a host that can be written: the one place that
    connects.

    `url` may name several hosts; `seconds` for each of them; `options` as asyncpg's. Raises one of
    AWAY (NoHost when there are several), or the only host's asyncpg.PostgresError.
    """

    async def open_(place: str) -> Connection[Record]:
        conn: Connection[Record] = await asyncpg.connect(place, **options)
        ready = False
        try:
            await prepare(conn)
            ready = True
        finally:
            if not ready:  # nobody else knows it
                conn.terminate()
        return conn

    return await one_by_one(url, open_, seconds)


def pool(
    dsn: str,
    size: int,
    *,
    name: str,
    connect_timeout: float | None = None,
    statement_cache: int = STATEMENTS,
    slowest: float = _SLOWEST,
) -> Pool:
    """A pool that opens with its first use, so that a process starts while the database is away.

    `connect_timeout`: seconds for each host; `statement_cache`: how many prepared statements a
    connection keeps; `slowest`: seconds for one query."""
    return Pool(
        dsn,
        min_size=0,
        max_size=size,
        max_queries=50_000,
        max_inactive_connection_lifetime=300.0,
        loop=None,
        connection_class=Connection,
        record_class=Record,
        connect=cast("Any", connect),  # its `seconds` is ours, not the driver's
        reset=_leave,
        seconds=connect_timeout,
        command_timeout=slowest,
        statement_cache_size=statement_cache,
        server_settings={"application_name": name, "timezone": "UTC"},
    )


async def connect_at_leisure(url: str, statement_cache: int = STATEMENTS) -> Connection[Record]:
    """A connection for one errand, of a person or a program that can wait a little; raises
    StorageAway, which says why."""
    try:
        return await connect(url, seconds=_LEISURE, statement_cache_size=statement_cache)
    except FAULTS as error:
        raise StorageAway("The database does not answer: is it running?") from error


async def _leave(_conn: Conn) -> None:
    """Nothing to tidy up when a connection goes back: an open transaction was rolled back, and our
    settings, locks and cursors all end with theirs. One round trip less for every use."""


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of work with the database, or TimeoutError when it takes longer, not counting
    time in which this process stood still (see app/db/patience.py).

    Late work is told to stop but not waited for: taking a query back from a database that does not
    answer takes as long as the query itself.
    """
    task = asyncio.ensure_future(work)
    try:
        for _ in range(PARTS):
            await asyncio.wait({task}, timeout=seconds / PARTS)
            if task.done():
                return task.result()
        raise TimeoutError
    finally:
        task.add_done_callback(_forget)
        if not task.done():
            task.cancel()


def _forget(task: asyncio.Future[Any]) -> None:
    """How late work ended is of no interest; asking keeps asyncio from complaining."""
    if not task.cancelled():
        task.exception()
