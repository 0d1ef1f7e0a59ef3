"""Deliveries become orders: in order, once, early ones waiting, late ones noted and ignored."""

import asyncio
from dataclasses import replace

import pytest

from app.actions.drain import drain
from app.actions.process import process
from app.db.queue import Queue
from tests.conftest import TOKEN
from tests.db.queues import make_due
from tests.factories import BANANAS, BREAD, MILK, Handheld, news, placed, settle


async def hook(api, content):
    answer = await api.post("/hooks/sm-demo", content=content, headers=TOKEN)
    assert answer.status_code == 200
    return answer


async def fetch(hub, sql, *args):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetch(sql, *args)


async def state(hub, number="H1"):
    rows = await fetch(hub, "SELECT state FROM orders WHERE number = $1", number)
    return rows[0]["state"] if rows else None


async def queue_states(hub, queue="inbox"):
    sql = "SELECT state, reason FROM queue_item WHERE queue = $1 ORDER BY seq"
    return [tuple(row) for row in await fetch(hub, sql, queue)]


async def timeline(hub):
    sql = "SELECT kind, detail FROM timeline ORDER BY at, id"
    return [(row["kind"], row["detail"]) for row in await fetch(hub, sql)]


def due(hub):
    async def now():
        async with hub.pools.drains.acquire() as conn:
            await make_due(conn)

    return now()


async def test_an_order_is_received_and_accepted_and_its_timeline_says_so(api, hub):
    await hook(api, placed("H1"))
    await settle(hub)
    assert await state(hub) == "accepted"
    (received, accepted) = await timeline(hub)
    assert received[0] == "delivery"
    assert received[1]["event"] == "order.created"
    assert (accepted[0], accepted[1]["to"], accepted[1]["version"]) == ("decision", "accepted", 2)


@pytest.mark.parametrize("early", ["order.canceled", "order.paid", "courier.assigned"])
async def test_news_before_its_order_waits_for_it_and_comes_after_it(api, hub, early):
    await hook(api, news(early))
    await settle(hub)
    assert await queue_states(hub) == [("parked", "early")]
    await hook(api, placed("H1"))
    await settle(hub)
    assert [each for each, _ in await queue_states(hub)] == ["done", "done"]
    assert await state(hub) == ("cancelled" if early == "order.canceled" else "accepted")


async def test_several_early_news_are_applied_in_the_order_in_which_they_came(api, hub):
    for event in ("order.paid", "order.received", "order.delivered"):
        await hook(api, news(event))
    await settle(hub)
    await hook(api, placed("H1"))
    await settle(hub)
    assert await state(hub) == "delivered"
    told = [detail.get("event") for kind, detail in await timeline(hub) if kind == "delivery"]
    assert told == ["order.created", "order.paid", "order.received", "order.delivered"]


async def test_news_whose_order_never_comes_is_buried_in_the_end(api, hub):
    await hook(api, news("order.paid", "H9"))
    for _ in range(10):
        await settle(hub)
        await due(hub)
    assert await queue_states(hub) == [("dead", "early")]


async def test_early_news_does_not_hold_up_other_orders_nor_its_own(api, hub):
    await hook(api, news("order.paid", "H1"))
    await settle(hub)
    await hook(api, placed("H2"))
    await hook(api, placed("H1"))
    await settle(hub)
    assert (await state(hub, "H1"), await state(hub, "H2")) == ("accepted", "accepted")


async def test_an_order_placed_twice_in_different_words_is_one_order(api, hub):
    await hook(api, placed("H1", BREAD))
    await hook(api, placed("H1", BREAD, comment="другими словами"))
    await settle(hub)
    assert len(await fetch(hub, "SELECT FROM orders")) == 1
    assert [each for each, _ in await queue_states(hub)] == ["done", "done"]
    assert "ignored" in (await timeline(hub))[-1][1]


@pytest.mark.parametrize("late", ["order.received", "courier.arrived", "order.canceled"])
async def test_old_news_is_noted_and_ignored(api, hub, late):
    for content in (placed("H1"), news("order.canceled", reason=1), news(late, x=2)):
        await hook(api, content)
    await settle(hub)
    assert await state(hub) == "cancelled"
    assert "ignored" in (await timeline(hub))[-1][1]
    assert {each for each, _ in await queue_states(hub)} == {"done"}


async def test_the_same_event_fifty_times_at_once_is_one_row_and_fifty_equal_answers(api, hub):
    content = placed("H1")
    answers = await asyncio.gather(*(hook(api, content) for _ in range(50)))
    assert len({(a.status_code, a.content) for a in answers}) == 1
    assert len(await queue_states(hub)) == 1


async def test_a_shuffled_story_ends_like_the_told_one(api, hub):
    story = [placed("H1"), news("courier.assigned"), news("courier.arrived"), news("order.paid"),
             news("order.received"), news("order.delivering"), news("order.delivered")]  # fmt: skip
    for content in (*story[3:], *story[:3]):
        await hook(api, content)
        await settle(hub)
    assert await state(hub) == "delivered"
    (row,) = await fetch(hub, "SELECT payment_state, sale_due FROM orders")
    assert tuple(row) == ("paid", True)


async def test_two_workers_at_once_keep_every_orders_own_order(api, hub):
    numbers = [f"H{n}" for n in range(8)]
    for number in numbers:
        await hook(api, placed(number))
        for event in ("order.received", "order.delivered", "order.canceled"):
            await hook(api, news(event, number))
    workers = [replace(hub, worker=f"w{n}") for n in range(3)]
    stop = asyncio.Event()
    while any(await asyncio.gather(*(drain(w, Queue.INBOX, process, stop) for w in workers))):
        pass
    assert {await state(hub, number) for number in numbers} == {"returned"}
    assert {each for each, _ in await queue_states(hub)} == {"done"}


async def test_a_change_before_picking_is_what_the_picker_sees(api, hub):
    await hook(api, placed("H1", BREAD, BANANAS))
    await hook(api, placed("H1", BREAD | {"quantity": 1, "originalQuantity": 1}, MILK,
                           event="order.changed"))  # fmt: skip
    await settle(hub)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    lines = {line["sku"]: (line["state"], line["requested"]["pieces"])
             for line in handheld.order["lines"]}  # fmt: skip
    assert lines == {
        BREAD["id"]: ("todo", 1), BANANAS["id"]: ("dropped", 1), MILK["id"]: ("todo", 2),
    }  # fmt: skip


async def test_an_unknown_event_shows_on_its_order(api, hub):
    await hook(api, placed("H1"))
    await hook(api, news("order.blessed"))
    await settle(hub)
    kind, detail = (await timeline(hub))[-1]
    assert (kind, detail["event"]) == ("delivery", "order.blessed")
    assert "ignored" in detail
    assert (await queue_states(hub))[-1] == ("done", "unknown_event")


async def test_a_bug_in_one_delivery_writes_nothing_of_it_and_stops_no_other(api, hub):
    await hook(api, placed("H1"))
    await hook(api, placed("H2"))
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(
            "ALTER TABLE orders ADD CONSTRAINT a_bug CHECK (number <> 'H1' OR state = 'received')"
        )
    await settle(hub)
    assert (await state(hub, "H1"), await state(hub, "H2")) == (None, "accepted")
    assert len(await fetch(hub, "SELECT FROM order_contact")) == 1
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("ALTER TABLE orders DROP CONSTRAINT a_bug")
        error = await conn.fetchval("SELECT last_error FROM inbox WHERE state = 'waiting'")
    assert "Тестовая" not in error
    assert "DETAIL" not in error
    await due(hub)
    await settle(hub)
    assert await state(hub, "H1") == "accepted"


async def test_an_account_that_is_paused_is_taken_in_and_worked_on_later(api, hub):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("UPDATE account SET active = false")
    await hook(api, placed("H1"))
    await settle(hub)
    assert await state(hub) is None
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("UPDATE account SET active = true")
    await settle(hub)
    assert await state(hub) == "accepted"
