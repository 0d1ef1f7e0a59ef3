"""One PostgreSQL server for a whole test run, shared by xdist's workers and ended after them.

`server_dsn()` starts it where the first test needs it, and from then on always names the same one.
The server belongs to a keeper process that waits for the test run's own process to end, so that it
goes away even after a kill -9. With HUB_TEST_SERVER set to a URL, that server is used and none is
started.
"""

from __future__ import annotations

import fcntl
import functools
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.supervision.postgres import embedded

ROOT = Path(__file__).parents[1]
#: Bytes that must be free in memory: databases of a run that are there at once, and their log.
ROOM = 6_000_000_000


def server_dsn() -> str:
    """The URL of the run's server, superuser rights included; its database is not for tests."""
    return os.environ.get("HUB_TEST_SERVER") or _shared(_run_pid())


def _run_pid() -> int:
    """The process whose end is the end of the run: pytest itself, or the parent of its workers."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


@functools.cache
def _shared(run: int) -> str:
    """The server of this run. The note of its URL lies where all workers look at any time; where
    its data lie was decided once, for how much memory is free changes while tests run."""
    home = Path(tempfile.gettempdir()) / f"hub-tests-{os.geteuid()}-{run}-{_since(run)}"
    home.mkdir(mode=0o711, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        dsn = home / "dsn"
        if not dsn.exists():
            _start_keeper(home, run)
        return dsn.read_text()


def _since(run: int) -> str:
    """When a process began, in ticks of the machine: its number alone may have been another's."""
    return Path(f"/proc/{run}/stat").read_text().rpartition(")")[2].split()[19]


def _room() -> Path:
    """Memory, where there is room: each test's database is a thousand files made and soon removed,
    and ext4 looks at every one removed in the last seconds before it makes another."""
    memory = Path("/dev/shm")
    try:
        roomy = shutil.disk_usage(memory).free > ROOM
    except OSError:
        roomy = False
    return memory if roomy and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _start_keeper(home: Path, run: int) -> None:
    command = [sys.executable, "-m", "tests.postgres", str(home), str(run)]
    with (home / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    while not (home / "dsn").exists():
        if keeper.poll() is not None:
            told = (home / "keeper.log").read_text()
            raise RuntimeError(f"The test run's PostgreSQL did not start:\n{told}")
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives us on purpose; without this Popen would warn


def keep(home: Path, run: int) -> None:
    """Hold a server under `home` until the process `run` ends, then remove everything."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is for the run; we follow it
    watched = os.pidfd_open(run)
    data = Path(tempfile.mkdtemp(prefix="hub-tests-", dir=_room()))
    data.chmod(0o711)  # the server may run as somebody else
    try:
        with embedded(data) as server:
            (home / "dsn.new").write_text(server.dsn)
            (home / "dsn.new").rename(home / "dsn")
            select.select([watched], [], [])
    finally:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))
