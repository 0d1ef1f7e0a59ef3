"""Logs: problems are found once, files stay small."""

from __future__ import annotations

import os

import pytest

from app.supervision import journal
from app.supervision.journal import Journal


@pytest.fixture
def log(tmp_path):
    return Journal(tmp_path / "log")


def write(log: Journal, name: str, text: str) -> None:
    descriptor = log.open(name)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def test_an_error_line_is_told_once_and_by_its_event(log):
    write(log, "web-1", '{"event": "all well", "level": "info"}\n')
    write(log, "web-1", '{"event": "the roof is on fire", "level": "error"}\n')
    assert list(log.problems()) == [("web-1", "the roof is on fire")]
    assert list(log.problems()) == []


def test_what_was_there_before_this_start_is_old_news(log):
    log.path("web-1").write_text('{"event": "yesterday", "level": "error"}\n')
    write(log, "web-1", "")
    assert list(log.problems()) == []


def test_a_line_half_written_is_read_when_it_is_whole(log):
    write(log, "web-1", '{"event": "late", ')
    assert list(log.problems()) == []
    write(log, "web-1", '"level": "error"}\n')
    assert list(log.problems()) == [("web-1", "late")]


def test_the_last_line_may_be_text_or_json(log):
    assert log.last_line("web-1") == ""
    write(log, "web-1", "Traceback\nValueError: no\n\n")
    assert log.last_line("web-1") == "ValueError: no"
    write(log, "web-1", '{"event": "gave up"}\n')
    assert log.last_line("web-1") == "gave up"


def test_a_log_that_has_grown_is_emptied_and_goes_on(log):
    write(log, "web-1", "a" * (journal.LARGEST + 1))
    log.rotate()
    write(log, "web-1", "new\n")
    assert log.path("web-1").read_text() == "new\n"
    assert log.path("web-1").with_suffix(".log.1").stat().st_size > journal.LARGEST
