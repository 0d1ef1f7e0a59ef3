"""Two cells for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.cells.two import Two, two_cells


@pytest.fixture
async def two(seeded: str, template: str) -> AsyncIterator[Two]:
    async with two_cells(seeded, template) as made:
        yield made
