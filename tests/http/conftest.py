"""One hub for a module of tests of the web."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.flow.shared import World, world_of


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(seeded: str) -> AsyncIterator[World]:
    async with world_of(seeded) as made:
        yield made
