"""Other marketplaces in the sandbox: their accounts, their workbench, orders that play."""

import random
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from app.marketplaces.registry import REGISTRY
from app.marketplaces.tools import Tools
from app.sandbox import credentials as store
from app.sandbox import demo, markets
from app.sandbox.market_bench import Bench
from app.sandbox.server import create_app
from app.sandbox.world import World
from tests.marketplaces.party import an_account
from tests.sandbox.conftest import QUICK, FakeHub, counting_hex, until


@pytest.fixture
def known():
    made = store.make("http://hub.test", "", 8090, counting_hex())
    return markets.introduce(made, markets.chosen("all"), 8090)


@pytest.fixture
async def bench(known):
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    world = World(lambda: datetime.now(UTC), random.Random(3), counting_hex(), transport)
    (market,) = [it for it in known["markets"] if it["name"] == "demo"]
    async with Bench(market, world).running() as running:
        yield running


async def client(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox.test")


def test_every_marketplace_with_a_stand_in_can_play_along():
    assert "demo" in markets.chosen("all")
    assert markets.chosen("none") == ()
    assert markets.chosen(" demo ,") == ("demo",)


def test_a_marketplace_without_a_stand_in_is_named():
    with pytest.raises(ValueError, match="no stand-in for nowhere"):
        markets.chosen("demo,nowhere")


def test_each_has_an_account_of_the_demo_merchant_with_secrets_that_stay(known):
    again = markets.introduce(known, markets.chosen("all"), 9000)
    for before, after in zip(known["markets"], again["markets"], strict=True):
        assert before["secrets"] == after["secrets"]
        assert (before["url"], before["hook_url"]) != (after["url"], after["hook_url"])
    described = {account["code"]: account for account in demo.description(known)["accounts"]}
    assert described["demo-demo"]["adapter"] == "demo"
    assert described["demo-demo"]["stores"]["101"] == "MSK-07"
    secrets = [s for market in known["markets"] for s in market["secrets"].values()]
    assert len(set(secrets)) == len(secrets)


def test_each_account_of_the_demo_merchant_is_one_that_its_adapter_takes(known):
    for market in known["markets"]:
        secrets = {kind: (secret,) for kind, secret in market["secrets"].items()}
        account = replace(an_account(market["name"], secrets), settings=market["settings"])
        REGISTRY[market["name"]](Tools(httpx.AsyncClient())).check(account)


async def test_the_server_serves_them_beside_the_others(known):
    app = create_app(known, QUICK, httpx.ASGITransport(FakeHub().app()))
    async with app.router.lifespan_context(app), await client(app) as http:
        page = await http.get("/", headers={"Accept-Language": "ru"})
        assert "Другие маркетплейсы" in page.text
        assert (await http.get("/demo/_state")).json()["orders"] == 0
        assert (await http.get("/demo/me")).status_code == 401


async def test_a_marketplace_that_asks_goes_on_asking_whatever_came_of_it(known):
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"<html>"))
    world = World(lambda: datetime.now(UTC), random.Random(3), counting_hex(), transport)
    (market,) = [it for it in known["markets"] if it["name"] == "yandex_eats"]
    async with Bench(market, world).running() as running:
        await running.stall.place(running.basket())
        running.stall.told.clear()
        await until(lambda: len(running.stall.told) > 1)

        async def breaks():
            raise ValueError("half an answer")

        look, running.stall.look = running.stall.look, breaks
        await until(lambda: any("half an answer" in why for why in running.stall.refused))
        running.stall.look = look
        running.stall.told.clear()
        await until(lambda: running.stall.told)


async def test_an_order_is_placed_by_hand_and_moved_on(bench):
    async with await client(bench.app()) as http:
        ref = (await http.post("/_orders")).json()["order"]
        moved = await http.post(f"/_orders/{ref}/cancelled")
        assert moved.json()["state"] == "cancelled"
        assert (await http.post(f"/_orders/{ref}/exploded")).status_code == 404
        assert (await http.post("/_orders/none/paid")).status_code == 404
        shown = (await http.get("/_state")).json()
    assert [entry["ref"] for entry in shown["newest"]] == [ref]


async def test_orders_come_by_themselves_when_somebody_asks_for_them(bench):
    async with await client(bench.app()) as http:
        said = await http.post("/_control", json={"rate": 600, "drop": 1.0})
        assert said.json()["rate"] == 600
        wrong = await http.post("/_control", json={"drop": 2})
        assert wrong.status_code == 400
    await until(lambda: len(bench.stall.book) > 2)
    assert {told.status for told in bench.stall.told} == {None}  # all of it was dropped
