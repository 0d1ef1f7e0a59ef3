"""Running a playbook inside a lab, and what its recap says."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.machines.machine import SSH_OPTIONS
from tests.machines.processes import Broken

if TYPE_CHECKING:
    from tests.machines.lab import Lab

_ROW: Final = re.compile(
    r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE
)
_TASK: Final = re.compile(rb"^(?:TASK|RUNNING HANDLER) \[(.*)\]")
_TOO_LATE: Final = 124  #: what `timeout` says then
_TAIL: Final = 40  #: lines of a failed play that are shown


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a machine in a play: how many tasks of which end."""

    ok: int
    changed: int
    unreachable: int
    failed: int


@dataclass(frozen=True, slots=True)
class Played:
    """A play that has ended, well or not."""

    code: int
    seconds: float
    rows: Mapping[str, Row]
    log: Path
    tasks: Sequence[tuple[float, str]]  #: seconds of each task, in order
    cpu: float  #: seconds that ansible itself computed

    @property
    def changed(self) -> int:
        """Tasks that changed something, on all machines."""
        return sum(row.changed for row in self.rows.values())

    @property
    def said(self) -> str:
        """All it printed."""
        return self.log.read_text(encoding="utf-8")

    def figures(self) -> dict[str, Any]:
        """What is worth keeping: tasks that changed something, CPU seconds, slow tasks."""
        return {"changed": self.changed, "cpu": round(self.cpu, 1), "slowest": self.slowest()}

    def slowest(self, count: int = 8) -> dict[str, float]:
        """What took longest: seconds by the task's name."""
        found = sorted(self.tasks, reverse=True)[:count]
        return {name: round(seconds, 1) for seconds, name in found}

    def changes(self) -> list[str]:
        """Tasks that changed something, and where: `role : task: machine`."""
        task, found = "", []
        for line in self.said.splitlines():
            if head := _TASK.match(line.encode()):
                task = head[1].decode()
            elif line.startswith("changed: ["):
                found.append(f"{task}: {line.partition('[')[2].partition(']')[0]}")
        return found

    def tail(self) -> str:
        """The end of it, for whoever reads of a failure."""
        return "\n".join(self.said.splitlines()[-_TAIL:])


def play(
    lab: Lab,
    inventory: Mapping[str, Any],
    playbook: str = "site.yml",
    *,
    arguments: tuple[str, ...] = (),
    fails: bool = False,
    within: float = 1800,
) -> Played:
    """Run a playbook of ansible/ with an inventory given as what its YAML file would say.

    How to reach each machine is filled in. Broken when it fails, or when it does not and `fails`.
    """
    number = len(list(lab.folder.glob("play-*.log"))) + 1
    file, log = lab.folder / "inventory.yml", lab.folder / f"play-{number}.log"
    file.write_text(yaml.safe_dump(_reachable(lab, inventory), allow_unicode=True))
    argv = [Path(sys.executable).with_name("ansible-playbook"), "-i", file, playbook, *arguments]
    begun, before = time.monotonic(), _computed()
    code, tasks = _run(lab, [str(word) for word in argv], log, within)
    rows = {name: Row(*map(int, counts)) for name, *counts in _ROW.findall(log.read_text())}
    played = Played(code, time.monotonic() - begun, rows, log, tasks, _computed() - before)
    if code == _TOO_LATE:
        raise Broken(f"{playbook} is not done in {within:.0f} s:\n{played.tail()}")
    if bool(code) != fails:
        how = "did not fail" if fails else f"failed with {code}"
        raise Broken(f"{playbook} {how}:\n{played.tail()}")
    return played


def _run(
    lab: Lab, argv: Sequence[str], log: Path, within: float
) -> tuple[int, list[tuple[float, str]]]:
    """The exit code, and how long each task took: from its headline to the next one."""
    enter = ["timeout", "--kill-after=10", str(within), "ip", "netns", "exec", lab.name]
    heads: list[tuple[float, str]] = []
    with log.open("wb", buffering=0) as out:  # it is read while it grows
        running = subprocess.Popen(
            [*enter, *argv], cwd=lab.project / "ansible", env=_environment(lab.folder, log.stem),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        with running:
            for line in running.stdout or ():
                out.write(line)
                if head := _TASK.match(line):
                    heads.append((time.monotonic(), head[1].decode()))
    heads.append((time.monotonic(), ""))
    return running.returncode, [(b - a, name) for (a, name), (b, _) in pairwise(heads)]


def _computed() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def _environment(folder: Path, name: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    ours.pop("PYTHONDONTWRITEBYTECODE", None)  # slower without
    return {
        **ours,
        "ANSIBLE_HOME": str(folder / "ansible"),
        # Labs have the same addresses, and machines lose their power: a connection that another
        # play has kept may lead elsewhere, or nowhere.
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "ssh" / name.removeprefix("play-")),
        "ANSIBLE_FORKS": "12",
        "LC_ALL": "C.UTF-8",
    }


def _reachable(lab: Lab, inventory: Mapping[str, Any]) -> dict[str, Any]:
    """The inventory, with addresses of the lab's machines and the way in added to `all`."""
    everything = dict(inventory.get("all") or {})
    hosts = dict(everything.get("hosts") or {})
    for name, machine in lab.machines.items():
        hosts[name] = {"ansible_host": machine.address} | (hosts.get(name) or {})
    login = {
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(lab.machines[next(iter(lab.machines))].key),
        "ansible_ssh_common_args": " ".join(SSH_OPTIONS),
    }
    everything |= {"hosts": hosts, "vars": login | (everything.get("vars") or {})}
    return {**inventory, "all": everything}
