"""The archive of Telegram: a table a month, made ahead, dropped after thirteen; nothing fails."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest

from app.db.migrate import migrate, read_migrations
from app.db.prune import prune
from app.identifiers import new_id
from tests.conftest import database

ROW = (
    "INSERT INTO telegram_archive (id, chat_id, kind, outcome, silent, created_at, sent_at,"
    " attempts, telegram_id) VALUES ($1, 5, 'notice', 'sent', false, $2, $2, 1, 7)"
)


async def write(conn, moment):
    await conn.execute(ROW, new_id(), moment)


async def tables(conn):
    rows = await conn.fetch(
        "SELECT tableoid::regclass::text AS name, count(*) FROM telegram_archive GROUP BY 1"
    )
    return {row["name"].removeprefix("telegram_archive_"): row["count"] for row in rows}


async def months(conn):
    names = await conn.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits"
        " WHERE inhparent = 'telegram_archive'::regclass ORDER BY 1"
    )
    return [row["name"].removeprefix("telegram_archive_") for row in names]


def month_after(moment, months):
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


@asynccontextmanager
async def one_moment(pool):
    """A connection for which it is one moment all the while, and that moment: no month ends."""
    async with pool.acquire() as conn, conn.transaction():
        yield conn, await conn.fetchval("SELECT now()")


async def test_before_the_first_retention_the_rest_takes_everything_and_then_gives_it_back(pool):
    async with one_moment(pool) as (conn, now):
        await write(conn, now)
        assert await tables(conn) == {"rest": 1}
        await prune(conn)
        assert await tables(conn) == {f"{now:%Y_%m}": 1}


async def test_this_month_and_two_more_are_there_and_a_second_run_changes_nothing(pool):
    async with one_moment(pool) as (conn, now):
        ahead = [f"{month_after(now, n):%Y_%m}" for n in range(3)]
        for _ in range(2):
            assert (await prune(conn))["months"] == 0
            assert await months(conn) == [*ahead, "rest"]


async def test_months_go_thirteen_months_after_their_end_and_not_before(pool):
    async with one_moment(pool) as (conn, now):
        for ago in (15, 14, 13):
            month = month_after(now, -ago)
            await conn.execute("SELECT telegram_archive_month($1)", month.replace(tzinfo=None))
            await write(conn, month)
        await write(conn, month_after(now, -40))  # what no month was there for
        assert (await prune(conn))["months"] == 2
        assert await tables(conn) == {f"{month_after(now, -13):%Y_%m}": 1}


async def test_who_sends_at_that_moment_waits_at_most_and_loses_nothing(pool):
    coming = month_after(datetime.now(UTC), 1)  # it is there also when this month ends meanwhile
    async with pool.acquire() as one, pool.acquire() as other:
        async with one.transaction():
            await write(one, coming)
            with pytest.raises(asyncpg.LockNotAvailableError):
                await prune(other)
        await prune(other)
        assert await tables(other) == {f"{coming:%Y_%m}": 1}


async def test_the_release_before_this_one_can_still_write_while_both_run(pool):
    async with pool.acquire() as conn:
        await conn.execute(
            "INSERT INTO telegram_archive (id, chat_id, incident_id, text, silent, created_at,"
            " attempts, telegram_id, edited) VALUES ($1, 5, NULL, 'x', true, now(), 1, 9, true)",
            new_id(),
        )
        assert await tables(conn) == {"rest": 1}


async def test_rows_of_the_old_archive_move_into_their_months():
    """On a database as an older release left it."""
    everything = read_migrations()
    async with database() as dsn:
        await migrate(dsn, [one for one in everything if one.name < "0028"])
        conn = await asyncpg.connect(dsn)
        for edited in (True, False):
            await conn.execute(
                "INSERT INTO telegram_archive (id, chat_id, text, silent, created_at, sent_at,"
                " attempts, telegram_id, edited)"
                " VALUES ($1, 5, 'x', true, now(), '2026-03-31T23:30Z', 2, 9, $2)",
                new_id(), edited,
            )  # fmt: skip
        await migrate(dsn, everything)
        rows = await conn.fetch(
            "SELECT outcome, kind, telegram_id FROM telegram_archive ORDER BY 1"
        )
        assert [tuple(row) for row in rows] == [("edited", "notice", 9), ("sent", "notice", 9)]
        assert await tables(conn) == {"2026_03": 2}
        await conn.close()
