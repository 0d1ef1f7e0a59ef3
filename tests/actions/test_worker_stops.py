"""What a web worker's drains have in hand when it stops."""

import asyncio

from app.actions import pulse
from app.db.queue import Queue
from app.drains import GRACE, draining
from app.supervision import gunicorn
from app.supervision.child import Child
from app.supervision.worker import HubWorker
from tests.conftest import RecordingKuper, quick
from tests.factories import Handheld, placed
from tests.stories import hook, place


async def test_what_is_broken_off_is_put_down_before_the_pools_close(hub, api):
    begun, down = asyncio.Event(), []

    class Hanging(RecordingKuper):
        async def send(self, account, message):
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                async with hub.pools.drains.acquire() as conn:
                    down.append(await conn.fetchval("SELECT 1"))

    await place(api, hub)
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    async with draining(quick(hub, marketplaces={"kuper": Hanging()}), grace=0.05):
        await begun.wait()
    assert down == [1]


async def test_who_is_told_to_stop_claims_nothing_while_requests_are_under_way(hub, api):
    stopping = asyncio.Event()
    async with draining(hub, stopping):
        drains = [task for task in asyncio.all_tasks() if task.get_name() in set(Queue)]
        assert len(drains) == 2
        stopping.set()
        await asyncio.wait(drains)
        await hook(api, placed("H1"))
        async with hub.pools.drains.acquire() as conn:
            states = await conn.fetch("SELECT state FROM inbox")
    assert [state for (state,) in states] == ["waiting"]


def test_a_worker_has_time_for_requests_and_drains_and_its_goodbye_before_it_is_killed():
    requests = HubWorker.CONFIG_KWARGS["timeout_graceful_shutdown"]
    takes = requests + pulse.GRACE + pulse.GRACE + GRACE
    assert takes < gunicorn.graceful_timeout < Child("web", ()).stop_within
