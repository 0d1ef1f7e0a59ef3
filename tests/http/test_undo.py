"""Taking back over the API: one operation, once, with everything that hangs on its lines."""

import asyncio
import uuid

import pytest
import pytest_asyncio

from tests.conftest import TOKEN
from tests.factories import BANANAS, BREAD, mark, placed, settle
from tests.http.picking import (
    BANANAS_ID,
    BREAD_ID,
    MARKED,
    MARKED_ID,
    claimed,
    finish,
    insist,
    looking_at,
    order,
    picking,
    tell,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def idle(world):
    """Nobody has an order of an earlier test in hand."""
    await world.value("UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL")


async def colleague_picks(world, *positions):
    """The same as `picking`, with another picker's handheld."""
    handheld = await looking_at(world, await order(world, *positions), "1002")
    await handheld.do("claim")
    await handheld.do("start")
    return handheld


def lines(handheld):
    """What stands of the lines, whatever else is shown of them; none of what came to nothing."""
    kept = ("state", "picked", "marks", "reason", "shelf_empty", "postponed", "replaces")
    return {
        line["id"]: {name: line[name] for name in kept}
        for line in handheld.order["lines"]
        if line["reason"] != "withdrawn"
    }


async def test_every_operation_is_taken_back_in_reverse_whatever_verb_it_was(world):
    handheld = await picking(world, BREAD, BANANAS, MARKED)
    ean = handheld.line(MARKED_ID)["barcodes"][0]
    deeds = [
        ("pick", {"line": BREAD_ID, "quantity": 2}),
        ("short", {"line": BREAD_ID, "quantity": 2, "reason": "not_enough", "shelf_empty": True}),
        ("weigh", {"line": BANANAS_ID, "grams": 1040}),
        ("scan", {"raw": mark(ean=ean)}),
        ("drop", {"line": BANANAS_ID, "reason": "damaged"}),
        ("postpone", {"line": MARKED_ID}),
        ("scan", {"raw": mark(ean=ean)}),
        ("drop", {"line": BREAD_ID, "reason": "not_found"}),
        ("replace", {"line": BREAD_ID, "items": [{"sku": "100202"}], "reason": "out_of_stock"}),
    ]
    stood = []
    for verb, body in deeds:
        stood.append((lines(handheld), handheld.order["version"]))
        await handheld.do(verb, **body)
    for before, version in reversed(stood):
        result = await handheld.do("undo")
        assert result["changed"]["line_ids"]
        assert lines(handheld) == before
        assert handheld.order["version"] > version
    answer = await handheld.ask("undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_UNDO")


async def test_undo_tells_the_timeline_what_was_taken_back_and_whose_it_was(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=2, key="the-pick")
    await handheld.do("undo", key="the-undo")
    detail = await world.value(
        "SELECT detail FROM timeline WHERE order_id = $1 ORDER BY id DESC LIMIT 1",
        handheld.order["id"],
    )
    assert detail["verb"] == "undo"
    assert (detail["operation"], detail["undone"]) == ("the-undo", "the-pick")
    assert (detail["undone_verb"], detail["undone_of"]) == ("pick", "1001")
    assert detail["line_ids"] == [handheld.line(BREAD_ID)["id"]]


async def test_undo_under_one_key_is_one_undo_however_often_it_is_sent(world):
    handheld, key = await picking(world), str(uuid.uuid4())
    for pieces in (1, 2):
        await handheld.do("pick", line=BREAD_ID, quantity=pieces)
    version = handheld.order["version"]
    answers = await asyncio.gather(
        *(insist(handheld.ask, "undo", key=key, version=version) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    await handheld.reread()
    assert handheld.line(BREAD_ID)["picked"]["pieces"] == 1


async def test_an_undone_operation_is_not_undone_twice_and_an_undo_not_at_all(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=2, key="pick-it")
    await handheld.do("undo", key="undo-it")
    for key in ("pick-it", "undo-it", "never-was"):
        answer = await handheld.ask("undo", op_id=key)
        assert (answer.status_code, answer.json()["code"]) == (409, "NOTHING_TO_UNDO"), key
        assert answer.json()["details"]["op_id"] == key
    await handheld.do("pick", line=BREAD_ID, quantity=2)
    assert handheld.line(BREAD_ID)["picked"]["pieces"] == 2


async def test_an_operation_is_taken_back_by_its_name_and_others_stay(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=3, key="bread-it")
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    await handheld.do("undo", op_id="bread-it")
    assert handheld.line(BREAD_ID)["state"] == "todo"
    assert handheld.line(BANANAS_ID)["state"] == "picked"


async def test_what_somebody_went_on_with_is_not_taken_back_and_is_named(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=1, key="first")
    await handheld.do("pick", line=BREAD_ID, quantity=2)
    before = handheld.order
    answer = await handheld.ask("undo", op_id="first")
    assert answer.json()["details"]["line_ids"] == [handheld.line(BREAD_ID)["id"]]
    assert answer.json()["current"]["version"] == before["version"]
    assert (await handheld.reread())["lines"] == before["lines"]


async def test_what_the_customer_changed_since_stays_as_the_customer_wants_it(world):
    handheld = await picking(world, BREAD, BANANAS)
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    more = {**BREAD, "quantity": 5, "originalQuantity": 5}
    body = placed(handheld.order["number"], more, BANANAS, event="order.changed")
    await world.api.post("/hooks/sm-demo", content=body, headers=TOKEN)
    await settle(world.hub)
    await handheld.reread()
    assert (await handheld.ask("undo")).json()["code"] == "NOTHING_TO_UNDO"
    assert handheld.line(BREAD_ID)["requested"]["pieces"] == 5


async def test_a_mark_that_was_taken_back_serves_another_order(world):
    one = await picking(world, MARKED)
    unit = mark(ean=one.line(MARKED_ID)["barcodes"][0])
    await one.do("scan", raw=unit)
    two = await colleague_picks(world, MARKED)
    assert (await two.ask("scan", raw=unit)).json()["code"] == "MARK_ALREADY_USED"
    await one.do("undo")
    await two.do("scan", raw=unit)
    assert two.line(MARKED_ID)["marks"] == [unit]


async def test_a_mark_that_serves_another_order_by_now_does_not_come_back(world):
    one, two = await picking(world, MARKED), await colleague_picks(world, MARKED)
    unit = mark(ean=one.line(MARKED_ID)["barcodes"][0])
    await one.do("scan", raw=unit)
    await one.do("drop", line=MARKED_ID, reason="damaged")
    await two.do("scan", raw=unit)
    answer = await one.ask("undo")
    assert (answer.status_code, answer.json()["code"]) == (409, "MARK_ALREADY_USED")
    assert (await one.reread())["lines"][0]["state"] == "dropped"


async def test_who_took_the_order_over_takes_back_what_the_other_did(world):
    first = await picking(world)
    await first.do("pick", line=BREAD_ID, quantity=2)
    await first.do("release", reason="break")
    second = await looking_at(world, first.order["number"], "1002")
    await second.do("claim")
    await second.do("undo")
    assert second.line(BREAD_ID)["state"] == "todo"
    assert second.line(BREAD_ID)["picked"] is None


async def test_only_who_holds_the_order_takes_back(world):
    holder = await picking(world)
    await holder.do("pick", line=BREAD_ID, quantity=2)
    other = await looking_at(world, holder.order["number"], "1002")
    assert (await other.ask("undo")).status_code in (403, 409)
    assert (await holder.reread())["lines"][0]["picked"]["pieces"] == 2


@pytest.mark.parametrize("stage", ["claimed", "picked", "cancelled"])
async def test_outside_of_picking_nothing_is_taken_back(world, stage):
    handheld = await claimed(world)
    code = "ILLEGAL_TRANSITION"
    if stage != "claimed":
        await handheld.do("start")
        await finish(handheld)
    if stage == "cancelled":
        await tell(world, "order.canceled", handheld.order["number"])
        await handheld.reread()
        code = "ORDER_CANCELLED"
    answer = await handheld.ask("undo")
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize("op_id", ["", "a b", "x" * 101, 7, "ключ"])
async def test_an_operation_s_name_that_can_be_none_is_a_bad_request(world, op_id):
    answer = await (await picking(world)).ask("undo", op_id=op_id)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def test_a_picker_is_offered_undo_while_picking(world):
    handheld = await claimed(world)
    assert "undo" not in handheld.order["allowed_actions"]
    await handheld.do("start")
    assert "undo" in handheld.order["allowed_actions"]


async def test_where_zones_are_picked_each_takes_back_what_is_their_own(world):
    await world.value("UPDATE store SET zone_picking = true")
    world.hub.shops._known.clear()
    try:
        buckwheat = {**BREAD, "id": "100205"}
        number = await order(world, buckwheat, BANANAS)
        first = await looking_at(world, number)
        zones = {sku: first.line(sku)["place"]["zone"] for sku in ("100205", BANANAS_ID)}
        assert len(set(zones.values())) == 2
        await first.do("claim", zone=zones["100205"])
        await first.do("start")
        await first.do("pick", line="100205", quantity=3, key="the-first")
        second = await looking_at(world, number, "1002")
        await second.do("claim", zone=zones[BANANAS_ID])
        assert (await second.ask("undo")).json()["code"] == "NOTHING_TO_UNDO"
        assert (await second.ask("undo", op_id="the-first")).json()["code"] == "NOT_ASSIGNED"
        await second.do("weigh", line=BANANAS_ID, grams=1000)
        await first.reread()
        await first.do("claim", zone=zones["100205"])  # the zone was walked
        await first.do("undo")
        assert first.line("100205")["state"] == "todo"
        assert first.line(BANANAS_ID)["state"] == "picked"
    finally:
        await world.value("UPDATE store SET zone_picking = false")
        world.hub.shops._known.clear()


async def test_what_an_older_release_kept_otherwise_is_nothing_to_undo(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=2, key="long-ago")
    await world.value(
        "UPDATE operation SET after = $1 WHERE key = 'long-ago'", [{"id": "no line of today"}]
    )
    assert (await handheld.ask("undo")).json()["code"] == "NOTHING_TO_UNDO"
