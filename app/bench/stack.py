"""A hub of its own for a measurement: durable settings, quiet stand-ins, ports of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.bench.load import Target
from app.errors import SettingsInvalid
from app.settings import Settings
from app.supervision.environment import of_running


@dataclass(frozen=True, slots=True)
class Stack:
    """A running hub: where it is, where its first account's hook is."""

    data: Path
    base_url: str
    account: str
    hook: Target

    @property
    def database_url(self) -> str:
        """Its own database."""
        url = Settings.from_env(of_running({"HUB_DATA": str(self.data)})).database_url
        assert url is not None  # the hub made one up
        return url


@contextmanager
def stack(data: Path, *module: str) -> Iterator[Stack]:
    """Start `python -m module` on the folder, yield it once it is ready, end it."""
    data.parent.chmod(0o711)
    ports = dict(zip(("HTTPS", "HTTP", "SANDBOX"), _free_ports(3), strict=True))
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        **{f"HUB_{name}_PORT": str(port) for name, port in ports.items()},
        "HUB_DATA": str(data), "HUB_SANDBOX": "1", "HUB_SANDBOX_RATE": "0",
    }  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", *(module or ("app", "run"))],
        env=env, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        _wait_ready(process)
        yield _known(data)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def rss(data: Path) -> float:
    """Megabytes of the largest web worker."""
    largest = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if str(data).encode() not in status.with_name("cmdline").read_bytes():
                continue
            text = status.read_text(encoding="utf-8")
        except OSError:
            continue
        if "create_app" in status.with_name("cmdline").read_text(encoding="utf-8"):
            largest = max(largest, int(text.split("VmRSS:")[1].split()[0]))
    return round(largest / 1024, 1)


def _known(data: Path) -> Stack:
    known = json.loads((data / "sandbox.json").read_text(encoding="utf-8"))
    account = known["accounts"][0]
    hook = Target(account["hook_url"], tuple(account["headers"].items()), known["ca_file"])
    return Stack(data, known["base_url"], account["name"], hook)


def _wait_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    if not any(line.strip() == "ready" for line in process.stdout):
        raise SettingsInvalid("the hub to be measured did not start; see above")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
