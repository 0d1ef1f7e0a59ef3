"""The robot picks whole orders and survives everything a hub may answer, or not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.sandbox.credentials import PICKERS, Credentials, Picker
from app.sandbox.robot.handheld import Handheld, Refusal
from app.sandbox.robot.picker import RobotPicker
from app.sandbox.robot.run import pick_all
from app.sandbox.robot.temper import Temper
from tests.sandbox.conftest import until
from tests.sandbox.fake_picking import FakePicking, line, problem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BANANAS, CHEESE, TRAY, BREAD, TEA, MILK = (
    "200101",
    "200201",
    "200301",
    "100201",
    "100301",
    "100401",
)
LUCKY = Temper(shorts=0, drops=0)


class Slept:
    """Sleeping takes no time, but is remembered."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def robot(
    hub: Callable[[httpx.Request], httpx.Response],
    temper: Temper = LUCKY,
    *,
    seed: int = 1,
    picker: Picker = PICKERS[0],
) -> RobotPicker:
    client = httpx.AsyncClient(transport=httpx.MockTransport(hub), base_url="https://hub.test")
    handheld = Handheld(client, picker, temper, Random(seed), uuid4, Slept())
    return RobotPicker(handheld, lambda: NOW)


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
    await robot(hub, Temper(shorts=0.2, drops=0.2)).work(forever=False)
    states = [row["state"] for order in orders for row in order["lines"]]
    assert set(states) == {"picked", "short", "dropped"}
    assert {order["state"] for order in orders} == {"ready"}


async def test_an_order_is_never_left_without_any_goods():
    hub = FakePicking()
    orders = [hub.add(line(BREAD), line(TEA, 3)) for _ in range(10)]
    assert await robot(hub, Temper(shorts=0, drops=1.0)).work(forever=False) == 10
    assert all([row["state"] for row in o["lines"]] == ["dropped", "picked"] for o in orders)


def lost(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("the answer is lost")


def done_but_lost(hub: FakePicking) -> Callable[[httpx.Request], httpx.Response]:
    """The hub does what is asked, and the answer never arrives."""

    def fault(request: httpx.Request) -> httpx.Response:
        hub(request)
        return lost(request)

    return fault


def asked_to_wait(_request: httpx.Request) -> httpx.Response:
    return problem(429, "TOO_MANY_REQUESTS", **{"Retry-After": "7"})


def passing(_request: httpx.Request) -> None:
    """No fault this time."""


@pytest.mark.parametrize("at", range(2, 16))
async def test_a_lost_answer_anywhere_is_asked_for_again_with_the_same_key(at: int):
    hub = FakePicking()
    order = hub.add(line(BREAD), line(BANANAS, 1, 1000), line(MILK, 2))
    hub.faults = [passing] * at + [done_but_lost(hub)]
    assert await robot(hub).work(forever=False) == 1
    assert order["state"] == "ready"
    assert order["version"] <= 9  # nothing was done twice


@pytest.mark.parametrize(
    "fault",
    [
        lost,
        asked_to_wait,
        lambda _request: problem(503, "TEMPORARY"),
        lambda _request: problem(409, "OPERATION_IN_PROGRESS"),
        lambda _request: httpx.Response(502, text="<html>bad gateway</html>"),
    ],
)
async def test_a_hub_in_trouble_is_given_time(fault: Callable[[Any], httpx.Response]):
    hub = FakePicking()
    order = hub.add(line(BREAD), line(MILK))
    hub.faults = [passing, fault, fault, passing, fault, passing, passing, fault]
    worker = robot(hub)
    assert await worker.work(forever=False) == 1
    assert order["state"] == "ready"
    longest = 7 if fault is asked_to_wait else LUCKY.first_pause * 0.7
    assert isinstance(worker.handheld.sleep, Slept)
    assert any(seconds >= longest for seconds in worker.handheld.sleep.seconds)


async def test_a_session_that_ends_is_opened_again():
    hub = FakePicking()
    order = hub.add(line(BREAD), line(TEA))

    def expire(_request: httpx.Request) -> None:
        hub.session = "another"

    hub.faults = [passing] * 4 + [expire]
    assert await robot(hub).work(forever=False) == 1
    assert hub.log.count("POST sessions") == 2
    assert order["state"] == "ready"


async def test_a_wrong_pin_ends_the_robot():
    with pytest.raises(Refusal, match="PIN_WRONG"):
        await robot(FakePicking(), picker=PICKERS[1]).work(forever=False)


async def test_a_version_conflict_is_answered_by_looking_again():
    hub = FakePicking()
    order = hub.add(line(BREAD), line(TEA))

    def meddle(_request: httpx.Request) -> None:
        order["version"] += 5

    hub.faults = [passing] * 4 + [meddle]
    assert await robot(hub).work(forever=False) == 1
    assert order["state"] == "ready"


async def test_a_cancelled_order_is_left_for_the_next():
    hub = FakePicking()
    gone, next_one = hub.add(line(BREAD), line(TEA)), hub.add(line(BREAD))

    def cancel(_request: httpx.Request) -> None:
        gone["state"] = "cancelled"

    hub.faults = [passing] * 4 + [cancel]
    assert await robot(hub).work(forever=False) == 1
    assert (gone["state"], next_one["state"]) == ("cancelled", "ready")


async def test_an_order_that_keeps_refusing_is_given_back():
    hub = FakePicking()
    order = hub.add(line(BREAD))
    stubborn = robot(hub, replace(LUCKY, refusals=2))
    await stubborn.handheld.sign_in()
    claimed = (await stubborn.handheld.write("/orders/next", {}) or {})["order"]
    order["lines"].append(line(MILK) | {"barcodes": []})  # marks cannot be made for it
    await stubborn._pick(claimed)
    assert order["picker"] is None
    assert hub.log[-1] == "POST release"


async def test_an_order_with_a_tight_deadline_is_left_alone_until_it_is_late():
    hub = FakePicking()
    tight = hub.add(line(BREAD), due_at=(NOW + timedelta(minutes=5)).isoformat())
    usual = hub.add(line(BREAD), due_at=(NOW + timedelta(minutes=50)).isoformat())
    patient = robot(hub)
    assert await patient.work(forever=False) == 1
    assert (tight["state"], usual["state"]) == ("accepted", "ready")
    patient.clock = lambda: NOW + timedelta(minutes=6, seconds=30)
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
        assert isinstance(worker.handheld.sleep, Slept)
        totals.append(sum(worker.handheld.sleep.seconds))
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
    await worker.handheld.sign_out()
    assert hub.log[-1] == "DELETE current"


async def test_stopping_all_robots_closes_their_sessions_and_counts_what_was_done(
    credentials: Credentials,
):
    hub = FakePicking()
    credentials["pickers"] = credentials["pickers"][:1]
    credentials["base_url"] = "https://hub.test"
    orders = [hub.add(line(BREAD), due_at="2999-01-01T00:00:00+00:00") for _ in range(2)]
    temper = replace(LUCKY, pace=1e6)
    work = pick_all(credentials, forever=True, temper=temper, transport=httpx.MockTransport(hub))
    task = asyncio.create_task(work)
    await until(lambda: all(order["state"] == "ready" for order in orders))
    await until(lambda: hub.log[-1] == "POST next")
    task.cancel()
    assert await task == 2
    assert hub.log[-1] == "DELETE current"
