"""Migrations: forward only, each once, under a lock, and never by halves."""

import asyncio

import asyncpg
import pytest

from app.db.migrate import Migration, migrate, pending, read_migrations
from app.errors import MigrationRefused
from tests.conftest import database

ONE = Migration("0001_pre_one.sql", "pre", "CREATE TABLE one (id int)")
TWO = Migration("0002_post_two.sql", "post", "CREATE TABLE two (id int)")
BROKEN = Migration(
    "0003_pre_broken.sql", "pre", "CREATE TABLE three (id int); CREATE TABLE three (id int)"
)
SLOW = Migration("0002_pre_slow.sql", "pre", "SELECT pg_sleep(0.3); CREATE TABLE slow (id int)")


@pytest.fixture
async def empty():
    """The URL of a database with nothing in it."""
    async with database() as dsn:
        yield dsn


async def tables(dsn):
    conn = await asyncpg.connect(dsn)
    rows = await conn.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    await conn.close()
    return {row["relname"] for row in rows}


async def test_a_second_run_applies_nothing(empty):
    assert await migrate(empty, [ONE, TWO]) == [ONE.name, TWO.name]
    assert await migrate(empty, [ONE, TWO]) == []


async def test_the_real_ones_apply_to_an_empty_database_and_none_is_pending_then(empty):
    applied = await migrate(empty)
    assert applied == [migration.name for migration in read_migrations()]
    conn = await asyncpg.connect(empty)
    assert await pending(conn) == []
    await conn.close()


async def test_what_is_missing_is_pending(empty):
    conn = await asyncpg.connect(empty)
    assert await pending(conn) == [migration.name for migration in read_migrations()]
    await conn.close()


async def test_only_the_asked_phase_is_applied(empty):
    assert await migrate(empty, [ONE, TWO], phase="pre") == [ONE.name]
    assert await migrate(empty, [ONE, TWO], phase="post") == [TWO.name]


async def test_an_old_file_that_was_changed_is_refused_by_name(empty):
    await migrate(empty, [ONE])
    changed = Migration(ONE.name, "pre", ONE.text + " -- better")
    with pytest.raises(MigrationRefused, match=ONE.name):
        await migrate(empty, [changed, TWO])
    assert "two" not in await tables(empty)


async def test_a_failing_one_is_rolled_back_and_named_and_those_before_it_stay(empty):
    with pytest.raises(MigrationRefused, match=r"0003_pre_broken\.sql.*already exists"):
        await migrate(empty, [ONE, TWO, BROKEN])
    assert await tables(empty) == {"schema_migration", "one", "two"}
    mended = Migration(BROKEN.name, "pre", "CREATE TABLE three (id int)")
    assert await migrate(empty, [ONE, TWO, mended]) == [BROKEN.name]


async def test_two_runners_at_once_apply_each_once(empty):
    runs = await asyncio.gather(*(migrate(empty, [ONE, SLOW]) for _ in range(3)))
    assert sorted(name for run in runs for name in run) == [ONE.name, SLOW.name]


async def test_one_that_waits_too_long_for_a_lock_is_rolled_back(empty):
    await migrate(empty, [ONE])
    holder = await asyncpg.connect(empty)
    impatient = Migration(
        "0002_pre_wait.sql", "pre", "SET LOCAL lock_timeout = '50ms'; ALTER TABLE one ADD x int"
    )
    async with holder.transaction():
        await holder.execute("LOCK TABLE one")
        with pytest.raises(MigrationRefused, match="lock timeout"):
            await migrate(empty, [ONE, impatient])
    await holder.close()
    assert await migrate(empty, [ONE, impatient]) == [impatient.name]


@pytest.mark.parametrize(
    "name",
    ["0001_one.sql", "1_pre_one.sql", "0001_pre_One.sql", "0001_during_one.sql", "0001-pre-one.sql",
     "00011_pre_one.sql", "one.sql", "0001_pre_.sql"],
)  # fmt: skip
def test_a_name_that_breaks_the_rule_is_refused(tmp_path, name):
    (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationRefused, match="not named NNNN"):
        read_migrations(tmp_path)


def test_two_with_one_number_are_refused(tmp_path):
    for name in ("0001_pre_one.sql", "0001_pre_two.sql"):
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationRefused, match="share a number"):
        read_migrations(tmp_path)


def test_files_of_other_kinds_are_not_migrations(tmp_path):
    (tmp_path / "README.md").write_text("x")
    assert read_migrations(tmp_path) == []
