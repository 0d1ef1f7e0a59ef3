"""The robot picks whole orders, leaves some alone on purpose, and stops when told to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.sandbox.credentials import Credentials
from app.sandbox.robot.run import pick_all
from tests.sandbox.conftest import until
from tests.sandbox.fake_picking import (
    BANANAS,
    BREAD,
    CHEESE,
    LUCKY,
    MILK,
    NOW,
    TEA,
    TRAY,
    FakePicking,
    Slept,
    line,
    robot,
)


def basket() -> list[dict[str, Any]]:
    return [
        line(BANANAS, 1, 1000),
        line(CHEESE, 3, 300),
        line(TRAY, 1, 800),
        line(BREAD, 1),
        line(TEA, 3),
        line(MILK, 1),
        line(MILK, 4),
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_whole_orders_are_picked_to_the_end(seed: int):
    hub = FakePicking()
    orders = [hub.add(*basket()) for _ in range(3)]
    assert await robot(hub, seed=seed).work(forever=False) == 3
    for order in orders:
        assert order["state"] == "ready"
        for row in order["lines"]:
            check_full(row)


def check_full(row: dict[str, Any]) -> None:
    assert row["state"] == "picked"
    if row["unit"] == "weight":
        error = abs(row["picked"]["grams"] - row["requested"]["grams"])
        assert error <= 0.06 * row["requested"]["grams"] + 1
    else:
        assert row["picked"]["pieces"] == row["requested"]["pieces"]
    assert len(row["marks"]) == (row["requested"]["pieces"] if row["marked"] else 0)
    assert all("\x1d93" in mark for mark in row["marks"])


async def test_luck_in_the_shop_differs():
    hub = FakePicking()
    orders = [hub.add(*basket()) for _ in range(40)]
    await robot(hub, replace(LUCKY, shorts=0.2, drops=0.2)).work(forever=False)
    states = [row["state"] for order in orders for row in order["lines"]]
    assert set(states) == {"picked", "short", "dropped"}
    assert {order["state"] for order in orders} == {"ready"}


async def test_an_order_is_never_left_without_any_goods():
    hub = FakePicking()
    orders = [hub.add(line(BREAD), line(TEA, 3)) for _ in range(10)]
    assert await robot(hub, replace(LUCKY, drops=1.0)).work(forever=False) == 10
    assert all([row["state"] for row in o["lines"]] == ["dropped", "picked"] for o in orders)


async def test_an_order_with_a_tight_deadline_is_left_alone_until_it_is_late():
    hub = FakePicking()
    tight = hub.add(line(BREAD), due_at=(NOW + timedelta(minutes=5)).isoformat())
    usual = hub.add(line(BREAD), due_at=(NOW + timedelta(minutes=50)).isoformat())
    patient = robot(hub)
    assert await patient.work(forever=False) == 1
    assert (tight["state"], usual["state"]) == ("accepted", "ready")
    patient.queue.clock = lambda: NOW + timedelta(minutes=6, seconds=30)
    assert await patient.work(forever=False) == 2
    assert tight["state"] == "ready"


async def test_what_was_claimed_before_a_restart_is_finished_first():
    hub = FakePicking()
    tight = hub.add(line(BREAD), due_at=(NOW + timedelta(minutes=5)).isoformat())
    begun = hub.add(line(BREAD), line(TEA))
    begun |= {"picker": "me", "state": "picking"}
    assert await robot(hub).work(forever=False) == 1
    assert (begun["state"], tight["state"]) == ("ready", "accepted")


async def test_the_pace_divides_the_thinking():
    totals = []
    for pace in (1.0, 10.0):
        hub = FakePicking()
        hub.add(*basket())
        worker = robot(hub, replace(LUCKY, pace=pace))
        await worker.work(forever=False)
        assert isinstance(worker.hands.nature.sleep, Slept)
        totals.append(sum(worker.hands.nature.sleep.seconds))
    assert totals[0] == pytest.approx(10 * totals[1])


async def test_for_ever_means_until_told_to_stop():
    hub = FakePicking()
    worker = robot(hub)
    task = asyncio.create_task(worker.work(forever=True))
    await asyncio.sleep(0.01)
    late = hub.add(line(BREAD))
    await until(lambda: late["state"] == "ready")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert worker.handheld is not None
    await worker.handheld.sign_out()
    assert hub.log[-1] == "DELETE current"


async def test_stopping_all_robots_closes_their_sessions_and_counts_what_was_done(
    credentials: Credentials,
):
    hub = FakePicking()
    credentials["pickers"] = credentials["pickers"][:1]
    credentials["supervisors"] = []
    credentials["base_url"] = "https://hub.test"
    orders = [hub.add(line(BREAD), due_at="2999-01-01T00:00:00+00:00") for _ in range(2)]
    temper = replace(LUCKY, pace=1e6)
    client = httpx.AsyncClient(base_url="https://hub.test", transport=httpx.MockTransport(hub))
    task = asyncio.create_task(pick_all(credentials, forever=True, temper=temper, client=client))
    await until(lambda: all(order["state"] == "ready" for order in orders))
    await until(lambda: hub.log[-1] in ("POST next", "GET stream"))
    task.cancel()
    assert await task == 2
    assert hub.log[-1] == "DELETE current"


async def test_goods_are_packed_by_temperature_and_staged():
    hub = FakePicking()
    cold = line(MILK) | {"temperature": "chilled"}
    order = hub.add(line(BREAD) | {"temperature": "ambient"}, cold)
    assert await robot(hub, replace(LUCKY, bagless=0)).work(forever=False) == 1
    assert {(bag["temperature"], bag["place"][:4]) for bag in order["bags"]} >= {
        ("chilled", "ST-C")
    }
    assert {bag["state"] for bag in order["bags"]} == {"sealed"}


async def test_where_no_place_has_room_the_bags_stay_at_the_table():
    hub = FakePicking(full=True)
    order = hub.add(line(BREAD) | {"temperature": "ambient"})
    assert await robot(hub, replace(LUCKY, bagless=0)).work(forever=False) == 1
    assert (order["state"], order["bags"][0].get("place")) == ("ready", None)


async def test_a_bag_too_many_is_not_used():
    hub = FakePicking()
    order = hub.add(line(BREAD) | {"temperature": "ambient"})
    assert await robot(hub, replace(LUCKY, bagless=0, spares=1.0)).work(forever=False) == 1
    assert hub.log.count("POST bags") == 2
    assert len(order["bags"]) == 1
