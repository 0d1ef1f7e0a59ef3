"""A database on several hosts: which one is taken, what a bad one costs, what is said of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.db.address import each_host
from app.db.conn import connect
from app.db.conn import pool as open_pool
from app.db.hosts import NoHost, one_by_one
from app.errors import SettingsInvalid
from app.settings import Settings
from tests.conftest import PATIENCE, UNHURRIED
from tests.flow.proxy import proxied
from tests.marketplaces.far import dead_port


def among(dsn, *places):
    """The URL with these places instead of its own."""
    login = urlsplit(dsn).netloc.rpartition("@")[0]
    return f"postgresql://{login}@{','.join(places)}{urlsplit(dsn).path}"


def place(url):
    return urlsplit(url).netloc.rpartition("@")[2]


def test_each_of_several_hosts_gets_its_url_and_must_be_fit_to_be_written():
    url = "postgresql://hub:p%40ss@a:5432,[::1]:6432,c/hub?sslmode=require"
    end = "/hub?sslmode=require&target_session_attrs=read-write"
    assert each_host(url) == {
        name: f"postgresql://hub:p%40ss@{name}{end}" for name in ("a:5432", "[::1]:6432", "c")
    }


def test_what_the_url_asks_of_a_host_counts():
    asked = "postgresql://a,b/hub?target_session_attrs=any"
    assert all(one.endswith("?target_session_attrs=any") for one in each_host(asked).values())


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@a/hub", "postgresql://hub@/hub?host=/run/x", "postgresql:///hub"]
)
def test_one_host_or_a_socket_stays_as_it_is(url):
    assert list(each_host(url).values()) == [url]


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:s3cret@a:5432,b:x/hub", "postgresql://u:s3cret@a,/hub", "mysql://u:s3cret@a/h",
     "postgresql://u:s3@cret@a,b/hub", "postgresql://u:s3cret@a:99999/hub", "s3cret"],
)  # fmt: skip
def test_a_url_that_is_none_is_refused_at_the_start_without_its_password(url):
    with pytest.raises(SettingsInvalid, match="HUB_DATABASE_URL must be a postgresql") as refused:
        Settings.from_env({"HUB_DATABASE_URL": url})
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize("cache", ["-1", "many", "1.5", "10001"])
def test_a_cache_of_statements_is_a_small_whole_number(cache):
    with pytest.raises(SettingsInvalid, match="HUB_DATABASE_STATEMENT_CACHE must be a whole"):
        Settings.from_env({"HUB_DATABASE_STATEMENT_CACHE": cache})


async def test_a_host_that_takes_connections_and_says_nothing_costs_only_its_own_time(dsn):
    async with proxied(dsn) as frozen, proxied(dsn) as good:
        frozen.freeze()
        tried = []

        async def open_(url):
            tried.append(place(url))
            return await asyncpg.connect(url)

        url = among(good.dsn, place(frozen.dsn), place(good.dsn))
        conn = await one_by_one(url, open_, seconds=10.0, order=list)
        assert await conn.fetchval("SELECT 1") == 1
        await conn.close()
    assert tried == [place(frozen.dsn), place(good.dsn)]


async def test_none_of_several_is_one_sentence_about_each_and_never_a_password(dsn):
    async with proxied(dsn) as frozen, proxied(dsn) as standby:
        frozen.freeze()
        login = urlsplit(standby.dsn).netloc.rpartition("@")[0]
        conn = await asyncpg.connect(dsn)
        await conn.execute(
            f"ALTER DATABASE {urlsplit(dsn).path[1:]} SET default_transaction_read_only = on"
        )
        await conn.close()
        nobody = f"127.0.0.1:{dead_port()}"
        url = among(standby.dsn, place(frozen.dsn), place(standby.dsn), nobody)
        with pytest.raises(NoHost) as told:
            await connect(url, seconds=10.0)
    said = str(told.value)
    assert f"{place(frozen.dsn)}: no answer within 10 s" in said
    assert f"{place(standby.dsn)}: in another role (read-only)" in said
    assert f"{nobody}: Connection refused" in said
    assert login.partition(":")[2] not in said


async def test_all_hosts_get_their_turn_to_be_the_first(dsn):
    first = set()

    async def open_(url):
        first.add(place(url))
        return True

    for _ in range(200):
        await one_by_one("postgresql://a,b,c/hub", open_)
    assert first == {"a", "b", "c"}


async def backend(conn):
    return await conn.fetchval("SELECT pg_backend_pid()")


async def use(pool, count):
    """Numbers of the server's processes behind so many connections at once."""
    taken = [await pool.acquire() for _ in range(count)]
    pids = [await backend(conn) for conn in taken]
    for conn in taken:
        await pool.release(conn)
    return set(pids)


@pytest.mark.parametrize("state", ["25006", "57P01", "57P02", "57P03", "08000", "08006"])
async def test_one_connection_to_a_host_that_changed_is_the_end_of_all_of_its_pool(pool, state):
    before = await use(pool, 4)
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(asyncpg.PostgresError, match="as told"):
        async with pool.acquire() as conn:
            await conn.execute(raising)
    assert not before & await use(pool, 4)


async def test_work_is_done_although_its_connection_died_and_the_others_are_forgotten(pool):
    before = await use(pool, 4)
    async with pool.acquire() as conn:
        one = await backend(conn)
        async with pool.acquire() as other:
            await other.execute("SELECT pg_terminate_backend($1)", one)
        with suppress(asyncpg.InterfaceError):  # the pool has taken it back
            while not conn.is_closed():  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(0.01)
    assert not before & await use(pool, 4)


async def test_any_other_error_leaves_the_others_alone(pool):
    pool.back = PATIENCE  # a server that is busy takes a query back later
    before = await use(pool, 4)
    for query in ("SELECT 1/0", "SELECT nothing", "SELECT pg_sleep(600)"):
        with pytest.raises((asyncpg.PostgresError, TimeoutError)):
            async with pool.acquire() as conn:
                await conn.execute(query, timeout=0.5)
    assert await use(pool, 4) == before


async def test_a_host_that_does_not_even_take_a_query_back_is_forgotten_with_all_connections(dsn):
    async with proxied(dsn) as proxy, open_pool(proxy.dsn, 4, name="test", **UNHURRIED) as pool:
        before = await use(pool, 4)
        proxy.freeze()
        with pytest.raises(TimeoutError):
            async with pool.acquire() as conn:
                await conn.execute("SELECT 1", timeout=0.2)
        proxy.mend()
        assert not before & await use(pool, 4)
