"""Shifts: begin, pause, end; what a person holds when going home, and who sees whose pace."""

import asyncio
import random

import pytest
import pytest_asyncio

from tests.factories import BANANAS, BREAD
from tests.http.picking import (
    BREAD_ID,
    claimed,
    device,
    finish,
    insist,
    looking_at,
    order,
    picking,
)
from tests.http.ways.people import store_with, supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def everybody_went_home(world):
    await world.value("UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL")
    await world.value("DELETE FROM shift_pause")
    await world.value("DELETE FROM shift")


async def shift(handheld, change, **body):
    answer = await handheld.post(f"/picker/v1/shifts/{change}", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_shift_begins_is_paused_goes_on_and_ends(world):
    handheld = await device(world)
    assert (await handheld.get("/picker/v1/me")).json()["shift"]["state"] == "off"
    begun = await shift(handheld, "start")
    assert begun["state"] == "running"
    assert (await shift(handheld, "pause"))["state"] == "paused"
    await world.value("UPDATE shift SET started_at = started_at - interval '1 hour'")
    await world.value("UPDATE shift_pause SET started_at = started_at - interval '125 seconds'")
    paused = (await handheld.get("/picker/v1/me")).json()["shift"]
    assert (paused["state"], paused["paused_minutes"]) == ("paused", 2)
    assert (await shift(handheld, "resume"))["paused_minutes"] == 2
    await shift(handheld, "pause")
    assert (await shift(handheld, "end"))["state"] == "ended"
    assert (await handheld.get("/picker/v1/me")).json()["shift"]["state"] == "off"


async def test_doing_it_twice_is_doing_it_once(world):
    handheld = await device(world)
    for change, state in (("start", "running"), ("pause", "paused"), ("resume", "running")):
        first, second = await shift(handheld, change), await shift(handheld, change)
        assert first["state"] == second["state"] == state
        assert first["since"] == second["since"]
    assert [(await shift(handheld, "end"))["state"] for _ in "ab"] == ["ended", "ended"]
    assert await world.value("SELECT count(*) FROM shift") == 1
    assert await world.value("SELECT count(*) FROM shift_pause") == 1


async def test_ten_starts_at_once_are_one_shift(world):
    handheld = await device(world)
    starts = (insist(handheld.post, "/picker/v1/shifts/start") for _ in range(10))
    answers = await asyncio.gather(*starts)
    assert {answer.status_code for answer in answers} == {200}
    assert await world.value("SELECT count(*) FROM shift") == 1


@pytest.mark.parametrize("change", ["pause", "resume"])
async def test_what_has_not_begun_is_neither_paused_nor_resumed(world, change):
    answer = await (await device(world)).post(f"/picker/v1/shifts/{change}")
    assert (answer.status_code, answer.json()["code"]) == (409, "SHIFT_CLOSED")


async def test_a_shift_does_not_end_over_orders_in_hand_unless_they_are_given_back(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=1)
    await shift(handheld, "start")
    answer = await handheld.post("/picker/v1/shifts/end")
    assert (answer.status_code, answer.json()["code"]) == (409, "CLAIMS_OPEN")
    assert answer.json()["details"]["orders"] == [handheld.order["id"]]
    assert (await shift(handheld, "end", release=True))["released"] == [handheld.order["id"]]
    version = handheld.order["version"]
    await handheld.reread()
    assert (handheld.order["picker"], handheld.order["version"]) == (None, version + 1)
    assert handheld.line(BREAD_ID)["picked"]["pieces"] == 1
    entry = await world.row(
        "SELECT actor, detail FROM timeline WHERE order_id = $1 ORDER BY id DESC LIMIT 1",
        handheld.order["id"],
    )
    assert (entry["actor"], entry["detail"]["reason"]) == ("1001", "shift_ended")
    other = await looking_at(world, handheld.order["number"], "1002")
    await other.do("claim")


async def test_where_shifts_are_required_nothing_is_picked_without_one(world):
    number = await order(world)
    handheld = await looking_at(world, number)
    async with store_with(world, "MSK-07", shifts="required"):
        asks = [handheld.ask("claim"), handheld.post("/picker/v1/orders/next")]
        for answer in [await ask for ask in asks]:
            assert (answer.status_code, answer.json()["code"]) == (409, "SHIFT_CLOSED")
        await shift(handheld, "start")
        await handheld.do("claim")
        await shift(handheld, "pause")
        assert (await handheld.ask("start")).json()["code"] == "SHIFT_CLOSED"
        assert (await handheld.get("/picker/v1/me")).json()["shift"]["required"] is True
        await shift(handheld, "resume")
        await handheld.do("start")


async def test_a_claim_that_races_with_the_end_of_the_shift_is_not_left_behind(world):
    async with store_with(world, "MSK-07", shifts="required"):
        for _ in range(5):
            handheld = await looking_at(world, await order(world))
            await shift(handheld, "start")
            await asyncio.gather(
                handheld.ask("claim"), handheld.post("/picker/v1/shifts/end", {"release": True})
            )
            running = await world.value("SELECT count(*) FROM shift WHERE ended_at IS NULL")
            held = await world.value("SELECT count(*) FROM pick_job WHERE picker_id IS NOT NULL")
            assert held <= running


async def test_the_own_workload_counts_what_this_person_did_in_this_shift(world):
    handheld = await device(world)
    await shift(handheld, "start")
    busy = await finish(await claimed_and_started(world, BREAD, BANANAS))
    await busy.do("ready")
    busy = await claimed_and_started(world, BREAD, BANANAS)
    await busy.do("pick", line=BREAD_ID, quantity=3)
    work = (await handheld.get("/picker/v1/me")).json()["workload"]
    assert (work["orders_done"], work["lines_done"]) == (1, 3)
    assert (work["orders_in_hand"], work["lines_left"]) == (1, 1)
    assert work["seconds_per_line"] >= 0
    await world.value("UPDATE shift SET started_at = now()")
    work = (await handheld.get("/picker/v1/me")).json()["workload"]
    assert (work["orders_done"], work["lines_done"], work["seconds_per_line"]) == (0, 0, None)


async def claimed_and_started(world, *positions):
    handheld = await claimed(world, *positions)
    await handheld.do("start")
    return handheld


async def test_the_pace_is_the_median_and_a_break_is_no_pace(world):
    handheld = await claimed(world, BREAD, BANANAS)
    await handheld.do("start")
    for sku, verb, body in ((BREAD_ID, "pick", {"quantity": 3}),
                            (BANANAS["id"], "weigh", {"grams": 1000})):  # fmt: skip
        await handheld.do(verb, line=sku, **body)
    await world.value("UPDATE timeline SET at = '2026-01-01' WHERE order_id <> $1",
                      handheld.order["id"])  # fmt: skip
    await world.value(  # at once: between two statements there is time, too
        "UPDATE timeline SET at = now() - make_interval(secs => ago)"
        "  FROM (VALUES ('start', 100), ('pick', 60), ('weigh', 40)) AS deed (verb, ago)"
        " WHERE order_id = $1 AND detail ->> 'verb' = deed.verb",
        handheld.order["id"],
    )
    await shift(handheld, "start")
    await world.value("UPDATE shift SET started_at = now() - interval '1 hour'")
    path = "/picker/v1/me"
    assert (await handheld.get(path)).json()["workload"]["seconds_per_line"] == 30.0
    await world.value(
        "UPDATE timeline SET at = at - interval '20 minutes'"
        " WHERE order_id = $1 AND detail ->> 'verb' = 'start'",
        handheld.order["id"],
    )
    assert (await handheld.get(path)).json()["workload"]["seconds_per_line"] == 20.0


async def test_the_supervisor_sees_the_team_of_the_own_store_and_nobody_else_does(world):
    handheld = await claimed(world)
    await shift(handheld, "start")
    await shift(await device(world, "1201"), "start")
    boss = await supervisor(world)
    team = (await boss.get("/picker/v1/team")).json()["people"]
    (member,) = team
    assert (member["badge"], member["shift"]["state"]) == ("1001", "running")
    assert member["workload"]["orders_in_hand"] == 1
    answer = await handheld.get("/picker/v1/team")
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_REQUIRED")
    assert (await world.api.get("/picker/v1/team")).status_code == 401


async def test_who_holds_an_order_without_a_shift_is_seen_too(world):
    await claimed(world)
    (member,) = (await (await supervisor(world)).get("/picker/v1/team")).json()["people"]
    assert (member["badge"], member["shift"]["state"]) == ("1001", "off")


async def test_no_log_holds_anybodys_pace(world, capfd, caplog):
    caplog.set_level("DEBUG")
    await shift(await device(world), "start")
    await (await device(world)).get("/picker/v1/me")
    await (await supervisor(world)).get("/picker/v1/team")
    logs = caplog.text + "".join(capfd.readouterr())
    for word in ("workload", "seconds_per_line", "lines_done"):
        assert word not in logs


@pytest.mark.parametrize("content", [b"[]", b"{", b'{"release": "yes"}', b'{"release": 1}'])
async def test_what_is_no_end_of_a_shift_is_a_bad_request(world, content):
    handheld = await device(world)
    headers = handheld.headers | {"Idempotency-Key": "k"}
    answer = await world.api.post("/picker/v1/shifts/end", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


#: What a shift is after each change; None: refused, and nothing is different.
TABLE = {
    "off": {"start": "running", "pause": None, "resume": None, "end": "off"},
    "running": {"start": "running", "pause": "paused", "resume": "running", "end": "off"},
    "paused": {"start": "paused", "pause": "paused", "resume": "running", "end": "off"},
}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_the_order_of_taps_a_shift_is_what_the_table_says(world, seed):
    handheld, state, chance = await device(world), "off", random.Random(seed)
    for change in chance.choices(list(TABLE["off"]), k=20):
        answer = await handheld.post(f"/picker/v1/shifts/{change}")
        expected = TABLE[state][change]
        assert answer.status_code == (409 if expected is None else 200)
        state = expected or state
        assert (await handheld.get("/picker/v1/me")).json()["shift"]["state"] == state
    overlapping = (
        "SELECT count(*) FROM shift_pause AS a JOIN shift_pause AS b"
        " ON a.shift_id = b.shift_id AND a.started_at < b.started_at"
        " AND coalesce(a.ended_at, 'infinity') > b.started_at"
    )
    assert await world.value(overlapping) == 0
