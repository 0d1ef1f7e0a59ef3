"""Ways to incidents about how well shops do: hours of orders as rows, one of them for real."""

from app.actions.count import count
from app.actions.store_pace import pace
from tests.factories import BANANAS, BREAD, Handheld, news, settle
from tests.monitoring.mass import finished, midday
from tests.stories import hook, make_ready, place

#: Shares of the same lines: too many of one outcome is too few of another.
ALONG = {
    "replacements_high": {"found_low"},
    "drops_high": {"fill_low"},
}


async def start_slow(scene):
    await finished(scene, 4, accepted_at=55, picking_at=35)
    await place(scene.api, scene.hub, "H1")
    handheld = await Handheld(scene.api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await _soon(scene)
    yield
    await finished(scene, 5, accepted_at=20, picking_at=19)


async def pick_slow(scene):
    for day in range(1, 4):
        ago = 1440 * day
        await finished(
            scene, 10, ["picked"] * 4, received_at=ago, picking_at=ago, picked_at=ago - 10
        )
    await count(scene.hub)
    await pace(scene.hub, scene.now)
    await finished(scene, 4, ["picked"] * 2, accepted_at=51, picking_at=50, picked_at=20)
    await a_real_one(scene)
    yield
    await finished(scene, 5, ["picked"] * 4, accepted_at=41, picking_at=40, picked_at=30)


async def on_time_low(scene):
    await finished(scene, 2, due_at=40, ready_at=30)
    await finished(scene, 7)
    await a_real_one(scene)
    yield
    await finished(scene, 40)


async def courier_wait(scene):
    await finished(scene, 4, courier_arrived_at=60, due_at=50, handed_over_at=40)
    await a_real_one(scene, "courier.arrived", "order.received")
    yield
    await finished(scene, 30, courier_arrived_at=71)


async def found_low(scene):
    await midday(scene)
    await finished(scene, 5, _of(20, short=1, replaced=1))
    await a_real_one(scene)
    await count(scene.hub)
    yield
    await finished(scene, 5, _of(20))
    await count(scene.hub)


async def fill_low(scene):
    await midday(scene)
    await finished(scene, 5, _of(50, short=3))
    await a_real_one(scene)
    await count(scene.hub)
    yield
    await finished(scene, 5, _of(50))
    await count(scene.hub)


async def replacements_high(scene):
    await midday(scene)
    await finished(scene, 5, _of(20, replaced=2))
    await a_real_one(scene)
    await count(scene.hub)
    yield
    await finished(scene, 5, _of(20))
    await count(scene.hub)


async def approvals_low(scene):
    await midday(scene)
    await finished(scene, 30)
    await count(scene.hub)
    await scene.sql("UPDATE store_hour SET proposed = 25, approved = 14, rejected = 8")
    yield
    await scene.sql("UPDATE store_hour SET approved = 20")


async def drops_high(scene):
    await midday(scene)
    await finished(scene, 5, [*_of(19), "dropped:expired"])
    await finished(scene, 1, [*_of(18), "dropped:out_of_stock", "dropped:out_of_stock"])
    await a_real_one(scene)
    await count(scene.hub)
    yield
    await finished(scene, 12, _of(20))
    await count(scene.hub)


async def cancels_by_store(scene):
    await midday(scene)
    await finished(scene, 18)
    off = {"state": "cancelled", "cancelled_by": "shop", "cancel_reason": "other"}
    await finished(scene, 1, ended_at=60, **off)
    await place(scene.api, scene.hub, "H1", BREAD)
    handheld = await Handheld(scene.api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("drop", line="300901", reason="out_of_stock")
    await handheld.do("complete")  # an empty shelf calls the order off
    await settle(scene.hub)
    await count(scene.hub)
    yield
    await finished(scene, 120)
    await count(scene.hub)


async def auto_rejections(scene):
    await place(scene.api, scene.hub, "H1")
    await hook(scene.api, news("order.canceled", cancellation={"slug": "acceptance_timeout"}))
    await _soon(scene)
    yield
    scene.later(minutes=15)


async def state_mismatch(scene):
    await place(scene.api, scene.hub, "H1")
    await hook(scene.api, news("order.received"))
    await _soon(scene)
    yield
    scene.later(minutes=15)


async def a_real_one(scene, *events):
    """An order picked at once by somebody, and what its marketplace then said of it."""
    await place(scene.api, scene.hub, "H1", BREAD, BANANAS)
    await make_ready(scene.api, scene.hub)
    for event in events:
        await hook(scene.api, news(event))
    await _soon(scene)


async def _soon(scene):
    """Everything is worked through, and what was done just now is in the past."""
    await settle(scene.hub)
    scene.later(seconds=30)


def _of(whole, **others):
    """States of so many lines: these, and the rest picked."""
    states = [state for state, times in others.items() for _ in range(times)]
    return states + ["picked"] * (whole - len(states))
