"""Ways to incidents about events on their way to a retailer's own systems."""

from contextlib import asynccontextmanager

from app.actions import integrators as acting
from app.db import integrators
from tests.factories import news
from tests.integrators.ears import ears_of
from tests.marketplaces.far import far, says


@asynccontextmanager
async def told(scene, *speaks, **said):
    """A system that is told of an order, and answers so."""
    async with far(*speaks) as side, ears_of(scene.hub, scene.api) as ears:
        await ears.subscribe(side.url, events=["order.placed"], **said)
        await ears.place("EARS-1")
        await ears.carry()
        await ears.hook(news("order.canceled", "EARS-1"))  # or somebody would have to take it
        await ears.work()
        yield ears, side


async def integrator_failing(scene):
    async with told(scene, says(500)) as (ears, side):
        scene.later(minutes=61)
        yield
        side.speaks[:] = [says(200)]
        await ears.later()
        await ears.carry()


async def integrator_paused(scene):
    async with told(scene, says(410)) as (ears, side):
        scene.later(seconds=30)
        yield
        side.speaks[:] = [says(200)]
        await ears.act(integrators.resume, "shop")
        await ears.carry()


async def integrator_missed(scene):
    async with told(scene, says(200)) as (ears, side):
        side.speaks[:] = [says(500)]
        await ears.place("EARS-2")
        await ears.hook(news("order.canceled", "EARS-2"))
        await ears.work()
        await ears.sql("UPDATE event_outbox SET attempts = 9 WHERE state = 'waiting'")
        await ears.sql("UPDATE integrator SET taken_at = now()")
        await ears.carry()
        yield
        side.speaks[:] = [says(200)]
        assert await ears.act(acting.resend_given_up, "shop", 10, "operator") == 1
        await ears.carry()
