"""Where rules about people begin and end: questions, acceptances, handhelds, pauses, calls."""

from datetime import timedelta

from tests.monitoring.mass import OTHER
from tests.monitoring.one_order import OPEN, PICKING, READY, C, W, judged, order
from tests.monitoring.sight import seen

ASKED = [  # decide_minutes: asked 5 minutes before its end
    (1.1, 5, None),
    (1, 5, W),
    (-3, 5, C),  # nobody closed it
    (6, 10, W),
    (2, 10, C),
    (1, 3, None),
]


async def test_a_question_nobody_answers(scene):
    id_ = await order(scene, "proposed", "proposed", **PICKING)
    for left, minutes, said in ASKED:
        await scene.sql("UPDATE account SET rules = $1", {"decide_minutes": minutes})
        await scene.sql(
            "UPDATE order_line SET decide_by = $1 WHERE position = 0",
            scene.now + timedelta(minutes=left),
        )
        assert ((await judged(scene, "approval_waiting")).get(id_), left) == (said, left)
    await scene.sql("UPDATE orders SET state = 'cancelled'")
    assert await judged(scene, "approval_waiting") == {}


ACCEPTED = [
    (4.9, {}, None),
    (5, {}, W),
    (7.5, {}, C),
    (1.5, {"accept_minutes": 3}, W),
    (2.3, {"accept_minutes": 3}, C),
    (5, {"accept_minutes": 0}, W),
    (5, {"accept_minutes": 20}, None),
]


async def test_an_order_we_have_not_accepted(scene):
    id_ = await order(scene, **OPEN | {"state": "received", "accepted_at": None})
    for ago, own, said in ACCEPTED:
        await scene.sql("UPDATE account SET rules = $1", own)
        received = scene.now - timedelta(minutes=ago)
        await scene.sql("UPDATE orders SET received_at = $1", received)
        assert ((await judged(scene, "acceptance_late")).get(id_), own) == (said, own)
    await scene.sql("UPDATE orders SET state = 'accepted'")
    assert await judged(scene, "acceptance_late") == {}


UNSENT = [
    ("waiting", "accepted", "", C),
    ("leased", "accepted", "", C),
    ("parked", "accepted", "", C),
    ("waiting", "in_work", "", None),
    ("waiting", "accepted", ", replay_of = gen_random_uuid()", None),
    ("done", "accepted", ", finished_at = now()", None),
    ("dead", "accepted", ", finished_at = now(), reason = 'refused'", None),
]


async def test_an_acceptance_the_marketplace_does_not_know_of(scene):
    expected = {}
    for state, kind, changed, said in UNSENT:
        id_ = await order(scene, **PICKING | {"received_at": 8})
        (message,) = await scene.sql(
            "INSERT INTO outbox_message (id, order_id, account_id, kind)"
            " SELECT gen_random_uuid(), id, account_id, $2 FROM orders WHERE id = $1"
            " RETURNING id, account_id", id_, kind,
        )  # fmt: skip
        await scene.sql(
            "INSERT INTO outbox (queue, id, account_id, fifo_key) VALUES ('outbox', $1, $2, '')",
            *message,
        )
        await scene.sql(
            f"UPDATE outbox SET state = '{state}'{changed} WHERE id = $1", message["id"]
        )
        expected |= {id_: said} if said else {}
    assert await judged(scene, "acceptance_late") == expected


async def silent(scene):
    found = await seen(scene, "device_silent")
    return {store: (what["value"], what["level"]) for store, what in found.items()}


async def test_handhelds_that_are_silent_are_counted_by_store(scene):
    await order(scene, held=1, **PICKING)
    await order(scene, held=-1, claim="open", **PICKING)
    await order(scene, held=-1, claim="done", **PICKING)
    await order(scene, held=-1, **READY)  # nothing is left to be done with it
    await order(scene, held=(-5, 4), **PICKING)  # another picker is at it
    assert await silent(scene) == {}
    await order(scene, held=-1, **PICKING)
    await order(scene, held=(-1, -2), **PICKING)  # two zones are one order
    await order(scene, held=-1, store=OTHER, **OPEN)
    assert await silent(scene) == {"MSK-07": (2, W), "MSK-12": (1, W)}
    for _ in range(6):
        await order(scene, held=-1, claim="paused", **PICKING)
    assert (await silent(scene))["MSK-07"] == (8, C)
    assert len((await seen(scene, "device_silent"))["MSK-07"]["orders"].split(", ")) == 5


PAUSED = [
    ({"due_at": -61}, None),
    ({"due_at": -59.9}, W),
    ({"due_at": -24.9}, C),
    ({"due_at": 30}, C),
    ({"due_at": -10, "held": 3}, None),
    ({"due_at": -10, "held": -3}, C),
    ({"due_at": -10, "state": "picking"}, None),
]


async def test_a_pause_while_orders_wait(scene):
    await order(scene, **OPEN | {"accepted_at": 60, "due_at": -300})
    for case, said in PAUSED:
        id_ = await order(scene, **OPEN | {"accepted_at": 60} | case)
        await scene.sql("UPDATE store SET paused = false")
        assert await seen(scene, "store_paused") == {}
        await scene.sql("UPDATE store SET paused = true WHERE code = 'MSK-07'")
        found = (await seen(scene, "store_paused")).get("MSK-07", {})
        assert (found.get("level"), case) == (said, case)
        assert await judged(scene, "order_not_taken") == {}
        await scene.sql("UPDATE orders SET state = 'cancelled' WHERE id = $1", id_)


async def test_a_call_for_help_that_nobody_hears_worsens(scene):
    await scene.sql(
        "INSERT INTO help_request (id, store_id, picker_id, text, at)"
        " SELECT gen_random_uuid(), store_id, id, '?', $1 FROM picker LIMIT 1", scene.now,
    )  # fmt: skip
    for minutes, said in ((0, W), (14, W), (15, C)):
        (one,) = (await seen(scene, "help_wanted")).values()
        assert (one["value"], one["level"]) == (minutes, said)
        scene.later(minutes=14 if minutes == 0 else 1)


async def test_nobody_is_called_to_an_order_that_has_left(scene):
    await order(scene, "todo", **PICKING)
    await scene.sql(
        "INSERT INTO help_request (id, store_id, order_id, picker_id, text, at)"
        " SELECT gen_random_uuid(), orders.store_id, orders.id, picker.id, '?', $1"
        "   FROM orders, picker LIMIT 1", scene.now,
    )  # fmt: skip
    assert len(await seen(scene, "help_wanted")) == 1
    await scene.sql("UPDATE orders SET state = 'handed_over', handed_over_at = now()")
    assert await seen(scene, "help_wanted") == {}
