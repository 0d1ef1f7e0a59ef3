"""Whose an order is: takeover, pause, one at a time, zones, and what everybody sees of it."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
import pytest_asyncio

from tests.factories import BANANAS, BREAD, MILK
from tests.flow.shared import world_of
from tests.http.picking import (
    BANANAS_ID,
    BREAD_ID,
    claimed,
    device,
    free_hands,
    insist,
    looking_at,
    order,
    picking,
    tell,
)
from tests.http.ways.people import supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")
MILK_ID = MILK["id"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(seeded):
    """A store that picks by zones, too."""
    async with world_of(seeded) as made:
        await made.value("UPDATE store SET zone_picking = true")
        yield made


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nobody_holds_anything(world):
    for badge in ("1001", "1002"):
        await free_hands(world, badge)


async def colleague(world, handheld):
    return await looking_at(world, handheld.order["number"], "1002")


async def deeds(world, handheld, verb):
    async with world.hub.pools.drains.acquire() as conn:
        return await conn.fetch(
            "SELECT actor, detail FROM timeline WHERE order_id = $1 AND detail ->> 'verb' = $2",
            handheld.order["id"], verb,
        )  # fmt: skip


async def zoned(world):
    """An order with bread in one zone, bananas in another, and milk nobody knows where."""
    number = await order(world, BREAD, BANANAS, MILK)
    for sku, zone, rank in (
        (BREAD_ID, "Бакалея", 1),
        (BANANAS_ID, "Свежее", 2),
        (MILK_ID, "", None),
    ):
        await world.value(
            "UPDATE order_line SET zone = $3, rank = $4 FROM orders WHERE orders.id = order_id"
            "   AND number = $1 AND order_line.external_id = $2",
            number, sku, zone, rank,
        )  # fmt: skip
    return number


async def test_a_takeover_is_confirmed_first_and_the_former_holder_hears_whose_it_is(world):
    holder = await picking(world)
    await holder.do("pick", line=BREAD_ID, quantity=2)
    taker = await colleague(world, holder)
    assert "takeover" in taker.order["allowed_actions"]
    asked = (await taker.ask("takeover")).json()
    assert asked["code"] == "TAKEOVER_UNCONFIRMED"
    assert asked["details"]["by"] == holder.order["picker"]["name"]
    since, until = (datetime.fromisoformat(asked["details"][name]) for name in ("since", "until"))
    assert since < until == datetime.fromisoformat(holder.order["lease_until"])
    assert asked["current"]["picker"] == holder.order["picker"]
    await taker.do("takeover", confirm=True)
    assert taker.line(BREAD_ID)["picked"]["pieces"] == 2
    lost = (await holder.ask("pick", line=BREAD_ID, quantity=3)).json()
    assert (lost["code"], lost["details"]["by"]) == ("LEASE_LOST", taker.order["picker"]["name"])
    (deed,) = await deeds(world, holder, "takeover")
    assert (deed["actor"], deed["detail"]["from"]) == ("1002", ["1001"])
    await taker.do("takeover", confirm=True)  # the second click
    await taker.do("pick", line=BREAD_ID, quantity=3)


async def test_a_takeover_of_a_free_order_is_a_claim(world):
    handheld = await looking_at(world, await order(world))
    await handheld.do("takeover")
    await handheld.do("start")


async def test_two_who_take_over_at_once_have_one_winner(world):
    await free_hands(world, "1009")
    holder = await claimed(world)
    other = await supervisor(world)
    other.order = holder.order
    pair = [await colleague(world, holder), other]
    asking = (insist(each.ask, "takeover", confirm=True) for each in pair)
    answers = await asyncio.gather(*asking)
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_pause_keeps_the_order_longer_and_any_write_ends_it(world):
    holder = await picking(world)
    before = holder.order["lease_until"]
    await holder.do("pause")
    assert holder.order["lease_until"] > before
    assert holder.order["allowed_actions"] == ["release", "resume"]
    assert not any(line["allowed_actions"] for line in holder.order["lines"])
    minutes = (
        "SELECT extract(epoch FROM lease_until - now()) / 60 FROM pick_job WHERE order_id = $1"
    )
    assert 29 < await world.value(minutes, holder.order["id"]) <= 30
    assert (await (await colleague(world, holder)).ask("claim")).json()["code"] == "ALREADY_CLAIMED"
    await holder.do("resume")
    await holder.do("resume")
    assert 9 < await world.value(minutes, holder.order["id"]) <= 10
    await holder.do("pause")
    await holder.do("pick", line=BREAD_ID, quantity=1)
    assert "scan" in holder.order["allowed_actions"]


async def test_a_picker_has_one_order_in_hand_and_hears_which(world):
    holder = await claimed(world)
    second = await looking_at(world, await order(world))
    refused = (await second.ask("claim")).json()
    assert refused["code"] == "ALREADY_PICKING"
    assert refused["details"] == {"order": holder.order["id"], "run": None}
    assert refused["current"]["id"] == second.order["id"]
    await holder.do("release", reason="x")
    await second.do("claim")


async def test_two_claims_of_one_picker_at_once_do_not_both_succeed(world):
    pair = [await looking_at(world, await order(world)) for _ in range(2)]
    for _ in range(20):
        answers = await asyncio.gather(*(insist(each.ask, "claim") for each in pair))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert {a.json()["code"] for a in answers if a.status_code == 409} == {"ALREADY_PICKING"}
        await free_hands(world)
        for handheld in pair:
            await handheld.reread()


async def test_an_order_that_was_called_off_leaves_the_hands_free(world):
    holder = await picking(world)
    await tell(world, "order.canceled", holder.order["number"])
    second = await looking_at(world, await order(world))
    await second.do("claim")


async def test_next_goes_on_with_the_order_in_hand_even_when_its_lease_ran_out(world):
    holder = await picking(world)
    number = holder.order["number"]
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 minute'")
    await order(world)
    assert (await holder.next())["order"]["number"] == number
    await holder.do("pick", line=BREAD_ID, quantity=3)


async def test_a_lease_that_runs_out_in_the_middle_of_a_line_loses_nothing(world):
    holder = await picking(world)
    await holder.do("pick", line=BREAD_ID, quantity=1)
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 minute'")
    taker = await colleague(world, holder)
    assert taker.order["allowed_actions"] == ["claim"]
    await taker.do("claim")
    assert taker.line(BREAD_ID)["picked"] == {"pieces": 1, "grams": None}
    assert taker.order["state"] == "picking"


# Zones.


async def test_two_pick_their_zones_side_by_side_and_meet_at_the_end(world):
    number = await zoned(world)
    dry, fresh = await looking_at(world, number), await looking_at(world, number, "1002")
    await dry.do("claim", zone="Бакалея")
    await dry.do("start")
    await fresh.reread()
    await fresh.do("claim", zone="Свежее")
    holders = {zone["zone"]: zone["picker"]["badge"] for zone in fresh.order["zones"]}
    assert holders == {"Бакалея": "1001", "Свежее": "1002"}
    assert fresh.line(BREAD_ID)["allowed_actions"] == []
    assert "weigh" in fresh.line(BANANAS_ID)["allowed_actions"]
    assert "pick" in fresh.line(MILK_ID)["allowed_actions"]  # nobody's zone
    other = (await fresh.ask("pick", line=BREAD_ID, quantity=3)).json()
    assert (other["code"], other["details"]["zone"]) == ("NOT_ASSIGNED", "Бакалея")
    await fresh.do("pick", line=MILK_ID, quantity=2)
    await fresh.do("weigh", line=BANANAS_ID, grams=1000)
    assert (await fresh.ask("complete")).json()["code"] == "LINES_NOT_CLOSED"
    await dry.reread()
    await dry.do("pick", line=BREAD_ID, quantity=3)
    await dry.do("complete")
    await fresh.reread()
    await fresh.do("ready")
    states = await world.value(
        "SELECT array_agg(state ORDER BY zone) FROM pick_job WHERE order_id = $1", fresh.order["id"]
    )
    assert states == ["done", "done"]


async def test_the_whole_and_a_zone_of_it_exclude_each_other(world):
    number = await zoned(world)
    zone, whole = await looking_at(world, number), await looking_at(world, number, "1002")
    await zone.do("claim", zone="Свежее")
    await whole.reread()
    refused = (await whole.ask("claim")).json()
    assert (refused["code"], refused["details"]["zone"]) == ("ALREADY_CLAIMED", "Свежее")
    await zone.do("release", reason="x", zone="Свежее")
    await whole.reread()
    await whole.do("claim")
    await zone.reread()
    assert (await zone.ask("claim", zone="Свежее")).json()["code"] == "ALREADY_CLAIMED"


async def test_a_whole_claim_clears_zones_whose_leases_ran_out(world):
    number = await zoned(world)
    zone, whole = await looking_at(world, number), await looking_at(world, number, "1002")
    await zone.do("claim", zone="Свежее")
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 minute'")
    await whole.reread()
    await whole.do("claim")
    await zone.reread()
    assert (await zone.ask("start")).json()["code"] == "LEASE_LOST"


async def test_a_zone_the_order_has_not_is_a_bad_request(world):
    handheld = await looking_at(world, await zoned(world))
    answer = (await handheld.ask("claim", zone="Заморозка")).json()
    assert (answer["code"], answer["details"]["allowed"]) == ("INVALID_BODY", ["Бакалея", "Свежее"])


async def test_next_and_the_queue_know_zones(world):
    await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
    await order(world, MILK)
    number = await zoned(world)
    dry, fresh = await device(world), await device(world, "1002")
    taken = (await dry.post("/picker/v1/orders/next?zone=Бакалея")).json()["order"]
    assert taken["number"] == number

    async def listed(zone):
        path = f"/picker/v1/orders?scope=open&zone={zone}"
        return [each["number"] for each in (await fresh.get(path)).json()["orders"]]

    assert (await listed("Бакалея"), await listed("Свежее")) == ([], [number])
    again = (await fresh.post("/picker/v1/orders/next?zone=Свежее")).json()["order"]
    assert again["id"] == taken["id"]
    assert (await fresh.post("/picker/v1/orders/next?zone=Свежее")).json()["order"]["id"] == again[
        "id"
    ]


# The path.


async def test_lines_are_shown_as_they_are_walked_and_one_can_be_put_off(world):
    number = await zoned(world)
    await free_hands(world)
    handheld = await looking_at(world, number)
    await handheld.do("claim")
    await handheld.do("start")

    def walked():
        return [line["sku"] for line in handheld.order["lines"]]

    assert walked() == [MILK_ID, BREAD_ID, BANANAS_ID]
    assert [line["no_place"] for line in handheld.order["lines"]] == [True, False, False]
    assert [line["path"] for line in handheld.order["lines"]] == [1, 2, 3]
    await handheld.do("postpone", line=MILK_ID)
    assert walked() == [BREAD_ID, BANANAS_ID, MILK_ID]
    version = handheld.order["version"]
    await handheld.do("postpone", line=MILK_ID)
    assert handheld.order["version"] == version
    await handheld.do("postpone", line=BREAD_ID)
    assert walked() == [BANANAS_ID, MILK_ID, BREAD_ID]
    assert handheld.line(BREAD_ID)["postponed"] == 2
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    closed = (await handheld.ask("postpone", line=BREAD_ID)).json()
    assert closed["code"] == "ILLEGAL_TRANSITION"
