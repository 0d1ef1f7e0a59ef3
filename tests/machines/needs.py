"""What a machine must have to be a house for test machines, in one sentence when it has not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from tests.machines.processes import Broken, run

#: program → Debian package that brings it; .ci/run installs the same
PROGRAMS: Final = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "apt-cacher-ng": "apt-cacher-ng",
    "ssh": "openssh-client",
    "ip": "iproute2",
}
_SYSTEM_FOLDERS: Final = "/usr/sbin:/sbin"


def lacking() -> str:
    """What is missing, as one sentence; empty when nothing is."""
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:{_SYSTEM_FOLDERS}"
    if os.geteuid():
        return "Test machines need root: they are containers with networks of their own."
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if packages:
        return f"Test machines need Debian packages: apt install {' '.join(packages)}"
    if not Path("/sys/fs/cgroup").is_mount():
        return "Test machines need control groups, and /sys/fs/cgroup is not mounted here."
    try:
        run("unshare", "--net", "--mount", "true")
    except Broken:
        return "Test machines need namespaces for networks and mounts, which this one refuses."
    return ""
