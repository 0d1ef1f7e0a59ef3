"""Which process brings documents, what it carries for that, and how it stops."""

import asyncio
import subprocess
import sys

import pytest

from app.actions.porter import Cargo, carry
from app.db import destinations
from app.db.queue import Queue
from app.sandbox.erp.books import Fail
from scheduler.carrying import carrying
from tests.erp.town import STRETCHED, with_stand_in

_LOADED = "import sys, app.main; print(*sorted({name.split('.')[0] for name in sys.modules}))"


def test_a_web_worker_never_loads_what_only_the_scheduler_needs():
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True, timeout=120
    )
    loaded = set(done.stdout.split())
    assert "starlette" in loaded
    assert not loaded & {"asyncssh", "scheduler", "apscheduler"}


@pytest.fixture
async def chain(hub):
    async with with_stand_in(hub, STRETCHED) as found:
        yield found


SENT = "SELECT count(*) FROM erp_delivery WHERE sent_at IS NOT NULL"


async def test_what_is_issued_here_goes_at_once_and_what_others_issued_soon(chain):
    town, _ = chain
    async with carrying(town.hub):
        await town.documents(2)
        town.hub.wakes[Queue.ERP].set()
        await town.until(SENT, 2)
        await town.documents(1)  # nobody says so
        await town.until(SENT, 3)


async def test_two_schedulers_bring_each_document_once(chain):
    town, erp = chain
    async with carrying(town.hub), carrying(town.hub):
        await town.documents(30)
        await town.until(SENT, 30)
    assert erp.books.counts["repeated"] == 0


async def test_stopping_brings_what_is_in_hand_to_its_end(chain):
    town, erp = chain
    erp.open.clear()
    await town.documents(6)
    async with carrying(town.hub, grace=600):
        await town.until("SELECT count(*) FROM erp_outbox WHERE state = 'leased'", 4)
        # Nothing is awaited before it is told to stop: so the ERP hears of none before that.
        asyncio.get_running_loop().call_soon(erp.open.set)
    states = [state for state, _, _ in await town.rows()]
    assert states.count("done") == len(erp.got) == 4
    assert states.count("waiting") == 2, "what was not begun is nobody's"


async def test_a_bug_ends_the_carrying_and_leaves_no_lane_behind(chain):
    town, _ = chain
    await town.documents(1)
    begun = asyncio.Event()

    async def busy(conn):
        if begun.is_set():
            raise RuntimeError("a bug")
        return await destinations.busy(conn)

    async def hand(_hub, _item):
        begun.set()
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="a bug"):
        await carry(town.hub, asyncio.Event(), Cargo(Queue.ERP, busy, hand))


async def test_an_erp_that_comes_back_is_found_by_itself(chain):
    town, erp = chain
    erp.say(fail_next=Fail(2, 500))
    async with carrying(town.hub):
        await town.documents(2)
        await town.until(
            "SELECT count(*) FROM erp_outbox WHERE state = 'waiting' AND attempts = 1", 2
        )
        await town.sql("UPDATE erp_outbox SET due_at = now()")
        await town.until(SENT, 2)
