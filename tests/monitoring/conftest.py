"""The scene that ways to incidents play on."""

import pytest

from tests.conftest import quick
from tests.monitoring.scene import Scene
from tests.stories import RecordingChat


@pytest.fixture
async def scene(api, hub):
    return Scene(api, quick(hub, chat=RecordingChat()))
