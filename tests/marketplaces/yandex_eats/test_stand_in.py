"""Yandex Eats and the hub over HTTP: polled at any moment, logged out, called off by both sides."""

import json

import pytest

from app.domain.order import OrderState as S
from app.sandbox.stall import Basket
from tests.factories import settle
from tests.marketplaces.meeting import meeting
from tests.marketplaces.party import BREAD
from tests.marketplaces.yandex_eats.party import PARTY


@pytest.fixture
async def met(pool, hub):
    async with meeting(pool, PARTY) as found:
        yield found


async def test_an_order_that_waits_in_the_inbox_is_new_and_its_composition_comes_later(met):
    ref = await met.stall.place(Basket((BREAD,)))
    entry = met.stall.book[ref]
    asked = [await met.stall.call("GET", f"/order/{ref}{more}", b"", met.stall._shown())
             for more in ("/status", "", "x/status")]  # fmt: skip
    assert [told.status for told in asked] == [200, 503, 404]
    assert json.loads(asked[0].answer) == {"status": "NEW"}
    await met.stall.look()
    assert entry.state == "placed"
    await met.settle()
    assert entry.state == "accepted"
    status = await met.stall.call("GET", f"/order/{ref}/status", b"", met.stall._shown())
    assert json.loads(status.answer)["updatedAt"][19] == "."
    assert met.stall.refused == []


async def test_every_step_of_picking_is_seen_by_who_asks_and_never_goes_back(met):
    ref = await met.place()
    await met.stall.look()
    handheld = await met.begin()
    await met.settle()
    await met.pick(handheld)
    await handheld.do("complete")
    await met.settle()
    await handheld.do("reopen")
    await met.settle()
    await met.finish(handheld)
    await met.happen(ref, "taken", "delivered")
    await met.settle()
    entry = met.stall.book[ref]
    assert entry.told == ["ACCEPTED_BY_RESTAURANT", "COOKING", "READY"]
    assert (entry.state, entry.bags, met.stall.refused) == ("delivered", 2, [])
    assert (await met.order(ref)).state is S.DELIVERED


async def test_an_order_that_the_shop_delivers_is_one_on_any_account(met):
    met.stall.delivery = "marketplace"
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    await met.settle()
    assert (met.stall.book[ref].state, met.stall.refused) == ("ready", [])


async def test_a_client_whose_token_is_not_taken_logs_in_and_goes_on(met):
    ref = await met.place()
    met.stall._token = "1.bad"
    refused = await met.stall.call("GET", f"/order/{ref}", b"", met.stall._shown())
    assert refused.status == 401
    assert json.loads(refused.answer) == {"reason": "no valid token"}
    await met.happen(ref, "cancelled")
    assert (await met.order(ref)).state is S.CANCELLED


async def test_what_the_shop_calls_off_is_called_off_by_yandex_too_and_nothing_comes_of_it(met):
    ref = await met.place(BREAD)
    handheld = await met.begin()
    await met.pick(handheld, drop=BREAD.sku)
    await handheld.do("complete")
    await met.settle()
    puts = [told for told in met.stall.told if told.body[:11] == b'{"status": ']
    assert [told.status for told in puts] == [204]
    order = await met.order(ref)
    assert (order.state, order.cancelled_by) == (S.CANCELLED, "shop")
    assert (await met.trouble())[:-1] == []


async def test_an_order_that_nobody_answered_is_placed_again_and_is_one_order(met):
    met.stall.faults.drop = 1.0
    ref = await met.stall.place(Basket((BREAD,)))
    met.stall.faults.drop = 0.0
    await met.stall.look()
    await met.stall.announce(met.stall.book[ref], "placed")
    await settle(met.hub)
    assert (await met.order(ref)).state is S.ACCEPTED


async def test_two_kilograms_by_the_piece_are_weighed_because_the_catalogue_says_so(met):
    await met.place()
    handheld = await met.begin()
    bananas = next(line for line in handheld.order["lines"] if line["sku"] == "200101")
    assert (bananas["unit"], bananas["requested"]["grams"]) == ("weight", 1000)


async def test_nothing_but_what_the_routes_say_gets_through(met):
    base = "http://hub/hooks/market"
    for method, path, status in [
        ("GET", "", 405), ("OPTIONS", "/order/1", 405), ("GET", "/order/1", 401),
        ("DELETE", "/order/1", 401), ("POST", "", 401),
    ]:  # fmt: skip
        answer = await met.stall._client.request(method, base + path)
        assert answer.status_code == status, (method, path)
