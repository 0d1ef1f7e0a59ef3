"""How a handheld reaches the refusals of claims, runs and calls for help."""

from __future__ import annotations

import uuid

from tests.conftest import api_of, quick
from tests.factories import Handheld
from tests.http.picking import claimed, device, free_hands, looking_at, order
from tests.http.ways.people import supervisor


async def takeover_unconfirmed(world):
    holder = await claimed(world)
    await free_hands(world, "1002")
    return await (await looking_at(world, holder.order["number"], "1002")).ask("takeover")


async def already_picking(world):
    await claimed(world)
    return await (await looking_at(world, await order(world))).ask("claim")


async def run_not_found(world):
    return await (await device(world)).get(f"/picker/v1/runs/{uuid.uuid4()}")


async def problem_not_found(world):
    return await (await supervisor(world)).post(f"/picker/v1/problems/{uuid.uuid4()}/close")


async def store_paused(world):
    """A worker of its own: one that has just read the store goes on for some seconds."""
    number = await order(world)
    await free_hands(world)
    await world.value("UPDATE store SET paused = true WHERE code = 'MSK-07'")
    try:
        async with api_of(quick(world.hub, shops=type(world.hub.shops)())) as api:
            handheld = await looking_at(world, number)
            fresh = Handheld(api)
            fresh.headers, fresh.order = handheld.headers, handheld.order
            return await fresh.ask("claim")
    finally:
        await world.value("UPDATE store SET paused = false WHERE code = 'MSK-07'")
