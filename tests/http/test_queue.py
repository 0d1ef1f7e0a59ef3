"""The shop's queue: the most urgent first, found by a part of its number, in steady pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import BANANAS, BREAD
from tests.http.picking import BREAD_ID, claimed, device, free_hands, order, picking, tell

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def pages(handheld, query, limit=2):
    """All pages of a list, one after the other."""
    cursor = ""
    while True:
        answer = (await handheld.get(f"/picker/v1/orders?{query}&limit={limit}{cursor}")).json()
        yield [each["number"] for each in answer["orders"]]
        if answer["cursor"] is None:
            return
        cursor = f"&cursor={answer['cursor']}"


async def test_pages_miss_nothing_and_tell_nothing_twice_while_orders_come_and_go(world):
    await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
    numbers = [await order(world, BREAD) for _ in range(7)]
    hour = world.hub.clock().replace(minute=0, second=0, microsecond=0)
    for n, number in enumerate(numbers):
        due = hour + timedelta(minutes=n // 2)
        await world.value("UPDATE orders SET due_at = $2 WHERE number = $1", number, due)
    expected = [
        row
        for pair in (numbers[0:2], numbers[2:4], numbers[4:6], numbers[6:])
        for row in sorted(pair)
    ]
    handheld = await device(world)
    seen = []
    async for page in pages(handheld, "scope=open"):
        if len(seen) == 2:
            await tell(world, "order.canceled", expected[1])  # told already
            await tell(world, "order.canceled", expected[4])  # not told yet
            early = await order(world, BREAD)
            await world.value("UPDATE orders SET due_at = '2000-01-01' WHERE number = $1", early)
        seen += page
    assert seen == [*expected[:4], *expected[5:]]


async def test_a_row_counts_lines_minutes_and_says_how_people_call_it(world):
    handheld = await picking(world, BREAD, BANANAS)
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    (row,) = (await handheld.get("/picker/v1/orders?scope=mine")).json()["orders"]
    assert (row["lines"], row["lines_done"]) == (2, 1)
    assert row["short_code"] == row["number"][-4:]
    assert 55 <= row["minutes_left"] <= 61
    assert row["picker"]["badge"] == "1001"
    mine = (await handheld.get("/picker/v1/me")).json()["orders"]
    assert [each["id"] for each in mine] == [row["id"]]


@pytest.mark.parametrize("part", [lambda n: n, lambda n: n[-4:], lambda n: n[2:8].upper()])
async def test_an_order_is_found_by_any_part_of_its_number(world, part):
    number = await order(world, BREAD)
    handheld = await device(world)
    found = await handheld.get(f"/picker/v1/orders?scope=store&q={part(number)}")
    assert number in [each["number"] for each in found.json()["orders"]]
    nothing = await handheld.get("/picker/v1/orders?scope=store&q=%25%25%25")
    assert nothing.json() == {"orders": [], "cursor": None}


async def test_a_list_can_be_of_one_state(world):
    handheld = await picking(world, BREAD)
    found = (await handheld.get("/picker/v1/orders?scope=store&status=picking")).json()["orders"]
    assert {each["state"] for each in found} == {"picking"}


async def test_what_ran_out_is_mine_and_everybodys(world):
    handheld = await claimed(world, BREAD)
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 minute'")
    for scope in ("mine", "open"):
        rows = (await handheld.get(f"/picker/v1/orders?scope={scope}")).json()["orders"]
        assert handheld.order["id"] in [each["id"] for each in rows]
    await free_hands(world)


@pytest.mark.parametrize(
    "query",
    ["scope=all", "status=done", "status=cancelled", "limit=0", "limit=201", "limit=x",
     "limit=%D9%A1", "cursor=x", "cursor=MXwyfDM", "q=" + "x" * 51, "q=%00", "zone=%00",
     "limit=-1", "cursor=" + "A" * 401],
)  # fmt: skip
async def test_a_question_that_is_none_is_a_bad_request(world, query):
    answer = await (await device(world)).get(f"/picker/v1/orders?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")
