"""A chain whose own systems listen."""

import pytest

from tests.integrators.ears import STRETCHED, ears_of


@pytest.fixture
async def ears(hub, api):
    async with ears_of(hub, api, STRETCHED) as found:
        yield found
