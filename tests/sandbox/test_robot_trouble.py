"""The robot survives everything a hub may answer, or not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.sandbox.credentials import PICKERS
from app.sandbox.robot.handheld import Refusal
from tests.sandbox.fake_picking import (
    BANANAS,
    BREAD,
    LUCKY,
    MILK,
    TEA,
    FakePicking,
    Slept,
    line,
    problem,
    robot,
)


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
    slept = worker.hands.nature.sleep
    assert isinstance(slept, Slept)
    assert any(seconds >= longest for seconds in slept.seconds)


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
    claimed = await stubborn.queue.take()
    assert claimed is not None
    order["lines"].append(line(MILK) | {"barcodes": []})  # marks cannot be made for it
    await stubborn.pick(claimed)
    assert order["picker"] is None
    assert hub.log[-1] == "POST release"
