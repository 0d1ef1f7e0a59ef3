"""Pickers by zones over several orders: whose zone is walked is free for the next order, the last
one finishes, and what is done can be taken back by who claims it again."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tests.conftest import TOKEN
from tests.factories import BANANAS, BREAD, MILK, placed, settle
from tests.flow.shared import world_of
from tests.http.picking import BANANAS_ID, BREAD_ID, device, free_hands, looking_at, order
from tests.http.ways.people import supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")
DRY, FRESH = "Бакалея", "Свежее"
MILK_ID = MILK["id"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(seeded):
    async with world_of(seeded) as made:
        await made.value("UPDATE store SET zone_picking = true")
        yield made


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def an_empty_shop(world):
    await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
    for badge in ("1001", "1002", "1009"):
        await free_hands(world, badge)


async def zoned(world, *more):
    """An order of bread in one zone and bananas in another; more goods are nobody's."""
    number = await order(world, BREAD, BANANAS, *more)
    for sku, zone in ((BREAD_ID, DRY), (BANANAS_ID, FRESH), (MILK_ID, "")):
        await world.value(
            "UPDATE order_line SET zone = $3, rank = 1 FROM orders WHERE orders.id = order_id"
            "   AND number = $1 AND order_line.external_id = $2",
            number, sku, zone,
        )  # fmt: skip
    due = "UPDATE orders SET due_at = now() + interval '1 h' WHERE number = $1"
    await world.value(due, number)
    return number


async def supervised(world, number):
    """A third person of the same shop, looking at an order."""
    handheld = await supervisor(world)
    handheld.order = {
        "id": await world.value("SELECT id::text FROM orders WHERE number = $1", number)
    }
    await handheld.reread()
    return handheld


async def sent(handheld, zone):
    """The order this handheld is sent to next; None when there is none."""
    answer = await handheld.post(f"/picker/v1/orders/next?zone={zone}")
    assert answer.status_code in (200, 204), answer.text
    if answer.status_code == 204:
        return None
    handheld.order = answer.json()["order"]
    return handheld.order["number"]


async def dry_done(world, *more):
    """An order whose dry zone is walked, in the hands of 1001 until then; nobody has the other."""
    dry = await looking_at(world, await zoned(world, *more))
    await dry.do("claim", zone=DRY)
    await dry.do("start")
    await dry.do("pick", line=BREAD_ID, quantity=3)
    return dry


async def test_two_walk_their_zones_over_two_orders_and_the_last_one_finishes_each(world):
    one, two = await zoned(world), await zoned(world)
    dry, fresh = await device(world), await device(world, "1002")
    assert (await sent(dry, DRY), await sent(fresh, FRESH)) == (one, one)
    await dry.reread()
    await dry.do("start")
    await dry.do("pick", line=BREAD_ID, quantity=3)
    walked = {zone["zone"]: zone["picker"] for zone in dry.order["zones"]}
    assert walked[DRY] is None
    assert walked[FRESH]["badge"] == "1002"
    assert {"bags", "complete"} <= set(dry.order["allowed_actions"])
    await dry.do("bags")  # the tote of the zone is packed where the zone ends
    await dry.do("seal", bag_id=dry.order["bags"][0]["id"])
    assert await sent(dry, DRY) == two
    await dry.do("start")
    await fresh.reread()
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    assert await sent(fresh, FRESH) == one  # the last one has it until it is ready
    for verb in ("complete", "bags"):
        await fresh.do(verb)
    await fresh.do("seal", bag_id=fresh.order["bags"][1]["id"])
    await fresh.do("ready")
    assert await sent(fresh, FRESH) == two
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    assert await sent(fresh, FRESH) is None  # walked; the dry goods are still another's
    await dry.reread()
    await dry.do("pick", line=BREAD_ID, quantity=3)
    await dry.do("complete")
    await dry.do("ready")
    assert await sent(dry, DRY) is None


async def test_whose_zone_is_walked_may_claim_another_order(world):
    dry = await dry_done(world)
    other = await looking_at(world, await zoned(world))
    await other.do("claim", zone=DRY)
    await dry.reread()
    assert (await dry.ask("pick", line=BREAD_ID, quantity=2)).json()["code"] == "NOT_ASSIGNED"
    assert (await dry.ask("claim", zone=DRY)).json()["code"] == "ALREADY_PICKING"


async def test_a_walked_zone_is_claimed_again_to_take_something_back(world):
    dry = await dry_done(world)
    assert (await dry.ask("undo")).json()["code"] == "NOT_ASSIGNED"
    assert "claim" in dry.order["allowed_actions"]
    assert "undo" not in dry.order["allowed_actions"]
    await dry.do("claim", zone=DRY)
    await dry.do("undo")
    assert dry.line(BREAD_ID)["state"] == "todo"
    await dry.do("pick", line=BREAD_ID, quantity=2)
    await dry.do("claim", zone=DRY)
    await dry.do("pick", line=BREAD_ID, quantity=3)  # a correction ends it again
    assert await sent(dry, DRY) is None


async def test_an_order_whose_zone_is_opened_again_is_not_its_last_pickers_alone(world):
    dry = await dry_done(world)
    fresh = await looking_at(world, dry.order["number"], "1002")
    await fresh.do("claim", zone=FRESH)
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    await dry.reread()
    await dry.do("claim", zone=DRY)
    await dry.do("undo")
    assert await sent(fresh, FRESH) is None
    await dry.do("pick", line=BREAD_ID, quantity=3)
    await dry.do("complete")


async def test_anybody_who_picked_at_it_may_finish_it_while_nobody_has_taken_the_whole(world):
    dry = await dry_done(world)
    fresh = await looking_at(world, dry.order["number"], "1002")
    await fresh.do("claim", zone=FRESH)
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    await dry.reread()
    await dry.do("complete")
    assert {"bags", "ready", "reopen", "stage"} <= set(dry.order["allowed_actions"])
    await dry.do("ready")
    assert await sent(fresh, FRESH) is None


async def test_a_packer_takes_the_whole_order_to_finish_it(world):
    dry = await dry_done(world)
    fresh = await looking_at(world, dry.order["number"], "1002")
    await fresh.do("claim", zone=FRESH)
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    await fresh.do("release", reason="to the next one")
    packer = await supervised(world, dry.order["number"])
    assert packer.order["allowed_actions"] == ["claim"]
    await packer.do("claim")
    await dry.reread()
    assert "complete" not in dry.order["allowed_actions"]
    assert (await dry.ask("complete")).json()["code"] == "LEASE_LOST"
    await packer.do("complete")
    await packer.do("ready")


async def test_goods_nobody_knows_the_zone_of_keep_the_last_picker_only(world):
    dry = await dry_done(world, MILK)
    fresh = await looking_at(world, dry.order["number"], "1002")
    await fresh.do("claim", zone=FRESH)
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    await dry.reread()
    assert dry.line(MILK_ID)["allowed_actions"] == []
    assert (await dry.ask("pick", line=MILK_ID, quantity=2)).json()["code"] == "NOT_ASSIGNED"
    await fresh.do("pick", line=MILK_ID, quantity=2)
    await fresh.do("complete")


async def test_a_zone_the_customer_empties_is_walked_too(world):
    dry = await looking_at(world, await zoned(world))
    await dry.do("claim", zone=DRY)
    await dry.do("start")
    content = placed(dry.order["external_id"], BANANAS, event="order.changed")
    await world.api.post("/hooks/sm-demo", headers=TOKEN, content=content)
    await settle(world.hub)
    assert await sent(dry, DRY) is None


async def test_a_zone_picker_is_offered_the_other_zones_and_whoever_has_none_what_is_free(world):
    dry = await looking_at(world, await zoned(world))
    await dry.do("claim", zone=DRY)
    await dry.do("start")
    assert {"claim", "complete"} <= set(dry.order["allowed_actions"])
    fresh = await looking_at(world, dry.order["number"], "1002")
    assert fresh.order["allowed_actions"] == ["claim", "takeover"]
    await fresh.do("claim", zone=FRESH)
    third = await supervised(world, dry.order["number"])
    assert third.order["allowed_actions"] == ["takeover"]
    await dry.reread()
    assert "takeover" in dry.order["allowed_actions"]
    assert "claim" not in dry.order["allowed_actions"]
