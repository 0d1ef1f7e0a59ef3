"""Runs over many rows: each row once whoever works on them, in their own pace, until they end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from app.actions import replays
from app.actions.replay import replay
from app.actions.replay_plan import plan
from app.db import replays as runs
from app.db.conn import prepare
from app.db.queue import Queue
from app.domain.refusals import Code, Refused
from app.domain.replay import Bounds, Wanted

MANY = 1200
#: Finished deliveries of two accounts, one a second, three kinds; what they say does not matter.
FILL = """
WITH second AS (
    INSERT INTO account (id, merchant_id, code, adapter)
    SELECT gen_random_uuid(), merchant_id, 'second', adapter FROM account LIMIT 1 RETURNING id
), made AS (
    SELECT gen_random_uuid() AS id, n,
           CASE WHEN n % 2 = 0 THEN (SELECT id FROM second)
                ELSE (SELECT id FROM account ORDER BY created_at LIMIT 1) END AS account_id,
           timestamptz '2026-03-01 10:00+00' + n * interval '1 second' AS at
      FROM generate_series(1, $1::integer) AS n
), payload AS (
    INSERT INTO inbox_delivery (id, account_id, event, headers, body, received_at)
    SELECT id, account_id, 'event-' || n % 3, '{}', '{}', at FROM made
)
INSERT INTO queue_item (queue, id, account_id, fifo_key, state, created_at, finished_at, reason,
                        last_error)
SELECT 'inbox', id, account_id, account_id || ':' || n,
       CASE WHEN n % 10 = 0 THEN 'dead' ELSE 'done' END, at, at,
       CASE WHEN n % 10 = 0 THEN 'malformed' END, CASE WHEN n % 10 = 0 THEN 'no sum in ' || n END
  FROM made ORDER BY n
"""
BY = Bounds("duty", 10_000, 1000.0)
INBOX = Wanted("inbox")


@pytest.fixture
async def conn(hub):
    """A connection to a hub with many finished rows."""
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(FILL, MANY)
        await conn.execute("ANALYZE queue_item")
        yield conn


async def begun(conn, wanted=INBOX, bounds=BY):
    return await replays.begin(conn, await plan(conn, wanted), bounds, "trace")


async def made(conn):
    """How often each finished row was replayed."""
    return dict(
        await conn.fetch(
            "SELECT replay_of, count(*) FROM queue_item WHERE replay_of IS NOT NULL GROUP BY 1"
        )
    )


async def finish_replays(conn):
    """A worker does them all."""
    await conn.execute(
        "UPDATE queue_item SET state = 'done', finished_at = now()"
        " WHERE replay_of IS NOT NULL AND state = 'waiting'"
    )


async def to_the_end(conn, id_):
    while (await replays.one(conn, id_))["state"] == "running":
        await replays.batch(conn, only=id_, hurried=True)


async def test_a_run_replays_every_row_once_in_the_order_of_each_account(conn):
    id_ = await begun(conn)
    assert (await replays.one(conn, id_))["replayed"] == 0  # many: for the duty
    await to_the_end(conn, id_)
    assert set((await made(conn)).values()) == {1}
    assert len(await made(conn)) == MANY
    moved = await conn.fetchval(
        "SELECT count(*) FROM (SELECT new.seq < lag(new.seq) OVER (PARTITION BY new.account_id"
        " ORDER BY old.seq) AS back FROM queue_item AS new"
        " JOIN queue_item AS old ON old.queue = 'inbox' AND old.id = new.replay_of) AS x WHERE back"
    )
    assert moved == 0
    run = await replays.one(conn, id_)
    assert (run["state"], run["replayed"], run["skipped"]) == ("done", MANY, {})
    assert await runs.became(conn, id_) == {"unfinished": MANY}


async def test_two_schedulers_at_once_replay_nothing_twice(conn, hub):
    id_ = await begun(conn)

    async def scheduler():
        async with hub.pools.drains.acquire() as own:
            while (await replays.one(own, id_))["state"] == "running":
                await replays.batch(own, hurried=True)

    async with asyncio.timeout(60):
        await asyncio.gather(*(scheduler() for _ in range(4)))
    assert (await replays.one(conn, id_))["state"] == "done"
    assert list((await made(conn)).values()) == [1] * MANY


async def test_a_process_that_is_killed_within_a_batch_leaves_the_run_where_it_was(conn, dsn):
    id_ = await begun(conn)
    await replays.batch(conn, only=id_, hurried=True)
    before = await conn.fetchrow("SELECT * FROM replay_run WHERE id = $1", id_)
    doomed = await asyncpg.connect(dsn)
    await prepare(doomed)
    await doomed.transaction().start()
    assert (await replays.batch(doomed, only=id_, hurried=True)).replayed == 100
    assert await replays.batch(conn, only=id_, hurried=True) is None  # somebody else has the run
    doomed.terminate()  # and never commits
    async with asyncio.timeout(30), conn.transaction():
        after = await conn.fetchrow("SELECT * FROM replay_run WHERE id = $1 FOR UPDATE", id_)
    assert after == before
    await to_the_end(conn, id_)
    assert list((await made(conn)).values()) == [1] * MANY


async def test_no_more_is_queued_than_workers_have_room_for(conn, hub):
    await begun(conn)
    await conn.execute("UPDATE replay_run SET paced_at = now() - interval '1 hour'")
    assert (await replays.batch(conn)).replayed == replays.ROOM[Queue.INBOX]
    assert (await replays.batch(conn)).moved is False
    await finish_replays(conn)
    assert await replays.work(hub, 0.0) > 0


async def test_what_is_fresh_is_taken_before_replays(conn):
    """They count as tried once: of a batch they get no more than half while there is fresh work."""
    await begun(conn, Wanted("inbox", account="second"))
    await conn.execute("UPDATE replay_run SET paced_at = now() - interval '1 hour'")
    await replays.batch(conn)
    assert await conn.fetchval("SELECT min(attempts) FROM queue_item WHERE state = 'waiting'") == 1


async def test_a_run_stops_at_its_limit(conn):
    id_ = await begun(conn, bounds=Bounds("duty", 777, 1000.0))
    await to_the_end(conn, id_)
    run = await replays.one(conn, id_)
    assert (run["state"], run["replayed"], run["matched"]) == ("done", 777, MANY)


async def test_a_run_is_cancelled_before_its_next_batch_and_says_by_whom(conn):
    id_ = await begun(conn)
    await replays.batch(conn, only=id_, hurried=True)
    run = await replays.cancel(conn, id_, "boss")
    assert (run["state"], run["cancelled_by"], run["replayed"]) == ("cancelled", "boss", 500)
    assert await replays.batch(conn, only=id_, hurried=True) is None
    assert (await replays.cancel(conn, id_, "somebody else"))["cancelled_by"] == "boss"
    assert len(await made(conn)) == 500


async def test_there_is_no_run_to_cancel_that_nobody_began(conn):
    with pytest.raises(Refused) as refused:
        await replays.cancel(conn, uuid4(), "boss")
    assert refused.value.code is Code.REPLAY_NOT_FOUND


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ({}, MANY),
        ({"account": "second"}, MANY // 2),
        ({"kind": "event-1"}, MANY // 3),
        ({"kind": "event-9"}, 0),
        ({"states": ("dead",)}, MANY // 10),
        ({"states": ("dead", "done"), "reason": "malformed"}, MANY // 10),
        ({"reason": "forged"}, 0),
        ({"since": datetime(2026, 3, 1, 10, 10, tzinfo=UTC)}, MANY - 599),
        ({"until": datetime(2026, 3, 1, 10, 10, tzinfo=UTC)}, 599),
        ({"since": datetime(2026, 3, 1, 10, 1, tzinfo=UTC),
          "until": datetime(2026, 3, 1, 10, 2, tzinfo=UTC), "account": "second"}, 30),
        ({"store": "MSK-07"}, 0),
    ],
)  # fmt: skip
async def test_what_is_counted_is_what_is_replayed(conn, words, rows):
    wanted = Wanted("inbox", **words)
    assert (await plan(conn, wanted)).matched == rows
    id_ = await begun(conn, wanted)
    await to_the_end(conn, id_)
    assert len(await made(conn)) == rows


@pytest.mark.parametrize("words", [{"account": "nobody's"}, {"store": "nowhere"}])
async def test_a_code_that_nobody_has_is_refused_and_not_taken_for_all(conn, words):
    with pytest.raises(Refused) as refused:
        await plan(conn, Wanted("inbox", **words))
    assert refused.value.details["field"] in words


async def test_rows_that_cannot_be_worked_on_are_skipped_and_counted_with_the_reason(conn):
    await conn.execute("UPDATE account SET active = false WHERE code = 'second'")
    id_ = await begun(conn)
    await to_the_end(conn, id_)
    run = await replays.one(conn, id_)
    assert (run["replayed"], run["skipped"]) == (600, {"account_paused": 600})
    await conn.execute("UPDATE account SET active = true, removed_at = now() WHERE code = 'second'")
    again = await begun(conn)
    await to_the_end(conn, again)
    run = await replays.one(conn, again)
    # What the first run replayed is not finished yet.
    assert (run["replayed"], run["skipped"]) == (0, {"under_way": 600, "account_gone": 600})


async def test_a_selection_is_replayed_in_the_order_in_which_its_rows_came(conn):
    rows = await conn.fetch("SELECT id FROM queue_item WHERE queue = 'inbox' ORDER BY seq LIMIT 5")
    ids = [row["id"] for row in rows]
    await conn.execute(
        "UPDATE queue_item SET state = 'waiting', finished_at = NULL WHERE id = $1", ids[2]
    )
    unknown = uuid4()
    id_ = await begun(conn, Wanted("inbox", ids=(*reversed(ids), ids[0], unknown)))
    run = await replays.one(conn, id_)
    assert (run["replayed"], run["skipped"]) == (4, {"unfinished": 1, "unknown": 1})
    told = await conn.fetch(
        "SELECT replay_of FROM queue_item WHERE replay_of IS NOT NULL ORDER BY seq"
    )
    assert [row["replay_of"] for row in told] == [*ids[:2], *ids[3:]]


async def test_the_second_click_doubles_nothing_while_the_first_is_under_way(conn):
    (old,) = await conn.fetchrow("SELECT id FROM queue_item WHERE queue = 'inbox' LIMIT 1")
    assert await replay(conn, Queue.INBOX, old, "duty") is not None
    assert await replay(conn, Queue.INBOX, old, "duty") is None
    await finish_replays(conn)
    assert await replay(conn, Queue.INBOX, old, "duty") is not None


async def test_two_clicks_at_once_double_nothing_either(conn, hub):
    (old,) = await conn.fetchrow("SELECT id FROM queue_item WHERE queue = 'inbox' LIMIT 1")
    async with hub.pools.drains.acquire() as other:
        async with other.transaction():
            assert await replay(other, Queue.INBOX, old, "duty") is not None
            second = asyncio.create_task(replay(conn, Queue.INBOX, old, "duty"))
            await asyncio.sleep(0.3)  # it would be through by now, if it did not wait
        assert await second is None
    assert await made(conn) == {old: 1}


async def test_a_replay_of_a_replay_knows_the_first_of_them_all(conn):
    first = await conn.fetchrow("SELECT id, seq FROM queue_item WHERE queue = 'inbox' LIMIT 1")
    id_ = first["id"]
    for _ in range(3):
        id_ = await replay(conn, Queue.INBOX, id_, "duty")
        await finish_replays(conn)
        new = await conn.fetchrow("SELECT first_id, first_seq FROM queue_item WHERE id = $1", id_)
        assert tuple(new) == tuple(first)


async def test_who_asked_and_why_is_kept_with_every_row(conn):
    (old,) = await conn.fetchrow("SELECT id FROM queue_item WHERE queue = 'inbox' LIMIT 1")
    await begun(conn, Wanted("inbox", ids=(old,)), Bounds("duty", 1, 1.0, "they lost it"))
    (run,) = await runs.latest(conn, 5)
    assert (run["actor"], run["reason"], run["wanted"]["queue"]) == (
        "duty",
        "they lost it",
        "inbox",
    )
    assert [old_ for old_, _ in await runs.newest(conn, run["id"], 5)] == [old]


async def test_what_comes_later_is_not_meant(conn):
    id_ = await begun(conn, Wanted("inbox", until=datetime.now(UTC) + timedelta(days=1)))
    await conn.execute(FILL.replace("'second'", "'third'"), 100)
    await to_the_end(conn, id_)
    assert (await replays.one(conn, id_))["replayed"] == MANY
