"""An order lives in a whole hub, and a retailer's own system hears of every step."""

import asyncio
import json
import random
from datetime import timedelta

import jsonschema_rs
import pytest

from app.actions.integrators import Subscription
from app.actions.issue import issue
from app.db import integrators
from app.domain.integrator import EventType
from app.render.order_event import schema
from scheduler.carrying import carrying
from tests.factories import BANANAS, BREAD, MILK, Handheld, news, placed
from tests.integrators.ears import all_believed, deaf, types, until
from tests.marketplaces.far import far, says, silence
from tests.stories import deliver_one


async def pick(api, handheld):
    await handheld.next()
    await handheld.do("start")
    await handheld.do("weigh", line="200101", grams=1040, source="scale")
    await handheld.do("short", line="300901", quantity=2, reason="shelf_empty")
    await handheld.do("drop", line="100101", reason="not_found")
    await handheld.do("complete")
    await handheld.do("ready")


async def test_a_whole_order_is_told_step_by_step_by_the_running_scheduler(ears, api, hub):
    async with far(says(200)) as side, carrying(hub):
        await ears.subscribe(side.url)
        await ears.place("H1", BREAD, BANANAS, MILK)
        await pick(api, await Handheld(api).sign_in())
        for event in ("order.paid", "order.received", "order.delivered", "order.canceled"):
            await ears.hook(news(event))
            await ears.work()
        await until(lambda: len(side.requests) >= 9)
        got = all_believed(side)
    assert [event["type"] for event in got] == [
        "order.placed", "order.accepted", "order.picking_started", "order.picked", "order.ready",
        "order.changed", "order.handed_over", "order.delivered", "order.returned",
    ]  # fmt: skip
    assert len({side.headers(n)["webhook-id"] for n in range(9)}) == 9
    order = got[3]["data"]["order"]
    assert (order["state"], order["final_total"]) == ("picked", 2 * 5450 + 13510)
    assert {line["sku"]: (line["state"], line["picked"], line.get("picked_grams"), line["total"])
            for line in order["lines"]} == {
        "300901": ("short", 2, None, 10_900),
        "200101": ("picked", 1, 1040, 13_510),
        "100101": ("dropped", 0, None, 0),
    }  # fmt: skip
    assert got[5]["data"]["order"]["paid"] is True
    assert (order["store"], order["account"], order["marketplace"]) == (
        "MSK-07",
        "sm-demo",
        "kuper",
    )


async def test_an_order_that_is_called_off_says_who_and_why(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url, events=["order.cancelled", "order.changed"])
        await ears.place()
        await ears.hook(placed("H1", BREAD, event="order.changed"))
        await ears.hook(news("order.canceled"))
        await ears.work()
        await ears.carry()
        got = all_believed(side)
    assert [event["type"] for event in got] == ["order.changed", "order.cancelled"]
    order = got[1]["data"]["order"]
    assert (order["state"], order["cancelled_by"]) == ("cancelled", "marketplace")
    assert [line["sku"] for line in got[0]["data"]["order"]["lines"]] == ["300901"]


async def test_a_document_is_told_when_it_is_issued(ears, api, hub):
    async with far(says(200)) as side:
        await ears.subscribe(side.url, events=["document.issued"])
        await deliver_one(api, hub, "H1", BREAD, BANANAS)
        assert await issue(hub) == 1
        assert await issue(hub) == 0
        await ears.carry()
        (event,) = all_believed(side)
    document = event["data"]["document"]
    kept = await ears.sql("SELECT number, total FROM document")
    assert [(document["number"], document["total"])] == [tuple(row) for row in kept]
    assert (document["kind"], document["order_number"]) == ("sale", "H1")


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_on_the_way_each_order_s_events_are_taken_in_their_order(ears, seed):
    chance = random.Random(seed)
    answers = [says(200), says(200), says(500), says(429, Retry_After="1"), says(404), silence]
    async with far(says(200)) as side:
        await ears.subscribe(side.url, parallel=3)
        for number in ("H1", "H2", "H3"):
            await ears.place(number)
        for _ in range(25):
            side.speaks[:] = [chance.choice(answers) for _ in range(6)] + [says(200)]
            number, what = chance.choice(["H1", "H2", "H3"]), chance.choice(NEWS)
            await ears.hook(what(number))
            await ears.work()
            if chance.random() < 0.6:
                await asyncio.gather(*(ears.carry() for _ in range(chance.randint(1, 3))))
            if chance.random() < 0.6:
                await ears.later()
        side.speaks[:] = [says(200)]
        async with asyncio.timeout(120):
            while any(row[0] != "done" for row in await ears.rows()):
                await ears.later()
                await ears.carry()
    wrote = await ears.sql(
        "SELECT o.number, d.message_id, e.type FROM integrator_delivery AS d"
        " JOIN integrator_event AS e ON e.id = d.event_id JOIN orders AS o ON o.id = e.order_id"
        " ORDER BY d.seq"
    )
    taken = await ears.sql(
        "SELECT o.number, d.message_id, e.type FROM integrator_attempt AS a"
        " JOIN integrator_delivery AS d ON d.id = a.delivery_id AND a.outcome = 'taken'"
        " JOIN integrator_event AS e ON e.id = d.event_id JOIN orders AS o ON o.id = e.order_id"
        " ORDER BY a.at, a.attempt"
    )
    for number in ("H1", "H2", "H3"):
        its = [tuple(row) for row in wrote if row["number"] == number]
        assert [tuple(row) for row in taken if row["number"] == number] == its
        assert [type_ for _, _, type_ in its][:2] == ["order.placed", "order.accepted"]


NEWS = (
    lambda number: news("order.paid", number),
    lambda number: news("order.received", number),
    lambda number: news("order.delivered", number),
    lambda number: news("order.canceled", number),
    lambda number: placed(number, BREAD, event="order.changed"),
    lambda number: placed(number, BREAD, BANANAS, event="order.changed"),
)


async def test_the_running_scheduler_stops_in_time_while_somebody_hangs(ears, hub):
    async with far(deaf) as side:
        await ears.subscribe(side.url)
        await ears.place()
        before = asyncio.all_tasks()
        async with carrying(hub, grace=0.1):
            await until(lambda: len(side.requests) == 1)
        assert asyncio.all_tasks() - before - side.at_work.keys() == set(), "nobody is left behind"
    ((state, _, attempts), *_) = await ears.rows()
    assert (state, attempts) == ("leased", 1), "it comes again when its lease ends"


async def test_two_running_schedulers_tell_each_event_once(ears, hub):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        async with carrying(hub), carrying(hub):
            for n in range(15):
                await ears.place(f"H{n}")
            await until(lambda: len(side.requests) >= 30)
            await asyncio.sleep(0.2)
    assert len(side.requests) == 30
    assert len({side.headers(n)["webhook-id"] for n in range(30)}) == 30


async def test_a_store_is_listened_to_and_the_others_are_not(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url, stores=["MSK-07"], events=["order.placed"])
        await ears.place()
        await ears.carry()
        assert types(side) == ["order.placed"]


@pytest.mark.parametrize("type_", EventType)
def test_a_schema_is_a_schema_and_refuses_what_is_no_event(type_):
    made = schema(type_)
    jsonschema_rs.meta.validate(made)
    check = jsonschema_rs.validator_for(made)
    assert not check.is_valid({})
    assert not check.is_valid({"type": type_.value, "timestamp": "x", "data": {}})
    assert not check.is_valid({"type": "other", "timestamp": "2026-03-02T10:00:00Z", "data": {}})
    json.dumps(made)


async def test_what_a_subscription_is_and_how_it_fares_is_told_whole(ears):
    await ears.subscribe("http://127.0.0.1:1", stores=["MSK-07"], pause_after_hours=2, parallel=3)
    (row,) = await ears.act(integrators.overview)
    assert (row["stores"], row["pause_after"], row["parallel"]) == (["MSK-07"], 7200, 3)
    shut = await ears.act(integrators.by_code, "shop")
    assert shut.integrator.pause_after == timedelta(hours=2)
    assert Subscription("x", "y").pause_after_hours == 120
