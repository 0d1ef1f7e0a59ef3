"""Where rules of quality begin, end, and keep silent because nothing can be said."""

import pytest

from app.actions.count import count
from app.actions.store_pace import pace
from tests.factories import BREAD, news, settle
from tests.monitoring.mass import HOME, OTHER, finished, midday
from tests.monitoring.sight import ON, levels, seen
from tests.stories import hook, make_ready, place

W, C = "warning", "critical"


def waited(minutes, orders=5):
    return orders, {"accepted_at": 30 + minutes, "picking_at": 30}


def late(orders, minutes=5):
    return orders, {"due_at": 30 + minutes, "ready_at": 30}


def at_the_door(minutes, orders=5, **own):
    moments = {"due_at": 60, "courier_arrived_at": 40 + minutes, "handed_over_at": 40}
    return orders, {**moments, **own}


WELL = 1, {}
WINDOWS = [
    ("start_slow", [waited(30, orders=4)], None),
    ("start_slow", [waited(5.9)], None),
    ("start_slow", [waited(6)], ON),
    ("start_slow", [waited(6.9)], ON),
    ("start_slow", [waited(7)], W),
    ("start_slow", [waited(14.9)], W),
    ("start_slow", [waited(15)], C),
    ("start_slow", [waited(30, orders=2), waited(1, orders=3)], None),  # half of them waited 1
    ("start_slow", [(5, {"accepted_at": 61 + 30, "picking_at": 61})], None),  # too long ago
    ("start_slow", [(5, {"accepted_at": 300, "picking_at": 30, "due_at": -90.5})], None),  # planned
    ("start_slow", [(5, {"accepted_at": 300, "picking_at": 30, "due_at": -60})], C),
    ("start_slow", [(5, {"accepted_at": None, "picking_at": 30})], None),
    ("on_time_low", [late(9)], None),
    ("on_time_low", [late(10)], C),
    ("on_time_low", [late(1), (9, {})], W),  # 90 % is not below 90
    ("on_time_low", [late(2), (17, {})], C),
    ("on_time_low", [late(1), (19, {})], ON),  # 95
    ("on_time_low", [late(1), (29, {})], None),
    ("on_time_low", [late(10, minutes=0)], None),  # ready when due
    ("on_time_low", [(10, {"due_at": 130, "ready_at": 120})], None),  # too long ago
    ("courier_wait", [at_the_door(9, orders=4)], None),
    ("courier_wait", [at_the_door(1.4)], None),
    ("courier_wait", [at_the_door(1.9)], ON),
    ("courier_wait", [at_the_door(2)], W),
    ("courier_wait", [at_the_door(5)], C),
    ("courier_wait", [at_the_door(30, due_at=39)], None),  # came before it was due
    ("courier_wait", [at_the_door(30, due_at=42)], W),
    ("courier_wait", [at_the_door(1, orders=4), at_the_door(7, orders=1)], W),
    ("courier_wait", [(20, {"due_at": 90, "handed_over_at": 40})], None),  # nobody was announced
]


@pytest.mark.parametrize("rule", ["start_slow", "on_time_low", "courier_wait"])
async def test_a_window_speaks_from_its_limit_on(scene, rule):
    for number, (_, orders, level) in enumerate(case for case in WINDOWS if case[0] == rule):
        await scene.sql("DELETE FROM orders")
        for how_many, moments in orders:
            await finished(scene, how_many, **moments)
        told = await levels(scene, rule)
        assert (number, orders, told) == (number, orders, {HOME: level} if level else {})


SLOW = {
    "start_slow": waited(30)[1],
    "on_time_low": {"due_at": 60, "ready_at": 30},
    "courier_wait": at_the_door(9)[1],
}


@pytest.mark.parametrize("rule", SLOW)
async def test_each_store_is_measured_by_its_own_orders(scene, rule):
    await finished(scene, 12, store=OTHER, **SLOW[rule])
    await finished(scene, 12)
    await finished(scene, 4, **SLOW["courier_wait"])
    assert list(await levels(scene, rule)) == [OTHER]


@pytest.mark.parametrize("rule", ["start_slow", "on_time_low"])
async def test_a_paused_store_is_not_slow(scene, rule):
    await finished(scene, 12, **SLOW[rule])
    await scene.sql("UPDATE store SET paused = true")
    assert await seen(scene, rule) == {}


async def test_a_courier_waits_from_when_the_marketplace_says_he_is_there(api, hub, scene):
    await place(api, hub, "H1", BREAD)
    await make_ready(api, hub)
    for event in ("courier.assigned", "courier.arrived", "courier.arrived"):
        await hook(api, news(event, said=event))
        await settle(hub)
    (first,) = await scene.sql("SELECT courier_arrived_at AS at FROM orders")
    await hook(api, news("order.received"))
    await settle(hub)
    (row,) = await scene.sql(
        "SELECT courier_arrived_at AS at, handed_over_at AS taken, state FROM orders"
    )
    assert row["at"] == first["at"] < row["taken"]
    assert row["state"] == "handed_over"


async def usual(scene, orders=30, minutes=10, lines=4, store=HOME):
    """The store's last days."""
    done = {"received_at": 1500, "picking_at": 1440 + minutes, "picked_at": 1440}
    await finished(scene, orders, ["picked"] * lines, store=store, **done)
    await count(scene.hub)
    await pace(scene.hub, scene.now)


def took(minutes):
    return {"accepted_at": 20 + minutes, "picking_at": 20 + minutes, "picked_at": 20}


PACES = [
    (11.9, 4, None), (12, 4, ON), (12.9, 4, ON), (13, 4, W), (19.9, 4, W), (20, 4, C),
    (40, 16, None), (5, 1, None), (30, 6, C), (30, 9, W),
]  # fmt: skip


async def test_slow_is_what_is_slow_by_the_order_and_by_the_line(scene):
    await usual(scene)
    for minutes, lines, level in PACES:
        new = await finished(scene, 5, ["picked"] * lines, **took(minutes))
        told = await levels(scene, "pick_slow")
        assert (minutes, lines, told) == (minutes, lines, {HOME: level} if level else {})
        await scene.sql("DELETE FROM order_line WHERE order_id = ANY ($1)", new)
        await scene.sql("DELETE FROM orders WHERE id = ANY ($1)", new)


async def test_one_order_that_took_for_ever_is_not_a_slow_store(scene):
    await usual(scene)
    await finished(scene, 4, ["picked"] * 6, **took(14))
    await finished(scene, 1, ["picked"] * 4, **took(50))
    assert await levels(scene, "pick_slow") == {}
    await finished(scene, 6, ["picked"] * 4, **took(14))
    assert await levels(scene, "pick_slow") == {HOME: W}


async def test_a_pace_is_the_stores_own(scene):
    await usual(scene)
    await usual(scene, minutes=40, store=OTHER)
    for store in (HOME, OTHER):
        await finished(scene, 5, ["picked"] * 4, store=store, **took(40))
    told = await seen(scene, "pick_slow")
    assert {store: (row["level"], row["usual_minutes"]) for store, row in told.items()} == {
        HOME: (C, 10)
    }


async def test_a_store_that_is_new_or_picked_four_orders_has_no_pace(scene):
    await usual(scene, orders=24)
    five = await finished(scene, 5, ["picked"] * 4, **took(60))
    assert await seen(scene, "pick_slow") == {}  # 24 orders are no habit
    await usual(scene, orders=10)
    assert await levels(scene, "pick_slow") == {HOME: C}
    await scene.sql("UPDATE orders SET picking_at = NULL WHERE id = $1", five[0])
    assert await levels(scene, "pick_slow") == {}


async def test_what_is_older_than_two_weeks_is_forgotten(scene):
    await usual(scene)
    scene.later(days=15)
    assert await pace(scene.hub, scene.now) == "0 stores"
    assert await scene.sql("SELECT FROM store_pace") == []


async def cancelled(scene, times, ago=5, **own):
    ended = {"state": "cancelled", "cancelled_by": "marketplace", "cancel_reason": "no_response"}
    await finished(scene, times, ended_at=ago, **{**ended, **own})


REJECTED = [
    (1, {}, W), (2, {}, C), (2, {"ago": 15}, None), (2, {"ago": 14.9}, C),
    (5, {"cancel_reason": "customer_request"}, None), (5, {"cancelled_by": "shop"}, None),
]  # fmt: skip


async def test_a_shop_that_does_not_react_is_near_being_closed(scene):
    for times, own, level in REJECTED:
        await scene.sql("DELETE FROM orders")
        await cancelled(scene, times, **own)
        told = await levels(scene, "auto_rejections")
        assert (times, own, list(told.values())) == (times, own, [level] if level else [])


async def test_rejections_of_two_stores_do_not_add_up(scene):
    await cancelled(scene, 1)
    await cancelled(scene, 1, store=OTHER)
    assert await levels(scene, "auto_rejections") == {HOME: W, OTHER: W}


async def test_orders_the_marketplace_was_ahead_of_us_with_are_counted(scene):
    for times, ago, level in ((1, 5, W), (2, 5, W), (3, 5, C), (3, 15, None)):
        await scene.sql("DELETE FROM orders")
        await finished(scene, times, implied=True, handed_over_at=ago, ready_at=None)
        await finished(scene, 30)
        told = await levels(scene, "state_mismatch")
        assert (times, ago, list(told.values())) == (times, ago, [level] if level else [])


async def test_an_order_that_travels_although_it_was_called_off_is_a_contradiction(scene):
    await place(scene.api, scene.hub, "H1", BREAD)
    await hook(scene.api, news("order.canceled"))
    await settle(scene.hub)
    for event in ("courier.assigned", "order.paid", "order.canceled"):  # late, and no wonder
        await hook(scene.api, news(event, late=True))
        await settle(scene.hub)
    scene.catch_up()
    scene.later(seconds=5)
    assert await seen(scene, "state_mismatch") == {}
    for event in ("order.received", "order.delivering", "order.delivered"):
        await hook(scene.api, news(event))
        await settle(scene.hub)
    scene.catch_up()
    scene.later(seconds=5)
    (told,) = (await seen(scene, "state_mismatch")).values()
    assert (told["value"], told["level"]) == (1, W)
    assert (told["unready"], told["cancelled"]) == (None, "H1 (MSK-07)")
    scene.later(minutes=15)
    assert await seen(scene, "state_mismatch") == {}


async def test_an_order_skipped_to_its_end_counts_once_and_by_the_skip(scene):
    await finished(scene, 1, implied=True, handed_over_at=None, ready_at=None, delivered_at=5)
    await finished(scene, 3, implied=True, handed_over_at=40, delivered_at=5)
    (what,) = (await seen(scene, "state_mismatch")).values()
    assert what["value"] == 1


async def test_a_store_where_all_is_well_is_seen_by_no_rule(scene):
    await midday(scene)
    await usual(scene)
    await finished(scene, 60, ["picked"] * 4, courier_arrived_at=71, ready_at=89)
    await count(scene.hub)
    quality = [rule for rule in scene.hub.rules.values() if rule.topic in ("quality", "documents")]
    assert {rule.name: await seen(scene, rule.name) for rule in quality} == {
        rule.name: {} for rule in quality
    }


async def test_a_pace_is_the_middle_of_all_orders_and_the_mean_of_all_lines(scene):
    for day, (minutes, lines, store) in enumerate(
        [(5, 1, HOME), (7, 2, HOME), (60, 3, HOME), (7, 4, HOME), (90, 1, OTHER)], start=1
    ):
        ago = 1440 * day
        done = {"received_at": ago + 100, "picking_at": ago + minutes, "picked_at": ago}
        await finished(scene, 1, ["picked"] * lines, store=store, **done)
    await count(scene.hub)
    assert await pace(scene.hub, scene.now) == "2 stores"
    told = await scene.sql(
        "SELECT code, orders, pick_seconds, round(line_seconds::numeric, 1)::text AS by_line"
        " FROM store_pace JOIN store ON store.id = store_id ORDER BY code"
    )
    assert [tuple(row) for row in told] == [(HOME, 4, 420, "474.0"), (OTHER, 1, 5400, "5400.0")]
