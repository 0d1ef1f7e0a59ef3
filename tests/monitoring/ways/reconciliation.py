"""Ways to incidents about what a marketplace lists."""

from dataclasses import replace

from app.errors import RemoteUnavailable
from tests.factories import BREAD
from tests.reconciliation.market import Listing, World
from tests.stories import make_ready, place


async def listing(scene):
    """The scene's hub with a marketplace that has a list."""
    world = World(scene.hub, Listing())
    world.hub = scene.hub = replace(scene.hub, marketplaces={"kuper": world.market})
    await scene.sql("UPDATE account SET created_at = now() - interval '2 days'")
    return world


async def settled(scene, world):
    """A look; what it told is a moment old for monitoring."""
    await world.look()
    scene.later(seconds=30)


async def reconcile_state(scene):
    await place(scene.api, scene.hub, "H1", BREAD)
    await make_ready(scene.api, scene.hub)
    world = await listing(scene)
    world.market.show("H1", BREAD, state="collecting")
    await settled(scene, world)
    yield
    world.market.show("H1", {**BREAD, "state": "assembled"}, state="ready_to_ship", minutes=1,
                      total={"totalPrice": "163.50"})  # fmt: skip
    await settled(scene, world)


async def reconcile_goods(scene):
    await place(scene.api, scene.hub, "H1", BREAD)
    await make_ready(scene.api, scene.hub)
    world = await listing(scene)
    less = {**BREAD, "quantity": 2, "state": "assembled"}
    world.market.show("H1", less, state="ready_to_ship", total={"totalPrice": "163.50"})
    await settled(scene, world)
    yield
    world.market.show("H1", {**less, "quantity": 3}, state="ready_to_ship", minutes=1,
                      total={"totalPrice": "163.50"})  # fmt: skip
    await settled(scene, world)


async def reconcile_unknown(scene):
    await place(scene.api, scene.hub, "H1", BREAD)
    await scene.sql("UPDATE orders SET received_at = now() - interval '20 minutes'")
    world = await listing(scene)
    await world.look()
    await settled(scene, world)
    yield
    world.market.show("H1", BREAD, minutes=0.05)
    await settled(scene, world)


async def reconcile_late(scene):
    world = await listing(scene)
    world.market.breaks = [RemoteUnavailable("HTTP 502")]
    await world.look()
    await scene.sql("UPDATE account_gate SET failures = 0")
    scene.later(minutes=46)
    yield
    await world.look()
    await scene.sql("UPDATE reconciliation SET covered_until = $1", scene.now)
