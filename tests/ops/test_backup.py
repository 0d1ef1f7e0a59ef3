"""What the roles backup and restore judge by: a place in the log, a copy against its moment."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.ops.rendering import played

ROLES = Path(__file__).parents[2] / "ansible" / "roles"


def script(role, name):
    """What a role's script defines; nothing compiled stays beside it."""
    return SimpleNamespace(**runpy.run_path(str(ROLES / role / "files" / name), run_name=name))


@pytest.fixture(scope="module")
def fingerprint():
    return script("backup", "fingerprint")


@pytest.fixture(scope="module")
def state():
    return script("backup", "state")


@pytest.fixture(scope="module")
def report():
    return script("restore", "report")


def test_a_snapshot_sees_what_had_ended_before_it(fingerprint):
    snapshot = fingerprint.Snapshot("name", xmax=105, running=frozenset({102}))
    assert [xid for xid in range(100, 108) if snapshot.sees(xid)] == [100, 101, 103, 104]


def test_numbers_of_transactions_go_round(fingerprint):
    snapshot = fingerprint.Snapshot("name", xmax=2**33 + 3, running=frozenset())
    assert snapshot.sees(2**32 - 1)
    assert snapshot.sees(2)
    assert not snapshot.sees(3)


def test_the_place_is_before_the_first_commit_that_is_not_seen(fingerprint):
    snapshot = fingerprint.Snapshot("name", xmax=12, running=frozenset({10}))
    ended = {9: ("0/100", True), 11: ("0/200", True), 10: ("0/300", True), 12: ("0/400", True)}
    assert fingerprint.place(snapshot, ended, "0/500") == "0/300"


def test_without_such_a_commit_the_place_is_the_end_and_what_was_undone_does_not_count(fingerprint):
    snapshot = fingerprint.Snapshot("name", xmax=12, running=frozenset())
    ended = {11: ("0/100", True), 12: ("0/200", False)}
    assert fingerprint.place(snapshot, ended, "1/0") == "1/0"


def test_a_snapshot_that_sees_a_later_commit_and_not_an_earlier_one_has_no_place(fingerprint):
    snapshot = fingerprint.Snapshot("name", xmax=12, running=frozenset({10}))
    ended = {10: ("0/F0", True), 11: ("0/100", True)}
    assert fingerprint.place(snapshot, ended, "0/500") is None


def table(name, rows, total):
    return {"table": name, "rows": rows, "sum": str(total)}


DRILL = {
    "wanted": "then", "restored": "then", "backup": "F", "began": 0.0, "seconds": 12.34,
    "held": True, "proofs": [0, 0],
}  # fmt: skip


def test_a_copy_that_is_equal_is_good(report):
    there = [{"name": "drill", "exposed": 3.5}, table("a", 2, 7)]
    record = report.judged(there, [table("a", 2, 7)], DRILL)
    assert record["good"]
    assert (record["rto"], record["rpo"], record["compared"]) == (12.3, 3.5, 1)
    assert "equal       yes" in report.lines(record)


def test_every_table_that_differs_is_named(report):
    there = [{"name": "drill"}, table("a", 2, 7), table("b", 2, 7), table("gone", 1, 1)]
    here = [table("a", 3, 9), table("b", 2, 8), table("new", 0, 0)]
    record = report.judged(there, here, {**DRILL, "proofs": [0, 1]})
    assert not record["good"]
    assert record["wrong"] == [
        "gone is not in the copy",
        "new is in the copy alone",
        "a had 2 rows and has 3",
        "b had 2 rows and has 2, of other content",
        "checksums of pages: not proven",
    ]
    assert "equal       NO" in report.lines(record)


def test_a_copy_of_another_time_is_compared_with_nothing(report):
    record = report.judged([], [table("a", 3, 9)], DRILL)
    assert record["good"]
    assert "equal       not known" in report.lines(record)


def test_a_failure_keeps_the_time_of_the_last_success(state, tmp_path):
    state.remember(tmp_path, "check", went=True, began=90.0, now=100.0)
    state.remember(tmp_path, "check", went=False, began=190.0, now=200.0)
    kept = json.loads((tmp_path / "state.json").read_text())["check"]
    assert (kept["ok"], kept["success_timestamp_seconds"]) == (0, 100)
    figures = (tmp_path / "hub_backup.prom").read_text()
    assert 'hub_backup_ok{what="check"} 0' in figures
    assert 'hub_backup_success_timestamp_seconds{what="check"} 100' in figures


def test_what_was_remembered_may_be_unreadable(state, tmp_path):
    (tmp_path / "state.json").write_text("{")
    state.remember(tmp_path, "full", went=True, began=1.0, now=2.0)
    assert json.loads((tmp_path / "state.json").read_text())["full"]["ok"] == 1


@pytest.mark.parametrize("lost", [{}, {"database": {"hosts": {}}}], ids=["absent", "empty"])
def test_the_drill_of_a_lost_database_goes_by_its_own_debian(lost, tmp_path):
    inventory = {"drill": {"hosts": {"drill1": {}}}, "backup": {"hosts": {"backup1": {}}}, **lost}
    fact = {"distribution_major_version": "13", "cacheable": True}
    said = {"msg": "PostgreSQL {{ restore_postgres_version }} in {{ backup_data }}"}
    tasks = [{"ansible.builtin.set_fact": fact}, {"ansible.builtin.debug": said}]
    printed = played(tmp_path, inventory, {"hosts": "drill", "tasks": tasks})
    assert "PostgreSQL 17 in /var/lib/postgresql/17/main" in printed
