"""Which walks `make machines SCOPE=…` runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.machines.places import PROJECT

HERE: Final = Path(__file__).parent
#: SCOPE → test files here; `all` is every one of them, in this order.
SCOPES: Final[Mapping[str, Sequence[str]]] = {
    "one": ["test_one_machine.py"],
    "debian13": ["test_one_machine.py"],
    "several": ["test_several_machines.py"],
    "bad": ["test_bad_input.py"],
    "restore": ["test_restore.py"],
    "ha": ["test_failover.py"],
}
NAMES: Final = (*SCOPES, "all")
#: Scopes whose machines are of another Debian than 12.
DEBIAN: Final = {"debian13": 13}


def run(scope: str, arguments: Sequence[str] = ()) -> int:
    """Walk through a scope; the exit code. ValueError for a scope that is none."""
    if scope not in NAMES:
        raise ValueError(f"SCOPE is one of {', '.join(NAMES)}, not {scope!r}")
    each = list(SCOPES) if scope == "all" else [scope]
    return max(abs(_walk(name, arguments)) for name in each)  # killed: the signal, negative


def _walk(scope: str, arguments: Sequence[str]) -> int:
    """Each in a process of its own: a walk changes namespaces and remembers what failed."""
    said = {"HUB_MACHINES_SCOPE": scope, "HUB_MACHINES_DEBIAN": str(DEBIAN.get(scope, 12))}
    files = [str(HERE / name) for name in SCOPES[scope]]
    sys.stdout.write(f"machines: {scope}\n")
    sys.stdout.flush()
    argv = [sys.executable, "-m", "pytest", "-q", *arguments, *files]
    with subprocess.Popen(argv, env={**os.environ, **said}, cwd=PROJECT) as walking:
        while True:
            try:
                return walking.wait()
            except KeyboardInterrupt:
                continue  # it has heard it, too, and takes its lab down
