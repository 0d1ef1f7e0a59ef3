"""Programs that are run, started for longer, watched and ended: always by their process id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Broken(Exception):
    """Something a lab needs did not work; the text says what, in a few lines."""


def run(*argv: str | Path, within: float = 60, given: str | None = None) -> str:
    """What a program prints; Broken, with the end of what it said, when it fails."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=within, check=False, input=given
        )
    except subprocess.TimeoutExpired as late:
        raise Broken(f"{' '.join(words)}: not done in {within:.0f} s") from late
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Broken(f"{' '.join(words)}: exit code {done.returncode}\n{said}")
    return done.stdout


def start(
    argv: Sequence[str | Path], pid_file: Path, log: Path, env: Mapping[str, str] | None = None
) -> int:
    """Start a program that outlives us; its process id, which is also written down."""
    words = [str(word) for word in argv]
    to_log = (os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    pid = os.posix_spawnp(
        words[0], words, {**os.environ, **(env or {})}, setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), *to_log),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )  # fmt: skip
    pid_file.write_text(f"{pid}\n")
    return pid


def noted(pid_file: Path) -> int | None:
    """The process written down there, when it lives."""
    try:
        pid = int(pid_file.read_text())
    except (OSError, ValueError):
        return None
    return pid if alive(pid) else None


def alive(pid: int) -> bool:
    """Whether it runs; one that has ended and was not yet asked for how does not."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def end(pid_file: Path, within: float = 5) -> None:
    """End what is written down there, if it lives, and forget it."""
    if pid := noted(pid_file):
        send(pid, signal.SIGTERM)
        if not gone(pid, within):
            send(pid, signal.SIGKILL)
            gone(pid, within)
    pid_file.unlink(missing_ok=True)


def send(pid: int, number: int) -> None:
    """A signal to one process, which may have ended meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def gone(pid: int, within: float) -> bool:
    """Wait until it has ended; False when it has not by then."""
    return bool(until(lambda: not alive(pid), within))


def children(pid: int) -> list[int]:
    """The processes that it started, the oldest first."""
    return sorted(
        int(path.name)
        for path in Path("/proc").iterdir()
        if path.name.isdigit() and _parent(path / "stat") == pid
    )


def until(look: Callable[[], T], within: float, pause: float = 0.05) -> T:
    """What `look` finds as soon as it finds something; else what it found last."""
    deadline = time.monotonic() + within
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(pause)
    return found


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
