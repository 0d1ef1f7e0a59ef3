"""Starts the stand-in hub (real supervisor, nginx, gunicorn) as a user would; looks at it."""

from __future__ import annotations

import contextlib
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.ops.gateway import PATIENCE, ROOT, free_port


@dataclass
class Stack:
    data: Path
    env: Mapping[str, str]
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.env['HUB_HTTPS_PORT']}"

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.data / "tls" / "ca.pem")

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url, verify=self.context, trust_env=False, timeout=PATIENCE
        )

    def said(self) -> str:
        """What the console shows so far."""
        return (self.data.parent / "console").read_text()

    def wait_until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def wait_ready(self) -> None:
        self.wait_until(lambda: "\nready\n" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """SIGTERM, and the exit code."""
        self.send(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def processes(self) -> set[int]:
        """Everything that belongs to this stack: its data folder stands in the command line."""
        needle = os.fsencode(self.data) + b"/"
        return {pid for pid, line in _command_lines() if needle in line}

    def wait_for_the_end(self) -> None:
        """Until none is left: one that was killed is seen until the kernel is done with it."""
        self.wait_until(lambda: not self.processes())

    def find(self, *words: str) -> int:
        """The process of this stack whose command line has these words; of several the oldest,
        which need not have the smallest number: numbers go round."""
        own = self.processes()
        found = [
            pid
            for pid, line in _command_lines()
            if pid in own and all(word.encode() in line for word in words)
        ]
        return min(found, key=_born)


def environment(data: Path, **extra: str) -> dict[str, str]:
    ports = {"HUB_HTTPS_PORT": str(free_port()), "HUB_HTTP_PORT": str(free_port())}
    # Children that may not write their byte code compile every module at every start.
    unwanted = ("HUB_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    fixed = {"HUB_DATA": str(data), "HUB_UNDER_TEST": "1", "HUB_LANG": "en"}
    return {**kept, **ports, **fixed, **extra}


def spawn(data: Path, env: Mapping[str, str]) -> Stack:
    with (data.parent / "console").open("w") as console:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervision.stub_hub"],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return Stack(data, env, process)


@contextlib.contextmanager
def running(data: Path, **extra: str) -> Iterator[Stack]:
    """A stack that is ready; whatever is left of it afterwards is killed."""
    stack = spawn(data, environment(data, **extra))
    try:
        stack.wait_ready()
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.end()
        for pid in stack.processes():
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        stack.wait_for_the_end()


def _command_lines() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "cmdline").read_bytes()


def _born(pid: int) -> float:
    """When a process began, in ticks of the kernel; one that has gone is younger than all."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return float("inf")
