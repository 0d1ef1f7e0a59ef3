"""Walks through test machines: each test is a step, and after one that failed none is reached.

Collected only by `make machines`, or when a file is named: they need root and minutes.
"""

from __future__ import annotations

import os

import pytest
from pytest_socket import socket_allow_hosts

from tests.machines.results import Record

collect_ignore_glob = [] if os.environ.get("HUB_MACHINES_SCOPE") else ["test_*.py"]

#: Every address that a lab may have; nothing of it leads outside.
LAB_ADDRESSES = [f"10.77.0.{last}" for last in range(256)]
RECORD = pytest.StashKey[Record]()
FAILED = pytest.StashKey[dict[str, str]]()


def pytest_configure(config):
    config.stash[RECORD] = Record(os.environ.get("HUB_MACHINES_SCOPE", "by hand"))
    config.stash[FAILED] = {}


@pytest.fixture(autouse=True)
def no_outside_network():
    """In the place of the suite's own rule: loopback, and what labs are made of."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost", *LAB_ADDRESSES], allow_unix_socket=True)


@pytest.fixture(scope="session")
def record(pytestconfig) -> Record:
    """Where steps and figures are written down."""
    return pytestconfig.stash[RECORD]


@pytest.fixture(scope="session")
def debian() -> int:
    """The Debian of this walk's machines."""
    return int(os.environ.get("HUB_MACHINES_DEBIAN", "12"))


def pytest_runtest_setup(item):
    if failed := item.config.stash[FAILED].get(item.module.__name__):
        pytest.fail(f"not reached: {failed} failed", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    failed = item.config.stash[FAILED]
    if report.failed:
        failed.setdefault(item.module.__name__, item.name)
    if report.when == "call" or report.failed:
        name = item.name.removeprefix("test_").replace("_", " ")
        item.config.stash[RECORD].note(name, report.duration, report.outcome)
    elif report.when == "setup" and report.duration > 1:
        item.config.stash[RECORD].note("(made ready)", report.duration, report.outcome)
    return report


def pytest_terminal_summary(terminalreporter, config):
    record = config.stash[RECORD]
    if record.steps:
        terminalreporter.section(f"machines: {record.scope}", sep="-")
        for line in record.table():
            terminalreporter.write_line(line)
        record.save()
