"""Working through a queue: each row's failure is its own, and the verdict stands in the row."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from app.actions.drain import BATCH, MARGIN, drain
from app.actions.slots import SIDE_BY_SIDE
from app.db import queue
from app.domain.retry import STEPS
from app.errors import LeaseLost, Malformed, NotYet, RemoteUnavailable
from tests.db.queues import S, claim, make_due, put, row, states


@pytest.fixture
def going():
    return asyncio.Event()


async def finish(hub, item):
    async with hub.pools.drains.acquire() as conn:
        await queue.finish(conn, item)


def failing(error):
    async def handle(hub, item):
        raise error

    return handle


async def in_queue(hub, *keys):
    async with hub.pools.drains.acquire() as conn:
        return [(await put(conn, key))[0] for key in keys]


async def look(hub, id_):
    async with hub.pools.drains.acquire() as conn:
        return await row(conn, id_)


async def now(hub):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetchval("SELECT clock_timestamp()")


@pytest.mark.parametrize(
    ("error", "state", "reason", "unsure"),
    [
        (Malformed("nonsense"), "dead", "malformed", False),
        (NotYet("early"), "parked", "early", False),
        (RemoteUnavailable("away"), "waiting", "remote_unavailable", False),
        (RemoteUnavailable("lost", ambiguous=True), "waiting", "remote_unavailable", True),
        (KeyError("a bug"), "waiting", "bug", False),
        (RecursionError("deep"), "waiting", "bug", False),
        (MemoryError("large"), "waiting", "bug", False),
        (asyncpg.DataError("a value too far"), "waiting", "bug", False),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogate"), "waiting", "bug", False),
        (ConnectionResetError("cut"), "waiting", "storage", False),
        (asyncpg.DeadlockDetectedError("circle"), "waiting", "storage", False),
        (TimeoutError(), "waiting", "storage", True),
    ],
)  # fmt: skip
async def test_every_failure_is_written_on_its_row(hub, going, error, state, reason, unsure):
    (id_,) = await in_queue(hub, "k")
    assert await drain(hub, S, failing(error), going) == 1
    found = await look(hub, id_)
    assert (found["state"], found["reason"], found["unsure"]) == (state, reason, unsure)
    assert found["last_error"]


async def test_a_poison_row_does_not_stop_the_others_and_is_buried_after_its_schedule(hub, going):
    poison, *good = await in_queue(hub, "poison", "a", "b", "c")

    async def handle(hub, item):
        if item.id == poison:
            raise ZeroDivisionError("poison")
        await finish(hub, item)

    for _ in range(len(STEPS) + 1):
        assert (await look(hub, poison))["state"] != "dead"
        await drain(hub, S, handle, going)
        async with hub.pools.drains.acquire() as conn:
            await make_due(conn)
    async with hub.pools.drains.acquire() as conn:
        assert await states(conn, [poison, *good]) == ["dead", "done", "done", "done"]
    assert (await look(hub, poison))["last_error"] == "ZeroDivisionError: poison"


async def test_trouble_with_the_database_is_tried_again_soon_and_never_buried(hub, going):
    (id_,) = await in_queue(hub, "k")
    soon, late = timedelta(seconds=2), timedelta(seconds=60)
    for _ in range(30):
        began = await now(hub)
        await drain(hub, S, failing(ConnectionResetError()), going)
        assert began + soon <= (await look(hub, id_))["due_at"] <= await now(hub) + late
        async with hub.pools.drains.acquire() as conn:
            await make_due(conn)
    assert (await look(hub, id_))["state"] == "waiting"


async def test_a_lost_lease_is_left_to_its_new_holder(hub, going):
    (id_,) = await in_queue(hub, "k")
    await drain(hub, S, failing(LeaseLost()), going)
    assert (await look(hub, id_))["state"] == "leased"


async def test_two_drains_at_once_keep_the_order_of_each_key_and_overlap_none(hub, going):
    for n in range(5):
        await in_queue(hub, *[f"k{n}"] * 4)
    running, seen = set(), {}

    async def handle(hub, item):
        assert item.fifo_key not in running
        running.add(item.fifo_key)
        await asyncio.sleep(0.002)
        seen.setdefault(item.fifo_key, []).append(item.created_at)
        running.remove(item.fifo_key)  # from the commit on, the next may begin anywhere
        await finish(hub, item)

    other = replace(hub, worker="other")
    while any(await asyncio.gather(*(drain(h, S, handle, going) for h in (hub, other)))):
        pass
    assert sorted(map(len, seen.values())) == [4] * 5
    assert all(times == sorted(times) for times in seen.values())


async def test_on_stopping_rows_in_hand_are_finished_and_the_others_given_back_uncounted(
    hub, going
):
    ids = await in_queue(hub, *(f"k{n}" for n in range(BATCH)))

    async def handle(hub, item):
        going.set()
        await asyncio.sleep(0.01)
        await finish(hub, item)

    await drain(hub, S, handle, going)
    async with hub.pools.drains.acquire() as conn:
        rows = [await row(conn, id_) for id_ in ids]
    done = [r for r in rows if r["state"] == "done"]
    back = [r for r in rows if r["state"] == "waiting"]
    assert 0 < len(done) <= SIDE_BY_SIDE
    assert len(done) + len(back) == BATCH
    assert {(r["attempts"], r["unsure"]) for r in back} == {(0, False)}


async def test_a_row_is_not_begun_when_its_lease_might_end_under_it(hub, going):
    """The far side is slow: the last rows of a batch would begin when others may have them."""
    await in_queue(hub, *(f"k{n}" for n in range(BATCH)))
    begun, late = [], asyncio.Event()

    async def slow(hub, item):
        begun.append(item.id)
        if len(begun) == SIDE_BY_SIDE:
            late.set()
        await late.wait()
        await finish(hub, item)

    await drain(hub, S, slow, going, clock=lambda: 2 * MARGIN if late.is_set() else 0.0)
    assert len(begun) == SIDE_BY_SIDE
    async with hub.pools.drains.acquire() as conn:
        again = await claim(conn, "other")
    assert len(again) == BATCH - SIDE_BY_SIDE
    assert {item.attempts for item in again} == {1}


async def test_a_queue_with_nothing_due_costs_nothing(hub, going):
    assert await drain(hub, S, failing(AssertionError()), going) == 0


async def test_the_log_of_a_failure_says_which_row_and_why_but_not_what_was_in_it(
    hub, going, capfd, caplog
):
    await in_queue(hub, "a", "b", "c")
    errors = [
        Malformed("not a price: '+70001112233'"),
        asyncpg.DataError("invalid input for query argument $2: {'phone': '+70001112233'}"),
        KeyError("+70001112233"),
    ]

    async def handle(hub, item):
        raise errors.pop()

    await drain(hub, S, handle, going)
    logs = "".join(capfd.readouterr()) + caplog.text
    assert logs.count("row failed") == 3
    assert "malformed" in logs
    assert "test_drain.py" in logs
    assert "70001112233" not in logs
