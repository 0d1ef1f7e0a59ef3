"""Whole lives of orders with every marketplace's stand-in, which keeps the platform's rules."""

from __future__ import annotations

import pytest

from app.domain.order import OrderState as S
from app.sandbox.stall import Basket
from tests.marketplaces.meeting import meeting
from tests.marketplaces.parties import PARTIES

WITH_STAND_IN = {name: party for name, party in PARTIES.items() if party.stand_in is not None}
DEAD = ("outbox", "dead")
ROAD = ("paid", "courier", "arrived", "taken", "delivered")


@pytest.fixture(params=sorted(WITH_STAND_IN))
async def met(request, pool, seeded_hub):
    async with meeting(pool, WITH_STAND_IN[request.param]) as found:
        yield found


@pytest.fixture
def seeded_hub(hub):
    """Asked for so that the database has the demo's set-up."""
    return hub


def amounts(order):
    found = {line.external_id: line for line in order.wanted()}
    return {sku: x.picked_grams or x.picked_pieces or 0 for sku, x in found.items()}


async def test_an_order_is_picked_told_taken_and_delivered(met):
    ref = await met.place()
    assert (await met.order(ref)).state is S.ACCEPTED
    handheld = await met.begin()
    found = await met.pick(handheld)
    await met.finish(handheld)
    entry = met.stall.book[ref]
    assert entry.state == "ready", await met.trouble()
    assert entry.found == found
    await met.happen(ref, *ROAD)
    order = await met.order(ref)
    assert (order.state, order.implied) == (S.DELIVERED, False)
    assert order.final_total == entry.total()
    assert met.stall.refused == []
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_what_was_not_found_is_told_and_not_paid_for(met):
    ref = await met.place()
    goods = met.party.goods
    handheld = await met.begin()
    found = await met.pick(handheld, short=goods[0].sku, drop=goods[-1].sku)
    await met.finish(handheld)
    entry = met.stall.book[ref]
    assert entry.state == "ready", await met.trouble()
    assert {sku: entry.found.get(sku, 0) for sku in found} == found
    await met.happen(ref, *ROAD)
    order = await met.order(ref)
    assert (order.state, order.final_total) == (S.DELIVERED, entry.total())
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_an_order_that_the_customer_calls_off_goes_back_to_the_shelves(met):
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    await met.happen(ref, "cancelled")
    order = await met.order(ref)
    assert (order.state, order.cancelled_by) == (S.CANCELLED, "marketplace")
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_an_order_of_which_nothing_is_found_is_called_off_by_the_shop(met):
    ref = await met.place(met.party.goods[0])
    handheld = await met.begin()
    await met.pick(handheld, drop=met.party.goods[0].sku)
    await handheld.do("complete")
    await met.settle()
    assert (await met.order(ref)).state is S.CANCELLED
    if not met.party.calls_off:  # its call was refused, and is left for a person to see
        assert met.stall.book[ref].state != "cancelled"
        assert [(each["queue"], each["state"]) for each in (await met.trouble())[:-1]] == [DEAD]
        return
    assert met.stall.book[ref].state == "cancelled", await met.trouble()
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_messages_that_come_twice_change_nothing(met):
    met.stall.faults.double = 1.0
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    await met.happen(ref, *ROAD)
    order = await met.order(ref)
    assert order.state is S.DELIVERED
    assert order.final_total == met.stall.book[ref].total()
    async with met.hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM orders WHERE external_id = $1", ref) == 1


async def test_a_call_that_fails_is_made_again_and_the_marketplace_is_told_once(met):
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    met.stall.faults.fail_next = 3
    await met.finish(handheld)
    for _ in range(8):
        await due_now(met.hub)
        await met.settle()
    assert met.stall.book[ref].state == "ready", await met.trouble()
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_an_order_that_the_marketplace_does_not_show_yet_waits_for_it(met):
    ref = await met.stall.place(Basket(met.party.goods))
    hidden = met.stall.book.pop(ref)
    await met.settle()
    async with met.hub.pools.picking.acquire() as conn:
        if await conn.fetchval("SELECT count(*) FROM orders WHERE external_id = $1", ref):
            return  # its news show the order whole
    assert {row.get("state") for row in await met.trouble()} & {"waiting", "parked"}
    met.stall.book[ref] = hidden
    await due_now(met.hub)
    await met.settle()
    assert (await met.order(ref)).state is S.ACCEPTED


async def due_now(hub):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute(
            "UPDATE queue_item SET due_at = now() WHERE state IN ('waiting', 'parked')"
        )
