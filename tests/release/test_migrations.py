"""What a migration may do: before the code only add, after it take away; never wait for long."""

from __future__ import annotations

import re

import asyncpg
import pytest

from app.db.migrate import Migration, migrate, read_migrations
from tests.conftest import database

#: Older ones were released before anybody deployed without a pause.
JUDGED = [each for each in read_migrations() if each.name >= "0050"]
#: What breaks the code that still runs, or makes it wait.
BREAKS = {
    "takes something away": r"\bDROP\b(?! NOT NULL| DEFAULT)",
    "renames": r"\bRENAME\b",
    "changes a type": r"\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b",
    "asks of old code what it does not say": r"\bSET NOT NULL\b",
    "empties": r"\bTRUNCATE\b",
}
#: What holds a lock for as long as a table of the release before is large.
WAITS = {
    "builds an index while nobody may write": (
        r"\bCREATE (?:UNIQUE )?INDEX \S+ ON (?:ONLY )?(\w+)"
    ),
    "reads the whole table under a lock": (
        r"\bALTER TABLE (\w+)\s[^;]*?\bADD CONSTRAINT(?![^;]*\bNOT VALID\b)"
    ),
    "writes every row": r"(?<!\bOR )\bUPDATE (?!ON\b|OF\b|SET\b)(\w+)\s",
}
#: Stands above a statement that does so all the same, with its reason.
REASON = re.compile(r"-- (?:lock|small): \S.*\n(?:--.*\n)*")
_BARE = re.compile(r"\bADD (?!CONSTRAINT)(COLUMN )?\w+ [^,;]*\bNOT NULL\b(?![^,;]*\bDEFAULT\b)")
_WORDS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\$\$.*?\$\$", re.DOTALL)


def statements(text):
    """(statement without comments and texts, whether a reason stands above it) of a migration."""
    bare = _WORDS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    begin = 0
    for end in [*(found.end() for found in re.finditer(";", bare)), len(bare)]:
        yield " ".join(bare[begin:end].split()), bool(REASON.search(text[begin:end]))
        begin = end


def faults(migration):
    """What is wrong with a migration, in words."""
    made = set(re.findall(r"\bCREATE TABLE (?:IF NOT EXISTS )?(\w+)", migration.text))
    for text, excused in statements(migration.text):
        if migration.phase == "pre":
            yield from (
                why for why, word in BREAKS.items() if re.search(word, text) and not excused
            )
            if _BARE.search(text):
                yield "adds a column that old code leaves empty, and must not"
        for why, word in WAITS.items():
            touched = {found for found in re.findall(word, text) if found not in made}
            if touched and not excused:
                yield f"{why}: {', '.join(sorted(touched))}"


@pytest.mark.parametrize("migration", JUDGED, ids=lambda each: each.name)
def test_a_migration_leaves_the_code_that_runs_in_peace(migration):
    assert list(faults(migration)) == []


@pytest.mark.parametrize("migration", JUDGED, ids=lambda each: each.name)
def test_a_migration_says_first_what_it_is_for(migration):
    assert re.match(r"-- [A-Z].{20,}", migration.text)


def test_numbers_follow_each_other():
    numbers = [int(each.name[:4]) for each in read_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ALTER TABLE orders DROP COLUMN note;", "takes something away"),
        ("DROP TABLE orders;", "takes something away"),
        ("ALTER TABLE orders RENAME COLUMN a TO b;", "renames"),
        ("ALTER TABLE orders ALTER COLUMN a TYPE bigint;", "changes a type"),
        ("ALTER TABLE orders ALTER a SET NOT NULL;", "asks of old code what it does not say"),
        ("ALTER TABLE orders ADD COLUMN a int NOT NULL;",
         "adds a column that old code leaves empty, and must not"),
        ("CREATE INDEX one ON orders (a);", "builds an index while nobody may write: orders"),
        ("ALTER TABLE orders ADD CONSTRAINT a CHECK (b > 0);",
         "reads the whole table under a lock: orders"),
        ("UPDATE orders SET a = 1;", "writes every row: orders"),
        ("TRUNCATE orders;", "empties"),
    ],
)  # fmt: skip
def test_what_breaks_or_holds_up_the_code_that_runs_is_found(text, why):
    assert list(faults(Migration("0050_pre_x.sql", "pre", text))) == [why]


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (b int); CREATE INDEX c ON a (b);",
        "CREATE TABLE a (b int); ALTER TABLE a ADD CONSTRAINT d CHECK (b > 0);",
        "ALTER TABLE orders ADD COLUMN a int NOT NULL DEFAULT 0;",
        "ALTER TABLE orders ADD COLUMN a int;",
        "ALTER TABLE orders ADD CONSTRAINT a CHECK (b > 0) NOT VALID;",
        "-- small: a dozen rows\nCREATE INDEX one ON merchant (a);",
        "-- DROP TABLE orders;\nSELECT 'DROP TABLE orders';",
        "ALTER TABLE orders ALTER COLUMN a DROP NOT NULL;",
        "CREATE TRIGGER a BEFORE UPDATE OF b ON orders FOR EACH ROW EXECUTE FUNCTION c();",
    ],
)
def test_what_only_adds_may_be(text):
    assert list(faults(Migration("0050_pre_x.sql", "pre", text))) == []


def test_what_comes_after_the_code_may_take_away():
    text = "ALTER TABLE orders DROP COLUMN note;"
    assert list(faults(Migration("0050_post_x.sql", "post", text))) == []


async def test_a_migration_waits_for_a_lock_and_works_for_seconds_only():
    seen = Migration(
        "0001_pre_seen.sql", "pre",
        "CREATE TABLE seen AS SELECT current_setting('lock_timeout') AS lock,"
        " current_setting('statement_timeout') AS work",
    )  # fmt: skip
    async with database() as dsn:
        await migrate(dsn, [seen])
        conn = await asyncpg.connect(dsn)
        row = await conn.fetchrow("SELECT lock, work FROM seen")
        await conn.close()
    assert tuple(row) == ("4s", "1min")
