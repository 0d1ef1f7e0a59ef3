"""PostgreSQL away, slow, cut in the middle: nothing acknowledged is lost, nobody waits for long."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from app.db.accounts import AccountBook
from app.db.conn import pool as open_pool
from app.hub import Pools
from tests.conftest import SEAL, TOKEN, api_of, quick
from tests.factories import BREAD, Handheld, placed, settle
from tests.flow.proxy import proxied
from tests.marketplaces.far import dead_port

#: Seconds a sender may be kept waiting; the pause of a busy test machine comes on top.
PROMISE = 2.0
PAUSE = 1.5


async def hook(api, content, headers=TOKEN):
    return await api.post("/hooks/sm-demo", content=content, headers=headers)


@asynccontextmanager
async def on(hub, dsn):
    """The hub and its API with pools that lead to another address."""
    async with (
        open_pool(dsn, 3, name="hooks") as hooks,
        open_pool(dsn, 6, name="picking") as picking,
        open_pool(dsn, 6, name="drains") as drains,
    ):
        moved = quick(hub, pools=Pools(hooks, picking, drains), accounts=AccountBook(hooks, SEAL))
        async with api_of(moved) as api:
            yield moved, api


def check_away(answer, asked_at):
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "TEMPORARY"
    assert answer.json()["retryable"] is True
    assert time.monotonic() - asked_at < PROMISE + PAUSE


async def until_200(ask):
    while (await ask()).status_code != 200:  # noqa: ASYNC110 - a caller that comes again
        await asyncio.sleep(0.05)


async def count(hub, table):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetchval(f"SELECT count(*) FROM {table}")


async def test_with_nobody_at_the_database_every_door_says_come_again(hub):
    async with on(hub, f"postgresql://nobody@127.0.0.1:{dead_port()}/none") as (_, api):
        began = time.monotonic()
        for answer in await asyncio.gather(
            hook(api, placed("H1")),
            hook(api, b"{", {}),
            api.post("/picker/v1/sessions", json={"badge": "1001", "pin": "4711"}),
            api.get("/picker/v1/me", headers={"Authorization": "Bearer x"}),
            api.post("/picker/v1/orders/next", headers={"Authorization": "Bearer x"}),
            api.get("/metrics"),
        ):
            check_away(answer, began)
        assert (await api.get("/livez")).status_code == 200
        assert (await api.get("/readyz")).status_code == 503


@pytest.mark.parametrize("fault", ["cut", "freeze"])
async def test_a_database_that_goes_away_is_503_in_time_and_back_again_by_itself(hub, dsn, fault):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (moved, api):
        assert (await hook(api, placed("H1"))).status_code == 200
        handheld = await Handheld(api).sign_in()
        getattr(proxy, fault)()
        began = time.monotonic()
        answers = await asyncio.gather(
            *(hook(api, placed(f"H{n}")) for n in range(2, 30)),
            *(handheld.get("/picker/v1/me") for _ in range(15)),
            handheld.post("/picker/v1/orders/next"),
        )
        for answer in answers:
            check_away(answer, began)
        proxy.mend()
        async with asyncio.timeout(5):
            await until_200(lambda: hook(api, placed("H1")))
            await until_200(lambda: handheld.get("/picker/v1/me"))
        for n in range(2, 30):
            assert (await hook(api, placed(f"H{n}"))).status_code == 200
        await settle(moved)
    assert await count(hub, "orders") == 29


@pytest.mark.parametrize("fault", ["cut", "freeze"])
async def test_a_wrong_token_is_403_even_while_the_refusal_cannot_be_kept(hub, dsn, fault):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (_, api):
        assert (await hook(api, placed("H1"))).status_code == 200
        getattr(proxy, fault)()
        began = time.monotonic()
        assert (await hook(api, b"{}", {"client-token": "x"})).status_code == 403
        assert time.monotonic() - began < PROMISE + PAUSE
        proxy.mend()


async def test_an_order_whose_commit_was_answered_by_silence_is_there_once_after_the_repeat(
    hub, dsn
):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (moved, api):
        assert (await hook(api, placed("H0"))).status_code == 200
        proxy.lose_answer_to = b"fifo-marker"
        first = await hook(api, placed("H1", comment="fifo-marker"))
        assert first.status_code == 503
        assert await count(hub, "inbox") == 2
        proxy.mend()
        await asyncio.sleep(0.05)
        again = await hook(api, placed("H1", comment="fifo-marker"))
        assert (again.status_code, again.json()["number"]) == (200, "H1")
        await settle(moved)
    assert await count(hub, "inbox") == await count(hub, "orders") == 2


async def test_a_pick_whose_commit_was_answered_by_silence_is_done_once_after_the_repeat(hub, dsn):
    async with proxied(dsn) as proxy, on(hub, proxy.dsn) as (moved, api):
        await hook(api, placed("H1", BREAD))
        await settle(moved)
        handheld = await Handheld(api).sign_in()
        await handheld.next()
        await handheld.do("start")
        proxy.lose_answer_to = b"COMMIT"
        pick = {"line": BREAD["id"], "quantity": 2, "key": "the-same-key"}
        lost = await handheld.ask("pick", **pick)
        assert lost.status_code == 503
        proxy.mend()
        repeated = await handheld.ask("pick", **pick)
        assert repeated.status_code == 200, repeated.text
        assert repeated.json()["order"]["version"] == handheld.order["version"] + 1
    assert await count(hub, "timeline WHERE detail ->> 'verb' = 'pick'") == 1
