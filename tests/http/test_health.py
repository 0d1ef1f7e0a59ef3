"""Health: alive without a database, ready only with one that can be written and is up to date."""

import pytest

from app.db.accounts import AccountBook
from app.db.conn import pool as open_pool
from app.domain.running import Running
from app.hub import Pools
from tests.conftest import SEAL, UNHURRIED, api_of, copy_of, quick
from tests.marketplaces.far import dead_port


@pytest.fixture
async def ready(hub):
    """Asks /readyz of a hub on another database."""

    async def ask(dsn):
        async with open_pool(dsn, 2, name="test", **UNHURRIED) as pool:
            moved = quick(hub, pools=Pools(pool, pool, pool), accounts=AccountBook(pool, SEAL),
                          running=Running(release="20260102-abc"))  # fmt: skip
            async with api_of(moved) as api:
                assert (await api.get("/livez")).json() == {"status": "ok"}
                return await api.get("/readyz")

    return ask


async def test_a_worker_is_ready_when_it_can_write(ready, hub, dsn):
    answer = await ready(dsn)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready", "worker": "test", "release": "20260102-abc", "outbound": "open"
    }  # fmt: skip
    async with hub.pools.drains.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM heartbeat WHERE worker = 'test'") == 1


async def test_a_worker_without_its_database_is_not_ready(ready):
    answer = await ready(f"postgresql://nobody@127.0.0.1:{dead_port()}/none")
    assert (answer.status_code, answer.json()["status"]) == (503, "away")


async def test_a_worker_on_an_empty_database_is_not_ready(ready):
    async with copy_of("template0") as empty:
        answer = await ready(empty)
    assert answer.status_code == 503


async def test_a_worker_whose_schema_is_behind_is_not_ready(ready, hub, dsn):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("DELETE FROM schema_migration WHERE name LIKE '0003%'")
    answer = await ready(dsn)
    assert (answer.status_code, answer.json()["status"]) == (503, "schema is behind")


async def test_a_worker_that_may_only_read_is_not_ready(ready, hub, dsn):
    async with hub.pools.drains.acquire() as conn:
        name = await conn.fetchval("SELECT current_database()")
        await conn.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    answer = await ready(dsn)
    assert (answer.status_code, answer.json()["reason"]) == (503, "ReadOnlySQLTransactionError")


async def test_a_newer_schema_does_no_harm(ready, hub, dsn):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("INSERT INTO schema_migration VALUES ('9999_pre_x.sql', 'x')")
    assert (await ready(dsn)).status_code == 200
