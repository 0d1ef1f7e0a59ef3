"""The whole hub as a user starts it, for tests: `orderhub run` with quiet stand-ins, own ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
READY_WITHIN = 60.0


class Stack:
    """A running hub and its surroundings; addresses and secrets as `sandbox credentials` says."""

    def __init__(self, data: Path, process: subprocess.Popen[str], env: dict[str, str]) -> None:
        self.data = data
        self.process = process
        self.env = env
        self.credentials = json.loads(self.cli("sandbox", "credentials"))
        self.sandbox = httpx.Client(base_url=f"http://127.0.0.1:{env['HUB_SANDBOX_PORT']}")

    def cli(self, *words: str) -> str:
        """What an `orderhub` command prints; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            env=self.env, check=True, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.cli(*words))

    def client(self) -> httpx.AsyncClient:
        """A client that trusts the development certificate and nothing else."""
        import ssl

        trust = ssl.create_default_context(cafile=self.credentials["ca_file"])
        return httpx.AsyncClient(base_url=self.credentials["base_url"], verify=trust, timeout=15)

    def worker(self, number: int) -> int:
        """The process that serves behind socket `number` (not its gunicorn master)."""
        socket_name = f"web-{number}.sock".encode()
        found = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if socket_name in _read(path) and str(self.data).encode() in _read(path)
        ]
        return max(found, key=lambda pid: _parent(pid) in found)

    def wait(self, what: str, look: Callable[[], T | None], seconds: float = 60.0) -> T:
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.25)
        raise AssertionError(f"not in {seconds:.0f} s: {what}\n{self.logs()}")

    def logs(self) -> str:
        """The last lines of every log, for a failed test's reader."""
        files = [f for f in sorted((self.data / "log").glob("*.log")) if f.name != "access.log"]
        return "\n".join(
            "\n".join([f"== {f.name}", *f.read_text().splitlines()[-8:]]) for f in files
        )


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Stack]:
    """Start it, wait for `ready`, and see that Ctrl-C leaves nothing behind."""
    ports = dict(
        zip(("HUB_HTTPS_PORT", "HUB_HTTP_PORT", "HUB_SANDBOX_PORT"), _free(3), strict=True)
    )
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        **ports, "HUB_DATA": str(data), "HUB_SANDBOX": "1", "HUB_SANDBOX_RATE": "0",
        "HUB_UNDER_TEST": "1", **settings,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "run"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        _wait_ready(process)
        stack = Stack(data, process, env)
        yield stack
        stack.sandbox.close()
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert _left_behind(data) == []


def _wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = []
    deadline = time.monotonic() + READY_WITHIN
    for line in process.stdout:
        said.append(line)
        if line.strip() == "ready":
            return
        assert time.monotonic() < deadline, "".join(said)
    raise AssertionError("ended before it was ready:\n" + "".join(said))


def _left_behind(data: Path) -> list[str]:
    """Command lines of processes that still name this hub's data."""
    return [
        found.replace(b"\0", b" ").decode()
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(data).encode() in (found := _read(path)) and int(path.parent.name) != os.getpid()
    ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _free(count: int) -> list[str]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
