"""Ways to incidents about documents on their way to an ERP."""

from contextlib import asynccontextmanager
from dataclasses import replace

from app.actions.replay import replay_dead
from app.db.queue import Queue
from app.sandbox.erp.books import Fail
from tests.erp.town import TOKEN, Town, with_stand_in


@asynccontextmanager
async def erp_of(scene):
    """An ERP of the scene's chain, with the hub's ways to it."""
    async with with_stand_in(scene.hub) as (town, erp):
        yield town, erp


async def document_undelivered(scene):
    async with erp_of(scene) as (town, erp):
        erp.say(fail_next=Fail(10_000, 502))
        await town.document()
        await town.carry()
        scene.later(minutes=31)
        yield
        erp.say(fail_next=Fail())
        await town.later()
        await town.carry()


async def document_refused(scene):
    async with erp_of(scene) as (town, erp):
        order = await town.order()
        sale = await town.document(order)
        await town.document(order, "return", sale)  # waits for the sale: no trouble of its own
        erp.say(refuse=[await town.number(sale)])
        await town.carry()
        scene.later(seconds=30)
        yield
        erp.say(refuse=[])
        async with scene.hub.pools.drains.acquire() as conn:
            await replay_dead(conn, Queue.ERP, 10, "operator")
        await town.carry()


async def document_unfetched(scene):
    town = Town(replace(scene.hub), http=None)
    await town.sql("UPDATE erp_destination SET active = false")  # the demo's
    await town.destination("night", "pull", token=TOKEN)
    await town.document()
    await town.carry()
    scene.later(days=1)
    yield
    await town.sql("UPDATE erp_delivery SET acknowledged_at = now()")
