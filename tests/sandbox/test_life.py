"""Orders live: they reach the hub in order and once more when it is away, and end delivered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.responses import JSONResponse, Response

from app.sandbox.kuper.shares import Bounds, Pace, Shares
from app.sandbox.settings import SandboxSettings
from tests.sandbox.conftest import Bench, bench_of, until

BREAD, BANANAS = "100201", "200101"
WALK = [
    "order.created",
    "courier.assigned",
    "courier.arrived",
    "order.paid",
    "order.received",
    "order.delivering",
    "order.delivered",
]


def delivered(bench: Bench, order_id: str) -> Callable[[], bool]:
    return lambda: "order.delivered" in bench.hub.events(order_id)


async def test_an_order_is_walked_from_its_creation_to_the_customers_door():
    settings = SandboxSettings(rate=0, seed=7, pace=Pace(factor=0.02))
    async with bench_of(settings) as bench:
        order_id = await bench.order(
            plays=True, positions=[{"id": BREAD}, {"id": BANANAS, "weight": 1000}]
        )
        assert (await bench.notify(order_id, "in_work")).status_code == 200
        await until(lambda: "courier.arrived" in bench.hub.events(order_id))
        answer = await bench.ready(order_id, {"id": BANANAS, "quantity": 1, "weight": "1050"})
        assert answer.status_code == 200
        await until(delivered(bench, order_id))
        assert bench.hub.events(order_id) == WALK
        paid = next(row for row in bench.hub.got if row["event_type"] == "order.paid")
        assert paid["payload"]["total"]["totalPrice"] == "136.40"
        shipment = await bench.shipment(order_id)
        assert (shipment["state"], shipment["paymentState"]) == ("shipped", "paid")
        assert shipment["number"] == f"OWN-{order_id}"
        assert [item["state"] for item in shipment["items"]] == ["canceled", "assembled"]


@pytest.mark.parametrize("wrong", [0.0, 1.0])
async def test_a_payment_is_of_another_sum_only_where_that_is_switched_on(wrong: float):
    settings = SandboxSettings(rate=0, seed=7, pace=Pace(factor=0.02))
    async with bench_of(settings) as bench:
        await bench.http.post("/kuper/_control", json={"wrong_sums": wrong})
        order_id = await bench.order(plays=False, positions=[{"id": BREAD, "quantity": 2}])
        paid = {"event": "order.paid", "wait": True}
        await bench.notify(order_id, "in_work")
        await bench.ready(order_id, {"id": BREAD, "quantity": 2})
        for said in (wrong, 0.0):  # once it is switched off, the right sum can be told again
            await bench.http.post("/kuper/_control", json={"wrong_sums": said})
            await bench.http.post(f"/kuper/_orders/{order_id}/events", json=paid)
        sums = [
            float(row["payload"]["total"]["discountTotalPrice"])
            for row in bench.hub.got
            if row["event_type"] == "order.paid"
        ]
        assert sums[-1] == 129.8
        assert 0.01 * wrong <= sums[0] - sums[-1] <= 10 * wrong + 1e-9


async def test_webhooks_carry_the_hubs_token(bench: Bench):
    await bench.order()
    assert bench.hub.tokens == [bench.credentials["accounts"][0]["headers"]["Client-Token"]]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_hub_that_is_away_gets_the_same_bytes_again_and_in_order(bench: Bench, status: int):
    bench.hub.answers = [Response(status_code=status)] * 3
    order_id = await bench.order()
    await bench.http.post(f"/kuper/_orders/{order_id}/events", json={"event": "order.canceled"})
    await until(lambda: len(bench.hub.got) == 2)
    assert bench.hub.events(order_id) == ["order.created", "order.canceled"]
    first = (await bench.shipment(order_id))["webhooks"][0]
    assert (first["outcome"], first["attempts"]) == ("accepted", 4)
    assert first["body"].encode() == bench.hub.raw[0]


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=403),
        Response(status_code=400),
        JSONResponse({"status": "ok"}),
        JSONResponse({"status": "created"}),
        Response(content=b"not json", status_code=200),
    ],
)
async def test_a_refusal_is_final_counted_and_shown(bench: Bench, answer: Response):
    bench.hub.answers = [answer]
    order_id = await bench.order()
    state = (await bench.http.get("/kuper/_state")).json()
    assert state["counts"]["webhooks_refused"] == 1
    assert state["refusals"][0]["order"] == order_id
    assert bench.hub.got == []


async def test_a_hub_that_never_comes_back_is_given_up_in_the_end(bench: Bench):
    bench.hub.answers = [Response(status_code=503)] * 100
    order_id = await bench.order()
    found = bench.app.state.kuper.book.find(order_id).webhooks[0]
    await until(lambda: found.outcome == "given_up")
    assert found.attempts == 8


async def test_webhooks_are_doubled_when_asked(bench: Bench):
    await bench.set(duplicate_next=1)
    first, second = await bench.order(), await bench.order()
    await until(lambda: len(bench.hub.got) == 3)
    assert bench.hub.events(first) == ["order.created"] * 2
    assert bench.hub.events(second) == ["order.created"]
    assert bench.hub.raw[0] == bench.hub.raw[1]


async def test_webhooks_are_shuffled_when_asked(bench: Bench):
    await bench.set(shuffle=True, shuffle_within=0.5)
    order_id = await bench.order(wait=False)
    events = [f"test.event_{n}" for n in range(12)]
    url = f"/kuper/_orders/{order_id}/events"
    bodies = [{"event": event, "wait": False} for event in events]
    await asyncio.gather(*(bench.http.post(url, json=body) for body in bodies))
    await until(lambda: len(bench.hub.got) == 13)
    got = bench.hub.events(order_id)
    assert sorted(got) == sorted([*events, "order.created"])
    assert got != ["order.created", *events]


@pytest.mark.parametrize(
    ("trouble", "event"),
    [("cancel_early", "order.canceled"), ("change", "order.changed"), ("change", "order.updated")],
)
async def test_customers_make_trouble(quick: SandboxSettings, trouble: str, event: str):
    settings = replace(quick, seed=0 if event == "order.changed" else 1)
    async with bench_of(settings) as bench:
        found = []
        for _ in range(12):
            order_id = await bench.order(plays=True, trouble=trouble)
            await until(lambda order_id=order_id: len(bench.hub.events(order_id)) == 2)
            found += bench.hub.events(order_id)[1:]
        assert event in found


async def test_a_customer_may_cancel_while_the_order_is_picked(bench: Bench):
    order_id = await bench.order(plays=True, trouble="cancel_late")
    await bench.notify(order_id, "in_work")
    await until(lambda: "order.canceled" in bench.hub.events(order_id))
    assert (await bench.shipment(order_id))["state"] == "canceled"
    assert (await bench.ready(order_id)).status_code == 422


async def test_an_order_of_which_nothing_was_found_is_cancelled(bench: Bench):
    order_id = await bench.order(plays=True, positions=[{"id": BREAD}])
    await bench.notify(order_id, "in_work")
    assert (await bench.ready(order_id, {"id": BREAD, "quantity": 0})).status_code == 200
    await until(lambda: "order.canceled" in bench.hub.events(order_id))


async def test_with_the_shops_own_courier_only_the_payment_is_played(bench: Bench):
    order_id = await bench.order(plays=True, integration="delivery_by_retailer")
    await bench.notify(order_id, "in_work")
    composition = {"originalOrderId": order_id, "changed": False}
    await bench.notify(order_id, "ready_for_delivery", order=composition)
    await until(lambda: "order.paid" in bench.hub.events(order_id))
    assert (await bench.notify(order_id, "delivering")).status_code == 200
    assert (await bench.notify(order_id, "delivered")).status_code == 200
    assert bench.hub.events(order_id) == ["order.created", "order.paid"]


async def test_an_order_on_demand_has_what_was_wished(bench: Bench):
    order_id = await bench.order(
        store="EKB-03",
        kind="tight",
        positions=[
            {"id": BANANAS, "weight": "1500", "percent_off": 10},
            {"id": BREAD, "quantity": 3},
        ],
        fields={"comment": None, "replacementPolicy": "replace", "extra": {"x": 1}},
    )
    payload = bench.hub.got[0]["payload"]
    assert payload["originalOrderId"] == order_id
    assert payload["storeImportKey"] == "EKB-03"
    assert payload["completeBefore"].endswith("+05:00")
    assert [row["id"] for row in payload["positions"]] == [BANANAS, BREAD]
    assert payload["positions"][0]["quantity"] == 1.5
    assert payload["positions"][0]["totalDiscountPrice"] == "175.37"
    assert (payload["comment"], payload["extra"]) == (None, {"x": 1})


@pytest.mark.parametrize(
    "wish", [{"store": "X"}, {"positions": [{"id": "0"}]}, {"colour": 1}, {"kind": "soon"}]
)
async def test_an_impossible_wish_is_refused(bench: Bench, wish: dict[str, object]):
    answer = await bench.http.post("/kuper/_orders", json=wish)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_events_on_demand_take_the_order_over(bench: Bench):
    order_id = await bench.order(plays=True)
    for event in ("order.changed", "courier.assigned", "order.paid", "order.delivered"):
        answer = await bench.http.post(f"/kuper/_orders/{order_id}/events", json={"event": event})
        assert answer.json()["webhook"]["status"] == 200
    assert answer.json()["state"] == "shipped"
    assert not (await bench.shipment(order_id))["plays"]
    assert len(bench.hub.got) == 5
    answer = await bench.http.post("/kuper/_orders/H0/events", json={"event": "order.paid"})
    assert answer.status_code == 404


async def test_orders_come_at_their_rate_and_only_the_newest_are_remembered():
    settings = SandboxSettings(
        rate=6000, seed=3, shares=Shares(), bounds=replace(Bounds(), shipments=10)
    )
    async with bench_of(settings) as bench:
        await until(lambda: len(bench.hub.got) >= 30)
        await bench.set(rate=0)
        state = (await bench.http.get("/kuper/_state")).json()
        assert state["known"] == 10
        assert state["counts"]["orders_created"] >= 30
        newest = [row["payload"]["originalOrderId"] for row in bench.hub.got]
        assert len(set(newest)) == len(newest)
        json.dumps(state)


async def test_the_front_page_names_both_stand_ins_in_the_readers_language(bench: Bench):
    await bench.order()
    english = await bench.http.get("/", headers={"Accept-Language": "en-GB"})
    russian = await bench.http.get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.8"})
    assert "orders created" in english.text
    assert "заказов создано" in russian.text
    assert 'href="telegram/"' in russian.text
