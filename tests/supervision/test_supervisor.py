"""What goes wrong beside the children keeps none of them from going on, or from ending in order."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from app.supervision.child import Child
from app.supervision.journal import LARGEST, Journal
from app.supervision.kept import Kept, Surroundings
from app.supervision.supervisor import Supervisor
from tests.ops.gateway import PATIENCE

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


class Told(list):
    """What was said."""

    def __call__(self, event, /, **words):
        self.append((event, words))

    async def of(self, event, name):
        async with asyncio.timeout(PATIENCE):
            while not any((said, words.get("name")) == (event, name) for said, words in self):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
def logs():
    with tempfile.TemporaryDirectory(prefix="hub-su-") as path:
        yield Path(path) / "log"


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def sleeper(logs, told):
    child = Child("sleeper", SLEEPER, stop_within=PATIENCE, holds_lock=False)
    return child, Surroundings(os.environ, Journal(logs), -1, told)


async def test_without_room_for_logs_all_goes_on_and_ends_in_order(logs, told, sleeper):
    child, around = sleeper
    ready = asyncio.Event()
    supervisor = Supervisor([[child]], around, ready.set)
    running = asyncio.create_task(supervisor.run())
    await ready.wait()
    (kept,) = supervisor._rows[0]
    (logs / "large.log.1").mkdir()  # nothing can be copied there
    with (logs / "large.log").open("wb") as large:
        large.truncate(LARGEST + 1)
    await told.of("problem", "logs")
    shutil.rmtree(logs)
    await asyncio.sleep(1.5)  # it looks again
    assert kept._process.code is None
    supervisor._stop.set()
    await running
    assert kept._process.code == -signal.SIGTERM
    assert [event for event, _ in told] == ["ready", "problem", "stopping", "stopped"]


async def test_a_child_that_cannot_be_started_just_now_is_started_later(logs, told, sleeper):
    kept = Kept(*sleeper)
    await kept.up()
    shutil.move(logs, logs.with_name("away"))
    kept._process.signal(signal.SIGKILL)
    await told.of("problem", "sleeper")
    shutil.move(logs.with_name("away"), logs)
    await told.of("back", "sleeper")
    assert kept._process.code is None
    await kept.down()
    assert kept._process.code == -signal.SIGTERM
