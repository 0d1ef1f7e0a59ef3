"""What goes to another cell is described table by table: none is forgotten, none is too early."""

from __future__ import annotations

from app.db.cell_parts import PARTS, STAYS

TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"""
REFERENCES = """
SELECT DISTINCT conrelid::regclass::text AS who, confrelid::regclass::text AS whom
  FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid"""


async def test_every_table_goes_along_or_is_said_to_stay(pool):
    known = {row["relname"] for row in await pool.fetch(TABLES)}
    going = {part.table for part in PARTS}
    assert known == going | set(STAYS), "say in app/db/cell_parts.py what becomes of it"
    assert not going & set(STAYS)


async def test_nothing_is_copied_before_what_it_refers_to(pool):
    last = {part.table: place for place, part in enumerate(PARTS)}
    first = {part.table: place for place, part in reversed(list(enumerate(PARTS)))}
    early = [
        (row["who"], row["whom"])
        for row in await pool.fetch(REFERENCES)
        if row["who"] in first and row["whom"] in last and first[row["who"]] < last[row["whom"]]
    ]
    assert early == []


async def test_what_goes_keeps_nothing_that_stays_from_being_deleted(pool):
    """Rows that stay may point at a store or an account, which are remembered, and at no other."""
    remembered = {part.table for part in PARTS if not part.goes}
    going = {part.table for part in PARTS} - remembered
    held = [
        (row["who"], row["whom"])
        for row in await pool.fetch(REFERENCES)
        if row["who"] in STAYS and row["whom"] in going
    ]
    assert held == [("picker_session", "picker"), ("picker_session", "device")] or sorted(held) == [
        ("picker_session", "device"), ("picker_session", "picker"),
    ]  # fmt: skip
