"""Rows of an account and a time are found by their index, however many others are finished; and
replays of the release before know their first row after the upgrade."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from app.db import finished
from app.db.conn import prepare
from app.db.migrate import migrate, read_migrations
from app.db.queries import load
from tests.conftest import database
from tests.replays.test_runs import FILL

MANY = 20_000
SINCE = datetime(2026, 3, 1, 11, tzinfo=UTC)
#: 200 rows of the time, half of them of the account.
UNTIL = SINCE + timedelta(seconds=200)
SQL = load("finished")


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(FILL, MANY)
        await conn.execute("ANALYZE")
        await conn.execute("SET plan_cache_mode = force_custom_plan")
        yield conn


async def read(conn, name, *args):
    """How many rows of the queue a query looks at, and by which indexes."""
    told = await conn.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {SQL[name]}", *args)
    nodes, looked, ways = [json.loads(told)[0]["Plan"]], 0, set()
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        ours = node.get("Alias", "").startswith(("item", "inbox", "queue_item"))
        if ours and "Actual Rows" in node:
            per = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            looked += round(per * node["Actual Loops"])
            ways.add(node.get("Index Name", node["Node Type"]))
    return looked, ways


async def test_an_account_s_rows_of_a_time_are_found_by_their_index(conn):
    (account,) = await conn.fetchrow("SELECT id FROM account WHERE code = 'second'")
    asked = ["inbox", [account], SINCE, UNTIL, ["done"], None, None, None, 10**12, 1000]
    looked, ways = await read(conn, "count", *asked)
    assert ways == {"inbox_finished_idx"}
    assert looked == 100
    page = ["inbox", account, SINCE, 0, UNTIL, ["done", "dead"], None, None, None, 10**12]
    looked, ways = await read(conn, "page", *page, UNTIL, 10**12, 50)
    assert "inbox_finished_idx" in ways
    assert looked <= 100


async def test_how_far_a_look_goes_is_found_without_reading_what_lies_between(conn):
    (account,) = await conn.fetchrow("SELECT id FROM account WHERE code = 'second'")
    _, ways = await read(conn, "edge", "inbox", account, SINCE, 0, UNTIL, 50)
    assert ways == {"inbox_finished_idx"}


async def test_accounts_are_found_by_a_look_for_each(conn):
    looked, _ = await read(conn, "whoms", "inbox")
    assert 2 <= looked <= 4
    assert len(await finished.whoms(conn, "inbox")) == 2


async def test_replays_of_the_release_before_know_their_first_row():
    every, ids = read_migrations(), [uuid.uuid4() for _ in range(4)]
    async with database() as dsn:
        await migrate(dsn, [each for each in every if each.name < "0045"])
        conn, before = await asyncpg.connect(dsn), None
        await prepare(conn)
        for id_ in ids:
            await conn.execute(
                "INSERT INTO queue_item (queue, id, fifo_key, state, finished_at, reason,"
                " replay_of) VALUES ('inbox', $1, 'k', 'dead', now(), 'bug', $2)",
                id_, before,
            )  # fmt: skip
            before = id_
        await migrate(dsn)
        rows = await conn.fetch("SELECT first_id, first_seq FROM queue_item ORDER BY seq")
        first = await conn.fetchval("SELECT seq FROM queue_item WHERE id = $1", ids[0])
        await conn.close()
    assert [tuple(row) for row in rows] == [(None, None), *[(ids[0], first)] * 3]
