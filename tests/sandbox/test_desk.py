"""The desk: who is there, what goes with them, what does not; the original's envelope."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.sandbox.credentials import PICKERS, SUPERVISORS
from app.sandbox.robot.arrivals import is_there
from app.sandbox.robot.desk import Desk
from app.sandbox.robot.facade import Facade
from app.sandbox.robot.handheld import Handheld, Refusal, Wire
from app.sandbox.robot.nature import Nature
from tests.sandbox.fake_picking import LUCKY, Slept


def order(**fields: Any) -> dict[str, Any]:
    wine = {"id": "1", "unit": "piece", "state": "picked", "picked": {"pieces": 2}, "min_age": 18}
    bananas = {"id": "2", "unit": "weight", "state": "short", "picked": {"pieces": 1, "grams": 900}}
    return {"lines": [wine, bananas], "check_age": 18, **fields}


def desk(**shares: float) -> Desk:
    nature = Nature(replace(LUCKY, **shares), Random(1), Slept())  # type: ignore[arg-type]
    client = httpx.AsyncClient(base_url="https://hub.test")

    async def nobody(_number: str) -> bool:
        return False

    return Desk(Handheld(client, SUPERVISORS[0], nature, uuid4), nature, nobody)


def test_who_is_old_enough_gets_everything():
    given = desk(minors=0, refusals_at_door=0).given(order(), ["B-1"])
    assert given["age_check"]["result"] == "passed"
    assert (given["bag_codes"], given["refused"]) == (["B-1"], [])


def test_who_is_too_young_gets_the_rest():
    given = desk(minors=1, refusals_at_door=0).given(order(), [])
    assert given["age_check"]["result"] == "failed"
    assert [(row["line_id"], row["quantity"]) for row in given["refused"]] == [("1", 2)]


def test_weighed_goods_are_refused_in_grams_and_nothing_twice():
    rows = [row for _ in range(20) for row in desk(minors=1, refusals_at_door=1).given(
        order(), [])["refused"]]  # fmt: skip
    assert all(row["quantity"] == (900 if row["line_id"] == "2" else 2) for row in rows)


@pytest.mark.parametrize(
    ("integration", "payment", "events", "there"),
    [
        ("delivery_by_sbermarket", "paid", ["order.created"], False),
        ("delivery_by_sbermarket", "not_paid", ["courier.arrived"], True),
        ("accounting_with_pickup", "not_paid", ["order.created"], False),
        ("accounting_with_pickup", "paid", ["order.paid"], True),
    ],
)
def test_a_courier_is_announced_and_a_customer_has_paid(integration, payment, events, there):
    webhooks = [{"event_type": event} for event in events]
    shipment = {"integration": integration, "paymentState": payment, "webhooks": webhooks}
    assert is_there(shipment) is there


async def test_the_originals_envelope_carries_the_same_verbs():
    seen: list[tuple[str, dict[str, Any]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.path.rpartition("/")[2], json.loads(request.content)))
        if len(seen) == 3:
            return httpx.Response(409, json={"error": {"code": "ORDER_CANCELLED", "message": "…"}})
        return httpx.Response(200, json={"requestId": "1", "result": None})

    client = httpx.AsyncClient(base_url="https://hub.test", transport=httpx.MockTransport(answer))
    device = Facade(Wire(client, Nature(LUCKY, Random(1), Slept())), PICKERS[3], "token", uuid4)
    assert await device.write("/orders/next", {}) is None
    body = {"reason": "не нашли", "shelf_empty": True}
    await device.write("/orders/7/lines/9/drop", body, 4)
    with pytest.raises(Refusal, match="409 ORDER_CANCELLED"):
        await device.write("/orders/7/complete", {}, 5)
    assert [method for method, _ in seen] == ["nextOrder", "dropItem", "completeOrder"]
    assert seen[1][1]["requestData"] == {
        "employee": "1202", "orderId": "7", "lineId": "9", "version": 4,
        "reason": "не нашли", "shelfEmpty": True,
    }  # fmt: skip
