"""Start what is measured, measure, write bench.json, print a table."""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.console import Console
from rich.table import Table

from app.bench import webhooks
from app.bench.load import Target
from app.errors import SettingsInvalid

#: What we promise (name, bound, whether more is better).
PROMISES: Final = (
    ("ratio", 0.30, True),
    ("p99", 250.0, False),
    ("errors", 0, False),
    ("rss_mb", 90.0, False),
)


def run(output: Path) -> bool:
    """Measure everything; True when every promise was kept."""
    with (
        tempfile.TemporaryDirectory(prefix="hub-bench-") as folder,
        _stack(Path(folder) / "durable", "app", "run") as durable,
        _stack(Path(folder) / "forgetful", "app.bench.baseline") as forgetful,
    ):
        found = uvloop.run(webhooks.measure(durable, forgetful, f"{time.time_ns() % 10**9}"))
        found["worker_rss_mb"] = _rss(Path(folder) / "durable")
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    output.write_text(json.dumps({"machine": machine, "webhooks": found}, indent=2) + "\n")
    return _print(found)


@contextmanager
def _stack(data: Path, *module: str) -> Iterator[Target]:
    """A hub with durable settings, quiet stand-ins and ports of its own."""
    data.parent.chmod(0o711)
    ports = dict(zip(("HTTPS", "HTTP", "SANDBOX"), _free_ports(3), strict=True))
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        **{f"HUB_{name}_PORT": str(port) for name, port in ports.items()},
        "HUB_DATA": str(data), "HUB_SANDBOX": "1", "HUB_SANDBOX_RATE": "0",
    }  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", *module], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        _wait_ready(process)
        known = json.loads((data / "sandbox.json").read_text(encoding="utf-8"))
        account = known["accounts"][0]
        yield Target(account["hook_url"], tuple(account["headers"].items()), known["ca_file"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


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


def _rss(data: Path) -> float:
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


def _print(found: dict[str, Any]) -> bool:
    latency = found[f"at_{webhooks.RATE}_per_second_ms"]
    values = {**found, **latency, "rss_mb": found["worker_rss_mb"]}
    table = Table("figure", "measured", "promise", "kept")
    table.add_row("durable webhooks/s", str(found["durable_per_second"]), "", "")
    table.add_row("without the database/s", str(found["forgetful_per_second"]), "", "")
    table.add_row(
        f"p50 / p95 at {webhooks.RATE}/s", f"{latency['p50']} / {latency['p95']} ms", "", ""
    )
    kept_all = True
    for name, bound, more in PROMISES:
        kept = values[name] >= bound if more else values[name] <= bound
        kept_all &= kept
        table.add_row(
            name, str(values[name]), f"{'≥' if more else '≤'} {bound}", "yes" if kept else "NO"
        )
    Console().print(table)
    return kept_all
