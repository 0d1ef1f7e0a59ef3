"""The hub's processes as monitoring hears them: web workers and schedulers that beat."""

from __future__ import annotations

import asyncio

from app.actions.pulse import beat
from app.domain.running import Running
from tests.conftest import quick

#: Far enough ahead of any clock that a test moves by minutes.
_AHEAD = "interval '1 day'"


def process(scene, role="web-1", host="shop-1", pid=1, **changes):
    """The same hub as another process sees it; beat(it) is heard."""
    running = Running(host, role, "1.0")
    return quick(scene.hub, worker=f"{host}:{role}:{pid}", running=running, **changes)


async def beat_promptly(scene, hub):
    """A beat that nothing held up on its way to the database and back: what it says of its clock is
    exact to a hundredth of a second."""
    async with asyncio.timeout(120):
        while True:
            await beat(hub)
            (row,) = await scene.sql("SELECT reach_ms FROM heartbeat WHERE worker = $1", hub.worker)
            if row["reach_ms"] < 20:
                return


async def alive(scene, *roles):
    """These processes have run for a day, and go on beating while the clock is moved."""
    for role in roles:
        hub = process(scene, role)
        await beat(hub)
        await scene.sql(
            f"UPDATE heartbeat SET pulsed_at = now() + {_AHEAD}, reached_since = now() - {_AHEAD},"
            f" started_at = now() - {_AHEAD} WHERE worker = $1",
            hub.worker,
        )


async def monitored(scene):
    """The scheduler goes on looking at everything while the clock is moved."""
    await scene.sql(
        "INSERT INTO tick (job, due_at, state, owner, lease_until, finished_at)"
        f" VALUES ('monitoring', now(), 'done', 'scheduler', now(), now() + {_AHEAD})"
    )
