"""People in a chat with a hub."""

import pytest

from tests.telegram.talk import talking


@pytest.fixture
async def talk(api, hub):
    async with talking(hub) as running:
        yield running
