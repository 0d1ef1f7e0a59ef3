"""A primary is lost in three ways: the hub's pools find the other server by themselves, what was
acknowledged is there, and /readyz tells the truth all the while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import pytest_asyncio

from app.db.accounts import AccountBook
from app.db.conn import AWAY, Pool
from app.db.conn import pool as open_pool
from app.hub import REQUEST_PATIENCE, Pools
from tests.conftest import SEAL, TOKEN, api_of, hub_on, quick
from tests.factories import placed
from tests.failover.pair import Server, furnish, ground, pair, url

#: Seconds for the whole of one loss, on a machine that does much else; without that it is five.
GENEROUS = 300.0


async def stopped(primary: Server) -> None:
    primary.kill()


async def read_only(primary: Server) -> None:
    await primary.refuse_writes()


async def frozen(primary: Server) -> None:
    primary.freeze()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def furnished():
    with ground() as home:
        await furnish(home / "furnished")
        yield home


class Market:
    """Sends one new order after the other, and remembers which of them were acknowledged."""

    def __init__(self, api):
        self.api, self.sent, self.acknowledged = api, 0, []

    async def send(self, times: int) -> None:
        for _ in range(times):
            self.sent += 1
            order = f"F{self.sent}"
            answer = await self.api.post("/hooks/sm-demo", content=placed(order), headers=TOKEN)
            assert answer.status_code in (200, 503)
            if answer.status_code == 200:
                self.acknowledged.append(order)

    async def send_until_acknowledged(self, times: int) -> None:
        enough = len(self.acknowledged) + times
        while len(self.acknowledged) < enough:
            await self.send(1)


async def until_ready(api, status: int) -> None:
    while (await api.get("/readyz")).status_code != status:  # noqa: ASYNC110 - a prober
        await asyncio.sleep(0.1)


async def port_behind(pool: Pool) -> int:
    """Which server a pool leads to, once it leads to one."""
    while True:
        try:
            async with pool.acquire() as conn:
                return await conn.fetchval("SELECT inet_server_port()")
        except AWAY:  # it comes again, as whoever was told 503
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("lose", [stopped, read_only, frozen])
async def test_the_hub_goes_on_with_the_other_server_and_has_lost_nothing(
    furnished, lose: Callable[[Server], Awaitable[None]]
):
    async with (
        pair(furnished / "furnished", furnished / lose.__name__) as (primary, standby),
        open_pool(url(standby, primary), 3, name="hooks") as hooks,
        open_pool(url(primary, standby), 6, name="drains") as drains,
    ):
        pools = Pools(hooks, drains, drains)
        hub = quick(
            hub_on(hooks), pools=pools, accounts=AccountBook(hooks, SEAL),
            patience=REQUEST_PATIENCE,
        )  # fmt: skip
        async with api_of(hub) as api, asyncio.timeout(GENEROUS):
            market = Market(api)
            await market.send_until_acknowledged(20)
            await until_ready(api, 200)
            await lose(primary)
            await market.send(3)
            await until_ready(api, 503)
            await standby.ask("SELECT pg_promote()")
            await until_ready(api, 200)
            await market.send_until_acknowledged(20)
            for pool in (hooks, drains):
                assert await port_behind(pool) == standby.port
        kept = await standby.ask("SELECT array_agg(split_part(fifo_key, ':', 2)) FROM inbox")
        assert set(market.acknowledged) <= set(kept)
