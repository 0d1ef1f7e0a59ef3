"""One hub per data folder: a lock that every child inherits, so that leftovers can be found."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.supervision.refusal import CannotStart


def hold(data: Path, *, patience: float = 15.0) -> int:
    """Take the folder for this process; tells the lock's file descriptor, to be inherited.

    Raises CannotStart when a hub runs here. Children of a supervisor that was killed are given
    `patience` seconds to end (the kernel has told them to), then they are killed.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o711)
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while not _try_lock(lock):
        supervisor = int(os.pread(lock, 32, 0) or 0)
        if supervisor in set(_holders(lock)):
            raise CannotStart(f"The hub already runs on {data} (process {supervisor}).")
        if time.monotonic() > deadline:
            for pid in _holders(lock):
                with contextlib.suppress(ProcessLookupError):  # it has ended by itself meanwhile
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def free_ports(ports: Mapping[str, int]) -> None:
    """Make sure that nobody listens on these ports; the keys are the variables that set them."""
    for variable, port in ports.items():
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104
            if not _is_free(family, address, port):
                raise CannotStart(
                    f"Port {port} is taken by another program: "
                    f"end that program, or set {variable} to another port."
                )


def _is_free(family: socket.AddressFamily, address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket(family) as probe:
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if probe.connect_ex(("::1", port)) == 0:
                return False
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise CannotStart(f"Port {port} is only for root: choose one above 1023.") from None
        except OSError:
            return family == socket.AF_INET6  # no IPv6 here: nothing to collide with
    return True


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holders(lock: int) -> Iterator[int]:
    """The other processes that have this lock's file open."""
    ours = os.fstat(lock)
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or process.name == str(os.getpid()):
            continue
        with contextlib.suppress(OSError):
            if any(_same(ours, entry) for entry in (process / "fd").iterdir()):
                yield int(process.name)


def _same(ours: os.stat_result, entry: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(ours, entry.stat())
    return False
