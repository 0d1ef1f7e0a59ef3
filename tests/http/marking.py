"""The same shop beside a marking system: the real adapter before the sandbox's stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.conftest import api_of
from tests.flow.shared import World
from tests.marking.shared import Register, asking, register


@asynccontextmanager
async def checked(world: World, mode: str = "permissive") -> AsyncIterator[tuple[World, Register]]:
    """The world with a marking system that answers; MSK-07 asks it in this mode."""
    system = register()
    moments = iter(range(10**6))
    marking = asking(system, clock=lambda: 1000.0 * next(moments))  # a pause is over at once
    await world.value("UPDATE store SET mark_check = $1 WHERE code = 'MSK-07'", mode)
    hub = replace(world.hub, marking=marking, shops=type(world.hub.shops)())
    try:
        async with api_of(hub) as api:
            yield World(hub, api), system
    finally:
        await world.value("UPDATE store SET mark_check = 'permissive' WHERE code = 'MSK-07'")
