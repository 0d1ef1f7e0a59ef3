"""Packages for machines without a way out: apt-cacher-ng here, a relay in each lab.

One cache for all labs, in the folder they share: who needs it first starts it, the last one to go
ends it.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.machines import places, processes
from tests.machines.network import CONTROLLER

#: What the machines are told; the relay listens there.
PORT: Final = 3142
PROXY: Final = f"http://{CONTROLLER}:{PORT}"

#: Where the cache may listen: it takes no port above 32767.
_PORTS: Final = range(13142, 13242)
#: No Remap lines: Debian's own ones choose other mirrors than the machines were told.
_SETTINGS: Final = """\
CacheDir: {folder}/cache
LogDir: {folder}/log
SupportDir: /usr/lib/apt-cacher-ng
BindAddress: 127.0.0.1
Port: {port}
ForeGround: 1
ExThreshold: 4
SocketPath:
PidFile: {folder}/run.pid
ReportPage:
"""


def _cache() -> int:
    """The port on this machine's loopback where the cache listens; it is started if it must be."""
    folder = places.root() / "apt"
    if _live() and _listens(port := int((folder / "port").read_text())):
        return port
    processes.end(folder / "pid")
    return _start(folder)


def open_way(lab: str) -> None:
    """Let the lab's machines reach the cache."""
    folder = places.lab_folder(lab)
    path = {"PYTHONPATH": str(places.PROJECT)}
    with places.locked("apt"):  # nobody ends the cache before our relay is known
        words = [lab, CONTROLLER, str(PORT), str(_cache())]
        argv = [sys.executable, "-m", "tests.machines.relay", *words]
        processes.start(argv, folder / "relay.pid", folder / "relay.log", path)


def close_way(lab: str) -> None:
    """End the lab's relay, and the cache with it when no other lab has one."""
    processes.end(places.lab_folder(lab) / "relay.pid")
    leave_cache()


def leave_cache() -> None:
    """End the cache unless a lab, or somebody who builds an image, still uses it."""
    with places.locked("apt"):
        users = [*places.labs().glob("*/relay.pid"), *places.root().glob("building-*.pid")]
        if not any(processes.noted(pid_file) for pid_file in users):
            processes.end(places.root() / "apt" / "pid")


@contextmanager
def borrowed(who: str) -> Iterator[str]:
    """The cache's address for a program outside labs, while the block lasts."""
    note = places.root() / f"building-{who}.pid"
    note.write_text(f"{os.getpid()}\n")
    try:
        with places.locked("apt"):
            address = f"http://127.0.0.1:{_cache()}"
        yield address
    finally:
        note.unlink()
        leave_cache()


def _live() -> bool:
    pid = processes.noted(places.root() / "apt" / "pid")
    return pid is not None and b"apt-cacher-ng" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _start(folder: Path) -> int:
    (folder / "settings").mkdir(parents=True, exist_ok=True)
    port = next(port for port in _PORTS if not _listens(port))
    (folder / "settings" / "acng.conf").write_text(_SETTINGS.format(folder=folder, port=port))
    argv = ["apt-cacher-ng", "-c", str(folder / "settings")]
    processes.start(argv, folder / "pid", folder / "out.log")
    (folder / "port").write_text(f"{port}\n")
    if not processes.until(lambda: _listens(port), 60):
        tail = (folder / "out.log").read_text()[-500:]
        raise processes.Broken(f"apt-cacher-ng does not listen: {tail}")
    return port


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
