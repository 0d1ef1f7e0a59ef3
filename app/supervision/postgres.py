"""The embedded PostgreSQL: a server on a unix socket, started, watched and stopped by us."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from app.supervision.cluster import Cluster, prepare
from app.supervision.refusal import CannotStart


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: the URL of its database `hub`."""

    dsn: str


@contextmanager
def embedded(
    home: Path, *, durable: bool = False, programs: Path | None = None
) -> Iterator[Server]:
    """A server for the time of the block; by default one that forgets (for tests).

    The caller sees to it that nobody else uses `home`.
    """
    end_leftover(home / "postgres")
    cluster = prepare(home, durable=durable, programs=programs)
    with (home / "postgres.log").open("ab") as log:
        process = start(cluster, log.fileno())
        try:
            yield Server(cluster.dsn)
        finally:
            stop(process)


def start(cluster: Cluster, log: int, *, patience: float = 120.0) -> subprocess.Popen[bytes]:
    """Start the server and wait until it takes connections; raises CannotStart after `patience` s.

    A server that ends at once is tried again: after a kill -9 the old one's memory may be in use
    for a moment.
    """
    deadline = time.monotonic() + patience
    process = _spawn(cluster, log)
    while time.monotonic() < deadline:
        if process.poll() is not None:
            time.sleep(0.5)
            process = _spawn(cluster, log)
        if cluster.ready():
            return process
        time.sleep(0.02)
    stop(process)
    raise CannotStart(f"PostgreSQL did not start in {patience:.0f} s; see its log.")


def stop(process: subprocess.Popen[bytes], *, patience: float = 30.0) -> None:
    """Stop the server: fast, then (after `patience` seconds) at once."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _spawn(cluster: Cluster, log: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own command
        cluster.argv(),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        cwd="/",
    )


def end_leftover(data: Path) -> None:
    """Stop a server that a killed supervisor left on the folder `data`; remove a stale pid file.

    PostgreSQL judges a stale file by the number alone, and would refuse to start when an
    unrelated process has that number by now.
    """
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    for number, seconds in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        deadline = time.monotonic() + seconds
        if _serves(pid, data):
            with suppress(ProcessLookupError):  # it has ended by itself meanwhile
                os.kill(pid, number)
        while _serves(pid, data) and time.monotonic() < deadline:
            time.sleep(0.05)
    if not _serves(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    """Whether the process `pid` is a server that was started on this folder."""
    with suppress(OSError):
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False
