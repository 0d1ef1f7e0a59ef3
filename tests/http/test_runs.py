"""Runs: several orders at once, sorted while picking; and calls for help."""

from __future__ import annotations

import asyncio
import uuid

import pytest
import pytest_asyncio

from tests.factories import BANANAS, BREAD, MILK
from tests.http.picking import (
    BANANAS_ID,
    BREAD_ID,
    claimed,
    device,
    free_hands,
    insist,
    looking_at,
    order,
    tell,
)
from tests.http.ways.people import supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")
RUNS = "/picker/v1/runs"
PROBLEMS = "/picker/v1/problems"


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nobody_holds_anything(world):
    for badge in ("1001", "1002"):
        await free_hands(world, badge)


async def id_of(world, number):
    return str(await world.value("SELECT id FROM orders WHERE number = $1", number))


async def of(handheld, run, tote):
    """A handheld's look at one order of a run."""
    (row,) = [row for row in run["orders"] if row["tote"] == tote]
    handheld.order = {"id": row["id"]}
    return await handheld.reread()


async def opened(world, *baskets):
    """A picker with a run of orders of these positions, all started."""
    ids = [await id_of(world, await order(world, *basket)) for basket in baskets]
    for n, id_ in enumerate(ids):
        await world.value(
            "UPDATE orders SET due_at = now() + make_interval(mins => $2) WHERE id = $1",
            id_,
            30 + n,
        )
    handheld = await device(world)
    answer = await handheld.post(RUNS, {"order_ids": ids})
    assert answer.status_code == 200, answer.text
    run = answer.json()
    for row in run["orders"]:
        await of(handheld, run, row["tote"])
        await handheld.do("start")
    return handheld, run


async def look(handheld, run):
    return (await handheld.get(f"{RUNS}/{run['id']}")).json()


async def test_a_run_has_a_tote_for_each_order_and_one_path_for_all(world):
    handheld, run = await opened(world, [BREAD, BANANAS], [BREAD], [BANANAS])
    assert [row["tote"] for row in run["orders"]] == ["A", "B", "C"]
    run = await look(handheld, run)
    assert [row["standing"] for row in run["orders"]] == ["open"] * 3
    stops = [(stop["line"]["sku"], stop["tote"]) for stop in run["path"]]
    assert stops == [(BREAD_ID, "A"), (BREAD_ID, "B"), (BANANAS_ID, "A"), (BANANAS_ID, "C")]
    assert [stop["line"]["path"] for stop in run["path"]] == [1, 2, 3, 4]
    assert [each["id"] for each in (await handheld.get(RUNS)).json()["runs"]] == [run["id"]]
    await of(handheld, run, "B")
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    assert len((await look(handheld, run))["path"]) == 3


async def test_a_scan_finds_the_order_that_needs_it_most(world):
    bread = {**BREAD, "id": "100201", "quantity": 1, "originalQuantity": 1}
    handheld, run = await opened(world, [bread], [BANANAS], [bread])
    code = (await look(handheld, run))["path"]
    raw = next(x["line"]["barcodes"][0] for x in code if x["line"]["sku"] == "100201")
    found = []
    for _ in range(3):
        answer = await handheld.post(f"{RUNS}/{run['id']}/scan", {"raw": raw})
        assert answer.status_code == 200, answer.text
        found.append((answer.json()["tote"], answer.json()["result"]["scan"]["outcome"]))
    assert found == [("A", "MATCHED"), ("C", "MATCHED"), ("A", "ALREADY_DONE")]


async def test_a_repeated_scan_of_a_run_adds_once(world):
    bread = {**BREAD, "id": "100201"}
    handheld, run = await opened(world, [bread], [bread])
    raw = (await look(handheld, run))["path"][0]["line"]["barcodes"][0]
    key = str(uuid.uuid4())
    answers = await asyncio.gather(
        *(
            insist(handheld.post, f"{RUNS}/{run['id']}/scan", {"raw": raw}, key=key)
            for _ in range(3)
        )
    )
    assert len({answer.content for answer in answers}) == 1
    assert (await of(handheld, run, "A"))["lines"][0]["picked"]["pieces"] == 1


async def test_a_code_of_no_order_is_answered_by_the_most_urgent(world):
    handheld, run = await opened(world, [BREAD], [BREAD])
    answer = await handheld.post(f"{RUNS}/{run['id']}/scan", {"raw": "nonsense"})
    assert (answer.json()["tote"], answer.json()["result"]["scan"]["outcome"]) == (
        "A", "UNKNOWN_CODE",
    )  # fmt: skip


async def test_a_run_is_all_of_its_orders_or_none(world):
    taken = await claimed(world, BREAD)
    free = await id_of(world, await order(world, BREAD))
    other = await device(world, "1002")
    refused = await other.post(RUNS, {"order_ids": [free, taken.order["id"]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "ALREADY_CLAIMED")
    assert (
        refused.json()["details"]["order"] == refused.json()["current"]["id"] == taken.order["id"]
    )
    assert await world.value("SELECT count(*) FROM pick_job WHERE order_id = $1", free) == 0
    assert (await other.get(RUNS)).json() == {"runs": []}


async def test_two_runs_of_the_same_orders_at_once_have_one_winner(world):
    ids = [await id_of(world, await order(world, BREAD)) for _ in range(3)]
    pair = await device(world), await device(world, "1002")
    answers = await asyncio.gather(
        insist(pair[0].post, RUNS, {"order_ids": ids}),
        insist(pair[1].post, RUNS, {"order_ids": ids[::-1]}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_run_by_count_takes_the_most_urgent_and_the_own_one_first(world):
    await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
    numbers = [await order(world, BREAD) for _ in range(4)]
    for n, number in enumerate(numbers):
        await world.value(
            "UPDATE orders SET due_at = now() + make_interval(mins => $2) WHERE number = $1",
            number, 10 * n,
        )  # fmt: skip
    handheld = await looking_at(world, numbers[3])
    await handheld.do("claim")
    run = (await handheld.post(RUNS, {"count": 3})).json()
    assert [row["number"] for row in run["orders"]] == [numbers[0], numbers[1], numbers[3]]
    left = await device(world, "1002")
    assert (await left.post(RUNS, {"count": 2})).status_code == 204  # one alone is no run
    assert (await left.post("/picker/v1/orders/next")).json()["order"]["number"] == numbers[2]
    assert (await left.post(RUNS, {"count": 2})).status_code == 204
    third = await supervisor(world)
    assert (await third.post(RUNS, {"count": 2})).status_code == 204


async def test_who_is_on_a_run_takes_no_other_order(world):
    handheld, run = await opened(world, [BREAD], [BREAD])
    other = await looking_at(world, await order(world, BREAD))
    refused = (await other.ask("claim")).json()
    assert (refused["code"], refused["details"]["run"]) == ("ALREADY_PICKING", run["id"])
    ids = [await id_of(world, await order(world, BREAD)) for _ in range(2)]
    assert (await handheld.post(RUNS, {"order_ids": ids})).json()["code"] == "ALREADY_PICKING"
    assert (await handheld.next())["order"]["id"] == run["orders"][0]["id"]


async def test_an_order_leaves_a_run_by_whatever_happens_to_it_and_the_rest_is_finished(world):
    handheld, run = await opened(world, [BREAD], [BREAD], [BREAD], [BREAD])
    numbers = {row["tote"]: row["number"] for row in run["orders"]}
    await tell(world, "order.canceled", numbers["A"])
    await of(handheld, run, "B")
    await handheld.do("release", reason="x")
    taker = await looking_at(world, numbers["C"], "1002")
    await taker.do("takeover", confirm=True)
    refused = (await handheld.post(f"{RUNS}/{run['id']}/finish")).json()
    assert refused["code"] == "LINES_NOT_CLOSED"
    assert [row["tote"] for row in refused["details"]["orders"]] == ["D"]
    await of(handheld, run, "D")
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    await handheld.do("complete")
    for _ in range(2):
        over = (await handheld.post(f"{RUNS}/{run['id']}/finish")).json()
    assert [row["standing"] for row in over["orders"]] == ["cancelled", "left", "left", "picked"]
    assert over["finished_at"]
    assert over["path"] == []
    await handheld.do("ready")
    assert (await handheld.get(RUNS)).json() == {"runs": []}


async def test_a_run_is_its_pickers_and_a_supervisor_may_look(world):
    _, run = await opened(world, [BREAD], [BREAD])
    colleague, boss = await device(world, "1002"), await supervisor(world)
    assert (await colleague.get(f"{RUNS}/{run['id']}")).json()["code"] == "RUN_NOT_FOUND"
    assert (await boss.get(f"{RUNS}/{run['id']}")).status_code == 200
    assert (await boss.post(f"{RUNS}/{run['id']}/finish")).json()["code"] == "RUN_NOT_FOUND"


@pytest.mark.parametrize(
    "body",
    [{}, {"order_ids": []}, {"order_ids": [str(uuid.UUID(int=7))]}, {"count": 1}, {"count": 5},
     {"order_ids": [str(uuid.UUID(int=1))] * 2}, {"order_ids": ["x", "y"]},
     {"order_ids": [str(uuid.UUID(int=n)) for n in range(5)]},
     {"count": 2, "order_ids": [str(uuid.UUID(int=n)) for n in range(2)]}],
)  # fmt: skip
async def test_a_run_of_too_few_or_too_many_is_a_bad_request(world, body):
    answer = await (await device(world)).post(RUNS, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


# Calls for help.


async def test_a_call_for_help_is_kept_seen_and_closed(world):
    handheld = await claimed(world, BREAD, MILK)
    line = handheld.line(BREAD_ID)["id"]
    asked = {"order_id": handheld.order["id"], "line_id": line, "text": " Нет ценника "}
    call = (await handheld.post(PROBLEMS, asked)).json()
    assert (call["text"], call["number"]) == ("Нет ценника", handheld.order["number"])
    boss = await supervisor(world)
    assert call in (await boss.get(PROBLEMS)).json()["problems"]
    for _ in range(2):
        closed = (await boss.post(f"{PROBLEMS}/{call['id']}/close")).json()
        assert closed["closed_at"]
    assert call["id"] not in {row["id"] for row in (await boss.get(PROBLEMS)).json()["problems"]}
    deeds = await world.value(
        "SELECT array_agg(detail ->> 'verb' ORDER BY id) FROM timeline WHERE order_id = $1"
        " AND detail ->> 'verb' LIKE 'problem%'", handheld.order["id"],
    )  # fmt: skip
    assert deeds == ["problem", "problem_closed"]
    await handheld.do("start")  # its version is as it was


@pytest.mark.parametrize(
    ("body", "code"),
    [({"text": ""}, "INVALID_BODY"), ({"text": "  "}, "REASON_REQUIRED"), ({}, "INVALID_BODY"),
     ({"text": "x" * 501}, "INVALID_BODY"), ({"text": "a\x00b"}, "INVALID_BODY"),
     ({"text": "x", "line_id": str(uuid.uuid4())}, "INVALID_BODY"),
     ({"text": "x", "order_id": str(uuid.uuid4())}, "ORDER_NOT_FOUND")],
)  # fmt: skip
async def test_a_call_about_nothing_is_refused(world, body, code):
    assert (await (await device(world)).post(PROBLEMS, body)).json()["code"] == code


async def test_calls_are_closed_by_supervisors_of_the_same_store(world):
    handheld = await device(world)
    call = (await handheld.post(PROBLEMS, {"text": "x"})).json()
    mine = (await handheld.post(f"{PROBLEMS}/{call['id']}/close")).json()
    assert mine["code"] == "ROLE_REQUIRED"
    stranger = await supervisor(world, "1209")
    assert (await stranger.get(PROBLEMS)).json() == {"problems": []}
    closed = (await stranger.post(f"{PROBLEMS}/{call['id']}/close")).json()
    assert closed["code"] == "PROBLEM_NOT_FOUND"
