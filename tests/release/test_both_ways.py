"""Old code runs on the new schema and new code on the old one: during a deploy both run at once,
and after a return the old one stays. What one has begun the other brings to its end."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.db.migrate import migrate, read_migrations
from tests.conftest import database

ROOT = Path(__file__).parents[2]
LIFE = Path(__file__).with_name("life.py")
#: The commit of the release that is out: whoever makes a release writes the next one's here.
PREVIOUS = Path(__file__).with_name("previous").read_text().strip()
KEY = Fernet.generate_key().decode()
#: Seconds one life may take on a busy machine.
LONGEST = 600


def of_previous(folder: Path) -> Path:
    """The code of the release that is out, unpacked."""
    parts = ("app", "scheduler", "sql", "tests", "pyproject.toml")
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", PREVIOUS, *parts]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, (
        f"the release before this one is commit {PREVIOUS[:12]} (tests/release/previous), and this"
        f" checkout does not have it: git fetch --unshallow ({done.stderr.decode().strip()})"
    )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def old(tmp_path):
    return of_previous(tmp_path)


async def live(root: Path, dsn: str, *words: str) -> None:
    """A process with the code under `root` does this; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, LIFE, root, dsn, KEY, *words,
        cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    assert process.returncode == 0, f"{words} with the code of {root}:\n{said.decode()[-3000:]}"


async def test_both_releases_work_at_every_step_of_a_deploy_and_finish_each_others_orders(old):
    before = read_migrations(old / "sql" / "migrations")
    async with database() as dsn:
        await migrate(dsn, before)
        await live(old, dsn, "seed", "place:A1", "finish:A1", "place:B1")
        await migrate(dsn, phase="pre")
        await live(ROOT, dsn, "ask", "finish:B1", "place:C1")
        await live(old, dsn, "ask", "finish:C1", "place:D1")
        await migrate(dsn, phase="post")
        await live(ROOT, dsn, "finish:D1", "place:E1")
        await live(old, dsn, "ask", "finish:E1")


async def test_the_new_code_needs_no_migration_that_comes_after_it():
    async with database() as dsn:
        await migrate(dsn, phase="pre")
        await live(ROOT, dsn, "ask", "seed", "place:A1", "finish:A1")


def test_what_was_released_has_not_changed_since(old):
    now = {each.name: each.checksum for each in read_migrations()}
    released = {each.name: each.checksum for each in read_migrations(old / "sql" / "migrations")}
    assert {name: now.get(name) for name in released} == released
