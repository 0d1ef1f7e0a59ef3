"""A lab's network: a bridge in a namespace of its own, a namespace for each machine, no way out."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tests.machines.processes import Broken, run

#: Where we are in every lab: stand-ins, Ansible and the way to packages.
CONTROLLER: Final = "10.77.0.1"
PREFIX: Final = 24
#: Seconds until something that is still there is there to stay.
_PATIENCE: Final = 30
_NAMESPACES: Final = Path("/run/netns")
_CLONE_NEWNET: Final = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def make(lab: str) -> None:
    """The lab's own namespace with its bridge. No route leads outside."""
    run("ip", "netns", "add", lab)
    _ip(lab, "link", "set", "lo", "up")
    _ip(lab, "link", "add", "br0", "type", "bridge")
    _ip(lab, "addr", "add", f"{CONTROLLER}/{PREFIX}", "dev", "br0")
    _ip(lab, "link", "set", "br0", "up")


def join(lab: str, host: str, address: str) -> None:
    """A fresh namespace for a machine, cabled to the bridge; what an earlier one had is gone."""
    leave(lab, host)
    own = f"{lab}-{host}"
    run("ip", "netns", "add", own)
    _ip(lab, "link", "add", f"v-{host}", "type", "veth", "peer", "name", "host0", "netns", own)
    _ip(lab, "link", "set", f"v-{host}", "master", "br0", "up")
    _ip(own, "link", "set", "lo", "up")
    _ip(own, "link", "set", "host0", "up")
    _ip(own, "addr", "add", f"{address}/{PREFIX}", "dev", "host0")


def leave(lab: str, host: str) -> None:
    """Take the machine's cable and namespace away, if they are there."""
    with suppress(Broken):
        _ip(lab, "link", "del", f"v-{host}")
    if (_NAMESPACES / f"{lab}-{host}").exists():
        run("ip", "netns", "del", f"{lab}-{host}")


def cable(lab: str, host: str, *, plugged: bool) -> None:
    """Pull a machine's network cable, or put it in again."""
    _ip(lab, "link", "set", f"v-{host}", "up" if plugged else "down")


def exists(lab: str) -> bool:
    """Whether the lab's own namespace is there."""
    return (_NAMESPACES / lab).exists()


def remove(lab: str) -> None:
    """Everything of this lab, also what nobody remembers having made."""
    mine = [path.name for path in _NAMESPACES.glob(f"{lab}-*")]
    for name in [*mine, *([lab] if exists(lab) else [])]:
        run("ip", "netns", "del", name)


@contextmanager
def inside(lab: str) -> Iterator[None]:
    """This thread's new sockets, and programs it starts, are the lab's while the block lasts."""
    with Path("/proc/thread-self/ns/net").open() as home, (_NAMESPACES / lab).open() as there:
        _enter(there.fileno())
        try:
            yield
        finally:
            _enter(home.fileno())


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _ip(namespace: str, *words: str) -> None:
    """`ip` in a namespace. The kernel takes veths away a little later than it says."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        late = time.monotonic() > deadline
        try:
            run("ip", "-n", namespace, *words)
        except Broken as broken:
            if late or "File exists" not in str(broken):
                raise
            time.sleep(0.2)
        else:
            return
