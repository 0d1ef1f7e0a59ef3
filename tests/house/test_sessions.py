"""A pooler lends connections by the transaction: nothing of ours may stay in a session."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What plays only on databases that are made for it and thrown away, directly.
REHEARSED = re.compile(r"^(app/bench/|app/db/rehearsal|sql/queries/rehearsal)")
#: Released before this rule; their temporary table is dropped at its transaction's end.
SQL = [*ROOT.glob("sql/queries/*.sql"), *ROOT.glob("sql/rules/*.sql"),
       *ROOT.glob("sql/migrations/*.sql")]  # fmt: skip
CODE = [*ROOT.glob("app/**/*.py"), *ROOT.glob("scheduler/**/*.py")]
#: How a statement begins that changes the session it runs in.
BEGINS = re.compile(
    r"(SET|RESET)\s+(?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b)[a-z_.]+|"
    r"(LISTEN|UNLISTEN|DISCARD|PREPARE|DEALLOCATE|LOAD)\s+\S|"
    r"CREATE\s+TEMP(ORARY)?\s+(?!.*ON COMMIT DROP)|SET\s+SESSION\b",
    re.DOTALL,
)
#: What changes it from within a statement.
HOLDS = re.compile(
    r"\bpg_(try_)?advisory_lock|\bpg_temp\b|\bWITH\s+HOLD\b|"
    r"\bset_config\((?!\s*'[a-z_.]+',\s*[^,()]+,\s*true\))"
)
CONNECTS = re.compile(r"\basyncpg\.(connect|create_pool|Pool)\(")


def ours(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for path in sorted(paths):
        name = path.relative_to(ROOT).as_posix()
        if not REHEARSED.match(name):
            yield name, path.read_text(encoding="utf-8")


def statements(text: str) -> list[str]:
    return [each.strip() for each in re.sub(r"--.*", "", text).split(";")]


def kept(text: str) -> list[str]:
    """What of this SQL outlives its transaction."""
    begun = [match[0] for each in statements(text) if (match := BEGINS.match(each))]
    return begun + [match[0] for match in HOLDS.finditer(re.sub(r"--.*", "", text))]


def strings(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize(
    "sql",
    ["SET search_path = a", "SELECT 1; SET SESSION x = 1", "RESET work_mem", "LISTEN news",
     "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(1)", "DISCARD ALL",
     "CREATE TEMP TABLE t AS SELECT 1", "SELECT set_config('jit', 'off', false)",
     "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "PREPARE p AS SELECT 1",
     "SELECT pg_temp.f()"],
)  # fmt: skip
def test_what_stays_in_a_session_is_seen(sql):
    assert kept(sql)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE t\n   SET a = 1", "SET LOCAL lock_timeout = '1s'", "SELECT pg_advisory_xact_lock(1)",
     "SELECT set_config('jit', $1, true)", "CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT 1",
     "SET TRANSACTION READ ONLY", "-- SET a = 1\nSELECT 1"],
)  # fmt: skip
def test_what_ends_with_its_transaction_may_be(sql):
    assert not kept(sql)


def test_no_query_rule_or_migration_leaves_anything_in_a_session():
    found = {name: kept(text) for name, text in ours(SQL)}
    assert len(found) > 50
    assert not {name: what for name, what in found.items() if what}


def test_no_code_leaves_anything_in_a_session():
    found = {name: [w for each in strings(text) for w in kept(each)] for name, text in ours(CODE)}
    assert not {name: what for name, what in found.items() if what}


def test_one_module_connects_so_that_all_find_the_host_that_can_be_written():
    found = {name for name, text in ours(CODE) if CONNECTS.search(text)}
    assert found == {"app/db/conn.py"}
