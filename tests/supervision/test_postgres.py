"""The embedded PostgreSQL: private, believable settings, and it comes back from a hard end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import asyncpg
import pytest

from app.supervision.cluster import prepare
from app.supervision.postgres import embedded, end_leftover, start, stop
from app.supervision.refusal import CannotStart


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="hub-pg-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


async def ask(dsn: str, query: str):
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(query)
    finally:
        await conn.close()


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


async def test_the_database_is_private_and_speaks_russian(folder):
    with embedded(folder / "var") as server:
        assert await ask(server.dsn, "SELECT current_database()") == "hub"
        assert await ask(server.dsn, "SELECT lower('ЁЛКА')") == "ёлка"
        for setting, value in {
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
            "fsync": "off",
        }.items():
            assert await ask(server.dsn, f"SHOW {setting}") == value
        with pytest.raises(asyncpg.InvalidPasswordError):
            await ask(server.dsn.replace("postgres:", "postgres:wrong"), "SELECT 1")
    assert (folder / "var" / "postgres.password").stat().st_mode & 0o777 == 0o600


async def test_a_durable_server_does_not_forget(folder):
    home = folder / "var"
    with embedded(home, durable=True) as server:
        assert await ask(server.dsn, "SHOW fsync") == "on"
        assert await ask(server.dsn, "SHOW synchronous_commit") == "on"
        await ask(server.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
        os.kill(postmaster(home), signal.SIGKILL)
    with embedded(home, durable=True) as server:
        assert await ask(server.dsn, "SELECT answer FROM kept") == 42


async def test_a_server_left_by_a_killed_supervisor_is_stopped_first(folder):
    cluster = prepare(folder / "var", durable=False)
    left = start(cluster, subprocess.DEVNULL)
    end_leftover(folder / "var" / "postgres")
    assert left.wait(60) == 0
    again = start(prepare(folder / "var", durable=False), subprocess.DEVNULL)
    stop(again)


async def test_a_stale_pid_file_naming_somebody_else_does_no_harm(folder):
    with embedded(folder / "var"):
        pass
    pid_file = folder / "var" / "postgres" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/somewhere\n")
    with embedded(folder / "var") as server:
        assert await ask(server.dsn, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_and_closed_to_others_works(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with embedded(closed / ("long" * 30)) as server:
        assert await ask(server.dsn, "SELECT 1") == 1
        sockets = Path(server.dsn.partition("?host=")[2])
    assert len(os.fsencode(sockets)) < 90
    shutil.rmtree(sockets)


def test_data_of_another_major_version_is_refused_in_a_sentence(folder):
    data = folder / "var" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    (folder / "var" / "postgres.password").write_text("x")
    with pytest.raises(CannotStart, match=r"was made by PostgreSQL 9, and .* holds PostgreSQL"):
        prepare(folder / "var")


def test_a_lost_password_is_named(folder):
    (folder / "var" / "postgres").mkdir(parents=True)
    with pytest.raises(CannotStart, match=r"postgres\.password"):
        prepare(folder / "var")
