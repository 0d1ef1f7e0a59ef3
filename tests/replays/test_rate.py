"""A run keeps to its rate by the database's clock, which stands still here until it is moved."""

from __future__ import annotations

import pytest

from app.actions import replays
from app.domain.replay import Bounds
from tests.replays.test_runs import FILL, MANY, begun, finish_replays

#: What this connection takes for the clock: it is found before PostgreSQL's own.
CLOCK = """
CREATE TABLE stands_at (moment timestamptz NOT NULL);
INSERT INTO stands_at VALUES (now());
CREATE FUNCTION clock_timestamp() RETURNS timestamptz
    LANGUAGE sql AS 'SELECT moment FROM public.stands_at';
SET search_path = public, pg_catalog;
"""


@pytest.fixture
async def conn(hub):
    """A connection to a hub with many finished rows, and a clock of its own."""
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(FILL, MANY)
        await conn.execute(CLOCK)
        yield conn


async def begun_now(conn, rate):
    """A run of so many rows a second, none of which it has used up."""
    id_ = await begun(conn, bounds=Bounds("duty", 10_000, rate))
    await conn.execute("UPDATE replay_run SET paced_at = clock_timestamp()")
    return id_


async def later(conn, seconds):
    await conn.execute("UPDATE stands_at SET moment = moment + make_interval(secs => $1)", seconds)


async def test_a_run_keeps_to_its_rate_by_the_clock_of_the_database(conn):
    id_ = await begun_now(conn, 2.0)
    for passed, rows in ((0.0, 0), (1.6, 3), (0.0, 0), (3600.0, 10)):  # a pause is not made up for
        await later(conn, passed)
        step = await replays.batch(conn, only=id_)
        assert step.replayed == rows
        await finish_replays(conn)


async def test_a_slow_run_comes_to_its_row_in_the_end(conn):
    id_ = await begun_now(conn, 0.01)
    for passed, rows in ((99.0, 0), (2.0, 1), (0.0, 0)):
        await later(conn, passed)
        assert (await replays.batch(conn, only=id_)).replayed == rows
