"""Says what a machine is like, as JSON; changes nothing. Runs there, with nothing but Python 3.

PREFLIGHT in the environment: {"folders": [where room is asked for]}.
"""
# ruff: noqa: INP001 - sent to the machines as it is

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path


def main() -> None:
    """Print it all."""
    asked = json.loads(os.environ["PREFLIGHT"])
    system = release(Path("/etc/os-release").read_text())
    told = {
        "system": system.get("ID", "unknown"),
        "version": system.get("VERSION_ID", ""),
        "python": ".".join(map(str, sys.version_info[:2])),
        "memory": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20,
        "free": {folder: free(Path(folder)) for folder in asked["folders"]},
        "packages": packages(),
        "listening": listening(listeners()),
    }
    sys.stdout.write(json.dumps(told))


def release(text: str) -> dict[str, str]:
    """The words of /etc/os-release."""
    return {name: value.strip('"') for name, value in re.findall(r"(?m)^(\w+)=(.*)$", text)}


def free(folder: Path) -> int:
    """Megabytes that may be written in a folder, or where it will be made; 0 without inodes."""
    while not folder.exists():
        folder = folder.parent
    there = os.statvfs(folder)
    if there.f_files and there.f_favail < 1000:
        return 0
    return shutil.disk_usage(folder).free // 2**20


def packages() -> list[str]:
    """What keeps apt from working, as sentences. What a broken-off run left half-installed is not
    among them: role base finishes it."""
    found = []
    if not os.access("/var/lib/dpkg", os.W_OK):
        found.append("/var/lib/dpkg cannot be written (is the disk mounted read-only?)")
    elif locked(Path("/var/lib/dpkg/lock-frontend"), seconds=30):
        found.append("another program has been installing packages for 30 s; wait for its end")
    return found


def locked(file: Path, seconds: int) -> bool:
    """Whether somebody holds apt's lock for as long as that."""
    if not file.exists():
        return False
    with file.open("a") as lock:
        for _ in range(seconds):
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(1)
            else:
                return False
    return True


def listeners() -> str:
    """What `ss` says of TCP ports somebody listens at; nothing where there is none."""
    program = shutil.which("ss")
    if program is None:
        return ""
    words = [program, "--listening", "--tcp", "--numeric", "--processes", "--no-header"]
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603


def listening(text: str) -> dict[str, list[dict[str, str]]]:
    """Port → [{program, unit}], of what `ss` says."""
    found: dict[str, list[dict[str, str]]] = {}
    for line in text.splitlines():
        port = line.split()[3].rpartition(":")[2]
        users = re.findall(r'\("([^"]+)",pid=(\d+)', line) or [("an unknown program", "0")]
        for program, process in users:
            row = {"program": program, "unit": unit(process)}
            if row not in found.setdefault(port, []):
                found[port].append(row)
    return found


def unit(process: str) -> str:
    """The systemd unit of a process."""
    try:
        groups = Path(f"/proc/{process}/cgroup").read_text()
    except OSError:
        return "no unit"
    units = re.findall(r"(?m)/([^/\s]+\.(?:service|scope))$", groups)
    return units[-1] if units else "no unit"


if __name__ == "__main__":
    main()
