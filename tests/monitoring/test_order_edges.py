"""Where rules about orders begin, worsen, end, and keep silent because nothing is wrong."""

from datetime import timedelta

from tests.monitoring.mass import OTHER
from tests.monitoring.one_order import GONE, OPEN, PICKING, READY, C, W, as_said, judged, order
from tests.monitoring.sight import ON, seen

TAKEN = [
    ({"accepted_at": 4.9}, None),
    ({"accepted_at": 5}, W),
    ({"accepted_at": 9.9}, W),
    ({"accepted_at": 10}, C),
    ({"accepted_at": 10, "held": 1}, None),
    ({"accepted_at": 10, "held": -1}, None),  # its picker's lease ran out a minute ago
    ({"accepted_at": 30, "held": -6}, W),
    ({"accepted_at": 30, "held": (-20, 3)}, None),  # somebody else has a zone of it
    ({"accepted_at": 30, "held": 1, "claim": "open"}, C),  # given back
    ({"accepted_at": 600, "due_at": -121}, None),  # it begins to wait two hours before
    ({"accepted_at": 600, "due_at": -115}, W),
    ({"accepted_at": 600, "due_at": -110}, C),
    ({"accepted_at": 1.9, "due_at": -10}, None),  # nobody can have seen it yet
    ({"accepted_at": 2, "due_at": -24.9}, C),
    ({"accepted_at": 2, "due_at": -25}, None),
    ({"accepted_at": 0, "due_at": 1}, C),
    ({"accepted_at": 30, "state": "received"}, None),  # acceptance_late's
    ({"accepted_at": 30, "state": "picking"}, None),  # order_stuck's and order_late's
    ({"accepted_at": 30, "state": "cancelled"}, None),
]


async def test_an_order_nobody_takes(scene):
    await as_said(scene, "order_not_taken", [((), OPEN | case, said) for case, said in TAKEN])


async def test_when_a_pause_ends_pickers_have_their_time(scene):
    waits = await order(scene, **OPEN | {"received_at": 40, "accepted_at": 40})
    await scene.sql("UPDATE store SET paused = true")
    assert await judged(scene, "order_not_taken") == {}
    await scene.sql("UPDATE store SET paused = false")
    assert waits not in await judged(scene, "order_not_taken")
    scene.later(minutes=6)
    assert (await judged(scene, "order_not_taken"))[waits] == W


LATE = [
    (PICKING | {"due_at": -0.1}, None),
    (PICKING | {"due_at": 0}, C),
    (PICKING | {"state": "picked", "due_at": 3}, C),
    (OPEN | {"due_at": 3, "held": 5}, C),
    (OPEN | {"due_at": 3, "held": -1}, None),  # order_not_taken's
    (READY | {"due_at": 3}, None),
    (GONE | {"due_at": 3}, None),
]


async def test_an_order_that_is_not_ready_in_time(scene):
    await as_said(scene, "order_late", [((), case, said) for case, said in LATE])


RISK = [  # 20 lines at 30 s are 10 minutes
    (20, {"due_at": -10.1}, ON),
    (20, {"due_at": -10}, W),
    (20, {"due_at": -11.6}, ON),
    (20, {"due_at": -12}, None),
    (20, {"due_at": 1}, None),  # order_late's
    (0, {"due_at": -1}, None),
    (20, {"due_at": -5, "state": "accepted", "held": 3}, W),
    (20, {"due_at": -5, "state": "accepted"}, None),  # order_not_taken's
    (20, {"due_at": -5, "state": "picked"}, None),
    (300, {"due_at": -121}, None),  # nobody can say so early
]


async def test_an_order_that_will_be_late(scene):
    done = ["picked", "dropped", "todo:withdrawn"]
    cases = [([*done, *["todo"] * n], PICKING | case, said) for n, case, said in RISK]
    await as_said(scene, "order_at_risk", cases)


async def test_a_stores_own_pace_counts_when_enough_orders_say_it_and_only_there(scene):
    here = await order(scene, *["todo"] * 20, **PICKING | {"due_at": -15})
    there = await order(scene, *["todo"] * 20, store=OTHER, **PICKING | {"due_at": -15})
    pace = (
        "INSERT INTO store_pace (store_id, orders, pick_seconds, line_seconds, counted_at)"
        " SELECT id, $1, 600, $2, now() FROM store WHERE code = 'MSK-12'"
        " ON CONFLICT (store_id) DO UPDATE SET orders = $1, line_seconds = $2"
    )
    await scene.sql(pace, 4, 60.0)
    assert await judged(scene, "order_at_risk") == {}
    await scene.sql(pace, 5, 60.0)
    assert await judged(scene, "order_at_risk") == {there: W}
    await scene.sql(pace, 5, 9000.0)  # nobody needs hours for a line: a clock was wrong
    risky = await seen(scene, "order_at_risk")
    assert risky[OTHER]["pace"] == 300
    assert here not in await judged(scene, "order_at_risk")


STUCK = [
    (PICKING | {"changed_at": 14.8}, None),
    (PICKING | {"changed_at": 15}, W),
    (PICKING | {"changed_at": 29.8}, W),
    (PICKING | {"changed_at": 30}, C),
    (PICKING | {"state": "picked", "changed_at": 15}, W),
    (PICKING | {"changed_at": 60, "held": 5}, None),  # wrote 5 minutes ago, though it added nothing
    (PICKING | {"changed_at": 60, "held": -6}, W),
    (PICKING | {"changed_at": 60, "held": 20, "claim": "paused"}, None),
    (PICKING | {"changed_at": 60, "held": -14, "claim": "paused"}, None),
    (PICKING | {"changed_at": 60, "held": -15, "claim": "paused"}, W),
    (READY | {"changed_at": 60}, None),
    (READY | {"changed_at": 60, "courier": "assigned"}, None),
    (READY | {"changed_at": 9.9, "courier": "arrived"}, None),
    (READY | {"changed_at": 10, "courier": "arrived"}, W),
    (READY | {"changed_at": 20, "courier": "arrived"}, C),
    (OPEN | {"changed_at": 60}, None),
    (GONE | {"changed_at": 60, "courier": "arrived"}, None),
]


async def test_an_order_that_nothing_happens_to(scene):
    await as_said(scene, "order_stuck", [((), case, said) for case, said in STUCK])


async def test_nobody_knows_of_couriers_of_an_account_that_is_silent(scene):
    standing, picking = READY | {"courier": "arrived"}, PICKING
    before = await order(scene, **standing | {"changed_at": 16})
    since = await order(scene, **standing | {"changed_at": 14})
    shops = await order(scene, **picking | {"changed_at": 16})
    assert await judged(scene, "order_stuck") == {before: W, since: W, shops: W}
    await scene.sql(
        "INSERT INTO incident (id, rule, subject, level, state, account_id, seen_at)"
        " SELECT gen_random_uuid(), 'account_silent', id::text, 'warning', 'firing', id, $1"
        "   FROM account ORDER BY code LIMIT 1",
        scene.now - timedelta(minutes=5),
    )
    assert await judged(scene, "order_stuck") == {before: W, shops: W}
    await scene.sql("UPDATE incident SET state = 'resolved', resolved_at = $1", scene.now)
    assert await judged(scene, "order_stuck") == {before: W, since: W, shops: W}


ASTRAY = [
    (GONE | {"changed_at": 179}, None),
    (GONE | {"changed_at": 180}, W),
    (GONE | {"changed_at": 360}, C),
    (GONE | {"changed_at": 240, "delivery_to": -1}, None),  # the customer was promised it later
    (GONE | {"changed_at": 240, "delivery_to": 0}, W),
    (READY | {"changed_at": 600}, None),
    (GONE | {"changed_at": 600, "state": "delivered"}, None),
]


async def test_an_order_that_left_and_is_not_heard_of(scene):
    promises = []
    for case, said in ASTRAY:
        minutes = case.get("delivery_to", 999)
        id_ = await order(scene, **{k: v for k, v in case.items() if k != "delivery_to"})
        await scene.sql("UPDATE orders SET delivery_to = $2 WHERE id = $1",
                        id_, scene.now - timedelta(minutes=minutes))  # fmt: skip
        promises.append((id_, said))
    told = await judged(scene, "order_astray")
    assert [(id_, told.get(id_)) for id_, _ in promises] == promises


async def test_a_chains_night_has_limits_of_its_own(scene):
    await order(scene, **OPEN | {"accepted_at": 12})
    await scene.sql(
        "INSERT INTO rule_threshold (id, rule, merchant_id, store_id, from_hour, until_hour,"
        "   warn, critical)"
        " SELECT gen_random_uuid(), 'order_not_taken', merchant_id, id, 22, 6, 15, 30"
        "   FROM store WHERE code = 'MSK-07'"
    )
    for hour, said in ((12, C), (21, C), (23, None), (3, None), (6, C)):
        moved = scene.now.replace(hour=(hour - 3) % 24) - scene.now  # Moscow is 3 hours ahead
        scene.now += moved
        await scene.sql("UPDATE orders SET accepted_at = accepted_at + $1, due_at = due_at + $1",
                        moved)  # fmt: skip
        told = await judged(scene, "order_not_taken")
        assert [one for one in told.values() if one] == [said] * bool(said)
