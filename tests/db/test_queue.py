"""One mechanism for three queues: order, leases, epochs, verdicts; PostgreSQL decides."""

import asyncio

import pytest

from app.db import queue
from app.domain.retry import Verdict
from app.errors import LeaseLost
from tests.db.queues import LONG, S, claim, make_due, put, row, states

LATER = Verdict("remote_unavailable", "away", delay=60.0)
BURY = Verdict("malformed", "nonsense", delay=None)
PARK = Verdict("early", "not yet", delay=600.0, parked=True)


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as acquired:
        yield acquired


async def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(conn):
    (id_,) = await put(conn)
    (item,) = await claim(conn, "w1")
    assert (item.id, item.attempts, item.epoch, item.unsure) == (id_, 1, 1, False)
    assert await claim(conn, "w2") == []


async def test_only_the_first_of_a_key_is_claimed_and_the_next_when_it_is_done(conn):
    ids = await put(conn, n=3)
    for id_ in ids:
        (item,) = await claim(conn)
        assert item.id == id_
        await queue.finish(conn, item)
    assert await claim(conn) == []
    assert await states(conn, ids) == ["done"] * 3


async def test_rows_of_different_keys_are_claimed_side_by_side(conn):
    for key in "abc":
        await put(conn, key, n=2)
    assert {item.fifo_key for item in await claim(conn)} == {"a", "b", "c"}


async def test_a_row_that_was_put_off_holds_its_key_back(conn):
    first, _second = await put(conn, n=2)
    (item,) = await claim(conn)
    assert await queue.fail(conn, item, LATER) == "waiting"
    assert await claim(conn) == []
    await make_due(conn)
    (again,) = await claim(conn)
    assert (again.id, again.attempts, again.unsure) == (first, 2, False)


async def test_what_fell_due_since_somebody_began_to_claim_is_not_overlooked(conn):
    (id_,) = await put(conn)
    (item,) = await claim(conn)
    assert await queue.next_due(conn, item.queue, since=60) is None
    await queue.fail(conn, item, LATER)
    assert 0 < await queue.next_due(conn, item.queue, since=0) <= 60
    await conn.execute("UPDATE queue_item SET due_at = now() - interval '1 minute'")
    assert await queue.next_due(conn, item.queue, since=30) is None  # before: it is behind another
    assert await queue.next_due(conn, item.queue, since=600) < 0
    assert await states(conn, [id_]) == ["waiting"]


async def test_a_buried_row_is_in_nobodys_way_and_says_why(conn):
    first, second = await put(conn, n=2)
    (item,) = await claim(conn)
    assert await queue.fail(conn, item, BURY) == "dead"
    buried = await row(conn, first)
    assert (buried["reason"], buried["last_error"]) == ("malformed", "nonsense")
    assert buried["finished_at"] is not None
    assert [item.id for item in await claim(conn)] == [second]


async def test_a_parked_row_is_in_nobodys_way_until_it_is_woken(conn):
    early, later = await put(conn, n=2)
    (item,) = await claim(conn)
    assert await queue.fail(conn, item, PARK) == "parked"
    (item,) = await claim(conn)
    assert item.id == later
    await queue.wake(conn, S, "k")
    await queue.finish(conn, item)
    (woken,) = await claim(conn)
    assert (woken.id, woken.attempts) == (early, 1)


async def test_a_parked_row_that_is_due_does_not_run_beside_a_later_one_of_its_key(conn):
    early, later = await put(conn, n=2)
    await queue.fail(conn, (await claim(conn))[0], PARK)
    (running,) = await claim(conn)
    assert running.id == later
    await conn.execute("UPDATE queue_item SET due_at = now() WHERE id = $1", early)
    assert await claim(conn) == []
    await queue.finish(conn, running)
    assert [item.id for item in await claim(conn)] == [early]


async def test_parked_rows_of_one_key_come_back_one_by_one_in_order(conn):
    ids = await put(conn, n=3)
    for _ in ids:
        await queue.fail(conn, (await claim(conn))[0], PARK)
    await make_due(conn)
    for id_ in ids:
        (item,) = await claim(conn)
        assert item.id == id_
        await queue.finish(conn, item)


async def test_what_a_dead_worker_held_is_claimed_again_and_nobody_is_sure_any_more(conn):
    await put(conn)
    (dead,) = await claim(conn, "w1")
    await make_due(conn)
    (alive,) = await claim(conn, "w2")
    assert (alive.id, alive.epoch, alive.attempts, alive.unsure) == (dead.id, 2, 2, True)


async def test_a_worker_that_was_thought_dead_writes_nothing(conn):
    (id_,) = await put(conn)
    (old,) = await claim(conn, "w1")
    await make_due(conn)
    (new,) = await claim(conn, "w2")
    with pytest.raises(LeaseLost):
        await queue.finish(conn, old)
    with pytest.raises(LeaseLost):
        await queue.remove(conn, old)
    assert await queue.fail(conn, old, BURY) is None
    await queue.release(conn, S, [id_], "w1")
    assert await states(conn, [id_]) == ["leased"]
    await queue.finish(conn, new)
    with pytest.raises(LeaseLost):
        await queue.finish(conn, new)


async def test_a_row_given_back_costs_no_attempt_and_is_due_at_once(conn):
    (id_,) = await put(conn)
    (item,) = await claim(conn, "w1")
    await queue.release(conn, S, [item.id], "w1")
    (again,) = await claim(conn, "w2")
    assert (again.id, again.attempts, again.epoch, again.unsure) == (id_, 1, 2, False)


async def test_unsent_rows_are_superseded_but_not_the_one_being_sent(conn):
    ids = await put(conn, n=3)
    (sending,) = await claim(conn)
    await queue.supersede(conn, S, "k")
    assert await states(conn, ids) == ["leased", "superseded", "superseded"]
    await queue.finish(conn, sending)


async def test_an_unsure_verdict_stays_unsure(conn):
    await put(conn)
    (item,) = await claim(conn)
    await queue.fail(conn, item, Verdict("x", "y", delay=0.0, unsure=True))
    (again,) = await claim(conn)
    assert again.unsure
    await queue.fail(conn, again, Verdict("x", "y", delay=0.0))
    assert (await claim(conn))[0].unsure


async def test_racing_workers_never_claim_one_row_twice_and_never_two_of_a_key(pool, conn):
    for key in range(30):
        await put(conn, str(key), n=3)
    done: dict[str, list] = {}
    running: set[str] = set()

    async def work(name):
        async with pool.acquire() as own:
            while items := await queue.claim(own, S, name, 4, LONG):
                for item in items:
                    assert item.fifo_key not in running
                running.update(item.fifo_key for item in items)
                await asyncio.sleep(0)
                for item in items:
                    done.setdefault(item.fifo_key, []).append(item.created_at)
                    running.remove(item.fifo_key)
                    await queue.finish(own, item)

    while sum(map(len, done.values())) < 90:
        await asyncio.gather(*(work(f"w{n}") for n in range(5)))
    assert all(len(times) == 3 and times == sorted(times) for times in done.values())


async def test_a_paused_accounts_rows_stay_where_they_are(hub):
    async with hub.pools.drains.acquire() as conn:
        account = await conn.fetchval("SELECT id FROM account")
        (id_,) = await put(conn)
        await conn.execute("UPDATE queue_item SET account_id = $1", account)
        await conn.execute("UPDATE account SET active = false")
        assert await claim(conn) == []
        await conn.execute("UPDATE account SET active = true")
        assert [item.id for item in await claim(conn)] == [id_]


async def test_attempts_beyond_counting_do_not_stop_the_queue(conn):
    ids = await put(conn, "a") + await put(conn, "b")
    await conn.execute("UPDATE queue_item SET attempts = 32767 WHERE id = $1", ids[0])
    assert {item.id for item in await claim(conn)} == set(ids)


@pytest.mark.parametrize(("verdict", "state"), [(BURY, "dead"), (None, "done")])
async def test_finished_work_is_done_again_under_a_new_id(conn, verdict, state):
    (id_,) = await put(conn)
    (item,) = await claim(conn)
    await (queue.fail(conn, item, verdict) if verdict else queue.finish(conn, item))
    new = (await put(conn, "other"))[0]
    await conn.execute("DELETE FROM queue_item WHERE id = $1", new)
    assert await queue.replay(conn, S, id_, new, "trace-2")
    assert await states(conn, [id_, new]) == [state, "waiting"]
    assert (await row(conn, new))["replay_of"] == id_


async def test_unfinished_work_is_not_doubled(conn):
    (id_,) = await put(conn)
    assert not await queue.replay(conn, S, id_, id_, "trace-2")


async def test_depths_count_what_is_unfinished_and_what_is_buried(conn):
    await put(conn, "a", n=2)
    await put(conn, "b")
    for item in await claim(conn):
        if item.fifo_key == "b":
            await queue.fail(conn, item, BURY)
    depths = await queue.depths(conn)
    assert (depths[S].unfinished, depths[S].dead) == (2, 1)
    assert depths["inbox"] == queue.Depth(0, 0.0, 0)
