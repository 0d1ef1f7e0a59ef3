"""The whole hub as a user starts it, for tests: `orderhub run` with quiet stand-ins, own ports."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.ops.gateway import free_port

T = TypeVar("T")
#: Seconds until a test that waits for something gives up; a busy machine is not wrong.
PATIENCE = 300.0
#: What the hub, and the gateway before a machine that stood still, answer for the moment.
AWAY = (503, 504)


class Repeats(httpx.AsyncHTTPTransport):
    """Comes again as long as it is told that the hub is away for the moment, as handhelds do, with
    the same bytes and the same Idempotency-Key: on a busy machine the database may be late."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = await super().handle_async_request(request)
            if answer.status_code not in AWAY or time.monotonic() > deadline:
                return answer
            await answer.aclose()
            await asyncio.sleep(0.2)


class Stack:
    """A running hub and its surroundings; addresses and secrets as `sandbox credentials` says."""

    def __init__(self, data: Path, process: subprocess.Popen[str], env: dict[str, str]) -> None:
        self.data = data
        self.process = process
        self.env = env
        self.credentials = json.loads(self.cli("sandbox", "credentials"))
        # No connection is kept: the sandbox would close one just as it is used again.
        self.sandbox = httpx.Client(
            base_url=f"http://127.0.0.1:{env['HUB_SANDBOX_PORT']}",
            timeout=PATIENCE, limits=httpx.Limits(max_keepalive_connections=0),
        )  # fmt: skip

    def cli(self, *words: str) -> str:
        """What an `orderhub` command prints; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            env=self.env, check=True, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.cli(*words))

    def client(self) -> httpx.AsyncClient:
        """A client that trusts the development certificate and nothing else."""
        import ssl

        trust = ssl.create_default_context(cafile=self.credentials["ca_file"])
        url, repeats = self.credentials["base_url"], Repeats(verify=trust)
        return httpx.AsyncClient(base_url=url, transport=repeats, timeout=PATIENCE)

    def taken(self, order_id: str) -> Any:
        """СМ's last webhook of this order, once the hub has taken it: until then СМ repeats it."""

        def look() -> Any:
            order = self.sandbox.get("/kuper/_state", params={"order": order_id}).json()
            last = order["webhooks"][-1]
            return last if last["outcome"] == "accepted" else None

        return self.wait(f"the last webhook of {order_id} at the hub", look)

    def worker(self, number: int) -> int:
        """The process that serves behind socket `number` (not its gunicorn master)."""
        socket_name = f"web-{number}.sock".encode()
        found = [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if socket_name in _read(path) and str(self.data).encode() in _read(path)
        ]
        return max(found, key=lambda pid: _parent(pid) in found)

    def wait(self, what: str, look: Callable[[], T | None], seconds: float = PATIENCE) -> T:
        """What `look` finds, as soon as it finds something; it looks at least once after a pause,
        however long that was."""
        deadline = time.monotonic() + seconds
        while True:
            late = time.monotonic() > deadline
            if found := look():
                return found
            assert not late, f"not in {seconds:.0f} s: {what}\n{self.logs()}"
            time.sleep(0.25)

    def logs(self) -> str:
        """The last lines of every log, for a failed test's reader."""
        files = [f for f in sorted((self.data / "log").glob("*.log")) if f.name != "access.log"]
        return "\n".join(
            "\n".join([f"== {f.name}", *f.read_text().splitlines()[-8:]]) for f in files
        )


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Stack]:
    """Start it, wait for `ready`, and see that Ctrl-C leaves nothing behind."""
    names = ("HUB_HTTPS_PORT", "HUB_HTTP_PORT", "HUB_SANDBOX_PORT")
    ports = {name: str(free_port()) for name in names}
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
        rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, rest
    deadline = time.monotonic() + PATIENCE
    while left := _left_behind(data):  # what was killed is seen until the kernel is done with it
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def _wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = []
    deadline = time.monotonic() + PATIENCE
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
