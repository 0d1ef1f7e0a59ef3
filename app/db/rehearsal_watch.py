"""A chain's days as monitoring sees them, written set by set: what app/bench/monitoring.py measures
with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("rehearsal_watch")
#: Finished orders come so densely, so that what is recent is alike however many there are:
#: ten millions are two years.
STEP: Final = 730 * 86400 / 10_000_000
#: Tables that grow with finished orders; their indexes are made when all rows are there.
_GROWING: Final = ("orders", "pick_job", "order_hour", "store_hour")
#: One bulk insert knows that what it writes is consistent, and tells no handheld of it.
_HASTE: Final = """
SET session_replication_role = replica; SET synchronous_commit = off;
SET maintenance_work_mem = '768MB'; SET max_parallel_maintenance_workers = 1;
SET statement_timeout = 0"""
_WEEKS: Final = 8
#: Messages to marketplaces that are there however many orders are finished: rules read those that
#: wait, which have indexes of their own. (Nor do they read old orders' lines, scans and timelines.)
NOTICES: Final = 100_000
#: What is done before, a query and its values.
_Step: TypeAlias = tuple[str, str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Chain:
    """Where and when: the moment around which everything happens; one account for a store."""

    now: datetime
    stores: Sequence[UUID]
    accounts: Sequence[UUID]
    pickers: Sequence[UUID]


async def hurry(dsn: str, *, on: bool) -> None:
    """From its next start on, a server writes no journal of tables that were just emptied, or does
    so again."""
    conn = await asyncpg.connect(dsn)
    for setting, value in (("wal_level", "minimal"), ("max_wal_senders", "0")):
        end = f"SET {setting} = '{value}'" if on else f"RESET {setting}"
        await conn.execute(f"ALTER SYSTEM {end}")
    await conn.close()


async def furnish(dsn: str, chain: Chain, active: int, finished: int, lines: int) -> None:
    """Fill an empty database: the finished orders first, then the day."""
    conn = await _connect(dsn)
    indexes = [row for table in _GROWING for row in await conn.fetch(_SQL["indexes"], table)]
    for row in indexes:
        await conn.execute(row["drop"])
    await _in_two(dsn, _finished(chain, finished))
    await _in_two(dsn, [("SELECT", row["make"], ()) for row in indexes])
    for name, values in _day(chain, active, lines):
        await conn.execute(_SQL[name], chain.now, *values)
    await conn.execute("VACUUM (ANALYZE, PARALLEL 1)")
    await conn.execute("CHECKPOINT")
    await conn.close()


async def _connect(dsn: str) -> Conn:
    conn = await asyncpg.connect(dsn, command_timeout=None)
    await conn.execute(_HASTE)
    await conn.execute(_SQL["finished_id"])
    return conn


async def _in_two(dsn: str, work: Sequence[_Step]) -> None:
    """Steps in two connections at once, each whenever it has ended its last."""
    left = list(reversed(work))

    async def go_on() -> None:
        conn = await _connect(dsn)
        while left:
            before, sql, values = left.pop()
            async with conn.transaction():
                await conn.execute(before)
                await conn.execute(sql, *values)
        await conn.close()

    await asyncio.gather(go_on(), go_on())


def _finished(chain: Chain, count: int) -> list[_Step]:
    """A table that is emptied first needs no journal."""
    now, stores, accounts, pickers = chain.now, chain.stores, chain.accounts, chain.pickers
    return [
        ("TRUNCATE orders CASCADE", _SQL["finished_orders"], (now, stores, accounts, count, STEP)),
        ("TRUNCATE order_hour", _SQL["finished_facts"], (now, stores, accounts, count, STEP)),
        ("TRUNCATE store_hour", _SQL["finished_hours"], (now, stores, accounts, count, STEP)),
        ("TRUNCATE pick_job", _SQL["finished_jobs"], (now, stores, pickers, count, STEP)),
        ("SELECT", _SQL["finished_notices"], (now, accounts, min(count, NOTICES), STEP)),
    ]


def _day(chain: Chain, active: int, lines: int) -> list[tuple[str, tuple[Any, ...]]]:
    stores, accounts, pickers = chain.stores, chain.accounts, chain.pickers
    return [
        ("open_orders", (stores, accounts, active)),
        ("open_lines", (lines,)),
        ("open_jobs", (pickers,)),
        ("open_scans", (pickers,)),
        ("open_timeline", ()),
        ("lines_of_a_day", (lines,)),
        ("attempts", (accounts, STEP)),
        ("arrivals", (accounts, _WEEKS)),
        ("paces", (stores,)),
        ("alive", ()),
    ]


async def flood(conn: Conn, now: datetime, count: int) -> None:
    """So many orders have not been taken for too long, all at once."""
    await conn.execute(_SQL["flood"], now, count)


async def found(conn: Conn) -> Record:
    """How many incidents are on (`incidents`), how many messages are queued (`messages`)."""
    (row,) = await conn.fetch(_SQL["found"])
    return row
