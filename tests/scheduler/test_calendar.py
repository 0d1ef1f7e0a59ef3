"""Every tick runs once, whoever looks at the clock."""

import asyncio
from dataclasses import replace

from app.actions.tick import Duty, tick
from app.db import ticks
from app.db.conn import pool as open_pool
from app.db.rules import read_rules
from app.errors import StorageAway
from scheduler.jobs import duties
from tests.conftest import UNHURRIED, copy_of, hub_on
from tests.monitoring.scene import LEISURE

#: Seconds between due times of what is due once, whenever the test runs: 2001, 2033.
RARELY = 1e9


def counting(runs, *, fails=0, every=RARELY):
    async def run(_hub):
        runs.append(1)
        if len(runs) <= fails:
            raise StorageAway
        return "fine"

    return Duty("test", every, 600, run)


async def test_two_schedulers_run_a_tick_once(hub):
    runs = []
    duty = counting(runs)
    others = [replace(hub, worker=f"scheduler-{n}") for n in range(5)]
    ran = await asyncio.gather(*(tick(one, duty) for one in others))
    assert sorted(ran) == [False, False, False, False, True]
    assert len(runs) == 1


async def test_a_tick_that_failed_is_run_again_and_then_no_more(hub):
    runs = []
    duty = counting(runs, fails=2)
    assert [await tick(hub, duty) for _ in range(4)] == [True, True, True, False]
    async with hub.pools.drains.acquire() as conn:
        (latest,) = await ticks.latest(conn)
    assert (latest["state"], latest["result"]) == ("done", "fine")


async def test_a_tick_that_always_fails_is_given_up_after_five_runs(hub):
    runs = []
    duty = counting(runs, fails=100)
    for _ in range(8):
        await tick(hub, duty)
    assert len(runs) == ticks.MOST_RUNS


async def test_the_tick_of_a_dead_scheduler_is_taken_over_when_its_lease_ends(hub):
    async with hub.pools.drains.acquire() as conn:
        due_at = await ticks.due(conn, RARELY)
        assert await ticks.take(conn, "test", due_at, "dead one", 3600.0) == 1
    runs = []
    assert not await tick(hub, counting(runs))
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("UPDATE tick SET lease_until = now() - interval '1 second'")
    assert await tick(hub, counting(runs))
    assert runs == [1]


async def test_after_a_clock_was_put_back_nothing_waits_until_it_is_as_late_again(hub):
    async with hub.pools.drains.acquire() as conn:
        for ahead in (30, 1800):
            await conn.execute(
                "INSERT INTO tick (job, due_at, owner, lease_until, state, finished_at)"
                " SELECT 'test', at, 'early', at, 'done', at"
                "   FROM (SELECT now() + make_interval(secs => $1) AS at) AS ahead",
                ahead,
            )
        assert await tick(hub, counting([]))
        assert await conn.fetchval("SELECT count(*) FROM tick WHERE due_at > now()") == 0
        assert await conn.fetchval("SELECT count(*) FROM tick WHERE state = 'done'") == 1


async def test_who_lost_its_tick_cannot_finish_it(hub):
    async with hub.pools.drains.acquire() as conn:
        due_at = await ticks.due(conn, RARELY)
        old = await ticks.take(conn, "test", due_at, "slow", 0.0)
        new = await ticks.take(conn, "test", due_at, "quick", 60.0)
        await ticks.finish(conn, "test", due_at, old, ("failed", "too late"))
        (latest,) = await ticks.latest(conn)
    assert (old, new) == (1, 2)
    assert (latest["state"], latest["owner"]) == ("running", "quick")


async def test_every_duty_runs_on_an_empty_hub_and_says_how_it_went(hub):
    unhurried = replace(hub, rule_patience=LEISURE)
    said = {
        duty.name: await duty.run(unhurried) for duty in duties(read_rules(), 3600, asyncio.Event())
    }
    assert said == {
        "monitoring": f"{len(read_rules())} rules, 0 messages",
        "facts": "0 orders, 0 of history, 0 hours of deliveries",
        "answers": "0 decided",
        "sales-documents": "0 documents",
        "settlements": "0 documents of commission",
        "telegram": "0 messages",
        "second-way": "0 letters",
        "digests": "0 digests",
        "replays": "0 replayed",
        "gates": "0 changed",
        "reconciliation": "1 accounts, 0 found",
        "retention": "0 ticks, 0 operations, 0 refusals, 0 sessions, 0 doors, 0 heartbeats,"
        " 0 changes, 0 hook_minutes, 0 expiries, 0 events, 0 unheard_incidents, 0 incidents,"
        " 0 mutes, 0 telegram_updates, 0 telegram_links, 0 telegram_audit, 0 replays, 0 calls,"
        " 0 reconciliations, 0 mismatches, 0 months",
        "store-pace": "0 stores",
        "accounts": "0 buried",
    }


async def test_a_round_of_duties_throws_out_no_statement_that_the_next_one_needs(seeded):
    every = [
        duty for duty in duties(read_rules(), 3600, asyncio.Event()) if duty.name != "telegram"
    ]  # takes 9 s
    async with copy_of(seeded) as url, open_pool(url, 1, name="one", **UNHURRIED) as one:
        hub = replace(hub_on(one), rule_patience=LEISURE)
        prepared = []
        for _ in range(2):
            for duty in every:
                await duty.run(hub)
            async with one.acquire() as conn:
                rows = await conn.fetch("SELECT name FROM pg_prepared_statements")
            prepared.append({name for (name,) in rows})
    assert prepared[0] <= prepared[1]


def test_the_three_duties_of_the_original_keep_their_rhythm():
    periods = {duty.name: duty.every for duty in duties((), 3600, asyncio.Event())}
    assert periods["monitoring"] == 60
    assert periods["sales-documents"] == 3600
    assert periods["telegram"] == 10
