"""The smoke order of a deploy: it goes through a hub that works, says what is wrong with one that
does not, and leaves nothing behind that anybody would hear of."""

import asyncio
import re
from contextlib import asynccontextmanager

import httpx
import pytest

from app.actions.drain import drain
from app.actions.process import process
from app.actions.smoke import Run
from app.actions.smoke_shop import ACCOUNT, LONGEST, MERCHANT
from app.actions.smoke_way import SmokeFailed, Way
from app.db import account_desk, smoke
from app.db.conn import pool as open_pool
from app.db.queue import Queue
from app.domain.running import Running
from app.marketplaces.standard import Standard
from app.marketplaces.tools import Tools
from tests.conftest import SEAL, UNHURRIED, api_of, quick

RELEASE = "20260102-abcdef"
#: Seconds until a test that waits for something gives up.
PATIENCE = 120.0
STEPS = ["ready", "shop", "earlier runs", "placed", "accepted", "picked", "called off", "cancelled",
         "put back"]  # fmt: skip


class World:
    """A hub of a release, its gateway, and somebody who asks it."""

    def __init__(self, hub, api, dsn):
        self.hub, self.api, self.dsn = hub, api, dsn
        self.steps = []

    async def smoke(self, seconds=PATIENCE, release=None, http=None):
        async with (
            open_pool(self.dsn, 1, name="smoke", **UNHURRIED) as pool,
            pool.acquire() as conn,
        ):
            way = Way(http or self.api, release)
            run = Run(way, conn, self.steps.append)
            await run.go(SEAL, self.hub.marketplaces, seconds)
        return run.ref

    async def sql(self, query, *values):
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetch(query, *values)

    @asynccontextmanager
    async def working(self):
        """Somebody processes what comes in."""

        async def work():
            while True:
                await drain(self.hub, Queue.INBOX, process, asyncio.Event())
                await asyncio.sleep(0.02)

        task = asyncio.create_task(work())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.fixture
async def world(hub, dsn):
    markets = {**hub.marketplaces, "standard": Standard(Tools(httpx.AsyncClient()))}
    running = Running(release=RELEASE)
    whole = quick(hub, marketplaces=markets, running=running, worker="app-1:web-1:7")
    async with api_of(whole) as api:
        yield World(whole, api, dsn)


async def test_it_goes_through_a_hub_that_works_and_nobody_is_told(world):
    async with world.working():
        ref = await world.smoke(release=RELEASE)
    assert [step.name for step in world.steps] == STEPS
    assert world.steps[0].said == f"1 workers of release {RELEASE}"
    (order,) = await world.sql("SELECT * FROM orders WHERE external_id = $1", ref)
    assert (order["state"], order["putback"], order["sale_due"]) == ("cancelled", "done", False)
    for table in ("outbox", "telegram_outbox", "event_outbox", "document", "erp_outbox"):
        assert await world.sql(f"SELECT 1 FROM {table}") == [], table
    assert await world.sql("SELECT 1 FROM picker JOIN store ON store.id = store_id"
                           " WHERE store.code = 'SMOKE' AND active") == []  # fmt: skip


async def test_two_at_once_and_one_after_the_other_go_through_with_as_few_people_as_needed(world):
    async with world.working():
        await asyncio.gather(world.smoke(), world.smoke())
        await world.smoke()
    people = await world.sql("SELECT badge FROM picker WHERE badge LIKE 'smoke-%'")
    assert 1 <= len(people) <= 2
    assert len(await world.sql("SELECT 1 FROM account WHERE code = $1", ACCOUNT)) == 1


async def test_where_no_worker_processes_anything_that_is_what_it_says(world):
    seconds = 1.5
    while len(world.steps) < 4:  # a machine that is busy does not come so far in this time
        world.steps.clear()
        seconds *= 2
        assert seconds < PATIENCE
        with pytest.raises(SmokeFailed) as failed:
            await world.smoke(seconds=seconds)
    assert str(failed.value) == f"accepted: no worker processed it within {seconds:g} s"
    assert [step.name for step in world.steps] == STEPS[:4]


async def test_a_worker_of_another_release_is_named(world):
    said = f"ready: worker app-1:web-1:7 is of release {RELEASE}, not of 20260303-new"
    with pytest.raises(SmokeFailed, match=f"^{re.escape(said)}$"):
        await world.smoke(release="20260303-new")


async def test_a_gateway_that_does_not_answer_is_what_it_says(world):
    def away(request):
        raise httpx.ConnectError("nobody is there")

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(away), base_url="https://gateway"
    ) as http:
        with pytest.raises(SmokeFailed, match=r"^ready: the gateway does not answer: nobody is"):
            await world.smoke(http=http)


async def test_an_account_that_somebody_paused_is_what_it_says(world):
    async with world.working():
        await world.smoke()
    await world.sql("UPDATE account SET active = false WHERE code = $1", ACCOUNT)
    with pytest.raises(SmokeFailed, match=r"^shop: account orderhub-smoke is paused"):
        await world.smoke()


async def test_what_a_killed_run_left_is_ended_by_the_next_one(world):
    async with world.working():
        await world.smoke()
        with pytest.raises(SmokeFailed, match=r"^picked: "):
            await world.smoke(http=Dying(world.api))
        async with world.hub.pools.drains.acquire() as conn:
            await conn.execute("UPDATE orders SET received_at = now() - interval '1 hour'")
            await conn.execute("UPDATE picker SET active = true WHERE badge LIKE 'smoke-%'")
            await conn.execute("UPDATE staff_change SET at = now() - interval '1 hour'")
            account, store = await smoke.shop(conn, ACCOUNT)
            assert len(await smoke.leftovers(conn, account, LONGEST)) == 1
            assert len(await smoke.forgotten(conn, store, LONGEST)) == 1
        await world.smoke()
        async with asyncio.timeout(PATIENCE):
            while await world.sql(  # noqa: ASYNC110 - of another task's making
                "SELECT 1 FROM orders WHERE state <> 'cancelled'"
            ):
                await asyncio.sleep(0.02)
    assert await world.sql("SELECT 1 FROM picker WHERE badge LIKE 'smoke-%' AND active") == []


class Dying:
    """The gateway as a run sees it that is killed while it picks: from then on nothing is done."""

    def __init__(self, api):
        self.api, self.dead = api, False

    async def get(self, path, **said):
        return await self.api.get(path, **said)

    async def post(self, path, **said):
        self.dead = self.dead or path.endswith("/complete")
        if self.dead:
            raise httpx.ConnectError("dead")
        return await self.api.post(path, **said)


async def test_the_only_merchant_there_is_stays_the_only_one(world):
    async with world.hub.pools.drains.acquire() as conn:
        before = await account_desk.merchant(conn, None)
    async with world.working():
        await world.smoke()
    async with world.hub.pools.drains.acquire() as conn:
        assert await account_desk.merchant(conn, None) == before is not None
        assert await account_desk.merchant(conn, MERCHANT) not in (None, before)
