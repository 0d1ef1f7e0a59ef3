"""Group commit: neighbours share a commit, and only a commit; nobody waits for ever."""

import asyncio

import pytest

from app.actions.gather import MOST, GroupCommit
from app.contract import Reply
from app.errors import StorageAway
from tests.db.test_inbox import arrival, count

FIRST = Reply(200, b"first")
#: Seconds: what is to be stored here is, however long this machine takes.
PATIENT = 60.0


async def stored(pool):
    async with pool.acquire() as conn:
        return {row["dedupe_key"] for row in await conn.fetch("SELECT dedupe_key FROM inbox_key")}


async def test_what_arrives_together_is_stored_and_each_hears_its_own_reply(pool):
    commits = GroupCommit(pool, PATIENT)
    arrivals = [arrival(str(n), answer=str(n).encode()) for n in range(2 * MOST + 1)]
    replies = await asyncio.gather(*map(commits.store, arrivals))
    assert [reply.body for reply in replies] == [str(n).encode() for n in range(2 * MOST + 1)]
    assert len(await stored(pool)) == 2 * MOST + 1


async def test_fifty_repeats_at_once_are_one_row_and_fifty_equal_answers(pool):
    commits = [GroupCommit(pool, PATIENT) for _ in range(4)]
    arrivals = [arrival("same", answer=str(n).encode()) for n in range(50)]
    replies = await asyncio.gather(*(commits[n % 4].store(a) for n, a in enumerate(arrivals)))
    assert len(set(replies)) == 1
    async with pool.acquire() as conn:
        assert await count(conn, "inbox") == 1


async def test_one_that_cannot_be_stored_does_not_take_its_neighbours_along(pool):
    commits = GroupCommit(pool, PATIENT)
    arrivals = [arrival(str(n)) for n in range(20)]
    arrivals[7], arrivals[9] = arrival("nul", event="a\x00b"), arrival("lone", event="\ud800")
    results = await asyncio.gather(*map(commits.store, arrivals), return_exceptions=True)
    assert isinstance(results.pop(9), StorageAway)
    assert isinstance(results.pop(7), StorageAway)
    assert results == [FIRST] * 18
    assert await stored(pool) == {str(n) for n in range(20)} - {"7", "9"}
    assert await commits.store(arrival("after")) == FIRST


async def test_who_hangs_up_is_stored_all_the_same_and_takes_nobody_along(pool):
    commits = GroupCommit(pool, PATIENT)
    tasks = [asyncio.create_task(commits.store(arrival(str(n)))) for n in range(10)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(r, asyncio.CancelledError) for r in results] == [True, False] * 5
    assert await stored(pool) == {str(n) for n in range(10)}


@pytest.fixture
async def held(pool):
    """Every connection of the pool is taken, until the test lets go."""
    conns = [await pool.acquire() for _ in range(8)]

    async def let_go():
        while conns:
            await pool.release(conns.pop())

    yield let_go
    await let_go()


async def test_without_a_connection_everybody_hears_in_time_that_nothing_was_stored(pool, held):
    commits = GroupCommit(pool, patience=0.1)
    results = await asyncio.gather(
        *(commits.store(arrival(str(n))) for n in range(5)), return_exceptions=True
    )
    assert all(isinstance(result, StorageAway) for result in results)
    await held()
    assert await GroupCommit(pool, PATIENT).store(arrival("after")) == FIRST
    assert await stored(pool) == {"after"}


async def test_an_outage_piles_nothing_up(pool, held):
    commits = GroupCommit(pool, patience=0.05)
    for _ in range(5):
        await asyncio.gather(
            *(commits.store(arrival(str(n))) for n in range(MOST)), return_exceptions=True
        )
    assert commits.waiting() == 0
