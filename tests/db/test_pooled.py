"""What a pooler in transaction mode asks of us; each test runs straight to the server too."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from app.db import rules
from app.db.migrate import Migration, migrate
from app.errors import MigrationRefused
from tests.pooler import SHARED

ONE = Migration("9001_pre_one.sql", "pre", "CREATE TABLE one (id int)")
BAD = Migration("9002_pre_bad.sql", "pre", "CREATE TABLE two (id int); CREATE TABLE one (id int)")


async def test_single_statements_of_many_clients_never_meet_anothers_preparation(pool):
    async def ask(n):
        async with pool.acquire() as conn:
            if n % 2:
                return await conn.fetchval("SELECT $1::int + 0 * $2::int", n, n)
            return (await conn.fetchrow("SELECT $1::jsonb AS told", {"n": n}))["told"]["n"]

    assert await asyncio.gather(*(ask(n) for n in range(300))) == list(range(300))


async def test_who_cannot_send_a_value_keeps_no_connection_of_the_server(pool):
    for _ in range(SHARED + 1):
        with pytest.raises(asyncpg.DataError):
            async with pool.acquire() as conn:
                await conn.fetchval("SELECT $1::int", "no number")
    async with asyncio.timeout(120):
        assert (
            await asyncio.gather(*(pool.fetchval("SELECT $1::int", 1) for _ in range(8))) == [1] * 8
        )


async def test_proving_rules_keeps_no_connection_of_the_server(pool):
    known = rules.read_rules()
    async with pool.acquire() as one, pool.acquire() as two:
        for conn in (one, two, one, two):
            await rules.prove(conn, known[:2])
        async with asyncio.timeout(120):
            assert await asyncio.gather(*(pool.fetchval("SELECT 1") for _ in range(4))) == [1] * 4


async def test_a_setting_of_a_transaction_ends_with_it(pool):
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL lock_timeout = '7s'")
    seen = await asyncio.gather(*(pool.fetchval("SHOW lock_timeout") for _ in range(16)))
    assert set(seen) == {"0"}


async def test_migrations_at_once_apply_each_once_and_a_failing_one_leaves_nothing(
    pool, dsn, before
):
    url = before.dsn(dsn) if before else dsn
    runs = await asyncio.gather(*(migrate(url, [ONE]) for _ in range(3)))
    assert sorted(name for run in runs for name in run) == [ONE.name]
    with pytest.raises(MigrationRefused, match=r"9002_pre_bad\.sql"):
        await migrate(url, [ONE, BAD])
    async with asyncio.timeout(120):  # nobody waits for a lock that a session forgot
        assert await migrate(url, [ONE]) == []
    assert await pool.fetchval("SELECT to_regclass('two')") is None
