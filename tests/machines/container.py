"""A machine's hardware: its disk (an overlay over the image), its power switch, its cable.

systemd-nspawn ends with 133 when its machine reboots, and is started again; with anything else the
machine is off. `cut_power` is what it says, except that what was written is in the host's memory
and stays: it shows how processes recover, not disks.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.machines import network, processes
from tests.machines.processes import Broken, run

_CGROUPS: Final = Path("/sys/fs/cgroup")
_REBOOTS: Final = 133
#: Joins its control groups, then is the machine, over reboots. "$@" is systemd-nspawn's command.
_KEEPER: Final = f"""
for group in $OWN_GROUPS; do echo $$ > "$group/cgroup.procs"; done
while :; do "$@"; code=$?; echo "systemd-nspawn: $code"; [ $code = {_REBOOTS} ] || break; done
"""
#: Debian's systemd from which on the new hierarchy of control groups alone is enough.
_UNIFIED_SINCE: Final = 13
_NO_SYSTEMD_HERE: Final = ("--register=no", "--keep-unit", "--link-journal=no", "--console=pipe")


@dataclass(frozen=True, slots=True)
class Container:
    """A machine of a lab; `mounts` are folders of ours that it reads, by where it finds them."""

    lab: str
    name: str
    address: str
    folder: Path
    image: Path
    debian: int
    mounts: Mapping[Path, Path]

    def switch_on(self) -> None:
        """Boot it, in a network namespace as fresh as a machine's memory; returns at once."""
        self._lay_root()
        network.join(self.lab, self.name, self.address)
        for group in self._groups():
            group.mkdir(parents=True, exist_ok=True)
        processes.start(
            ["sh", "-c", _KEEPER, "keeper", *self._nspawn()], self.pid_file, self.console,
            {
                "OWN_GROUPS": " ".join(map(str, self._groups())),
                "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": str(int(self._unified())),
                "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",  # net.* sysctls are its own
            },
        )  # fmt: skip

    def switch_off(self, within: float = 30) -> None:
        """Power it off in an orderly way; what does not go by then is cut off."""
        keeper = processes.noted(self.pid_file)
        if leader := self.leader():
            processes.send(leader, signal.SIGRTMIN + 4)  # systemd's word for poweroff
        if keeper and not processes.gone(keeper, within if leader else 0):
            self._kill(keeper)
        self.pid_file.unlink(missing_ok=True)

    def cut_power(self) -> None:
        """From one moment to the next it is silent, and then dead."""
        self.unplug()
        if keeper := processes.noted(self.pid_file):
            self._kill(keeper)
        self.pid_file.unlink(missing_ok=True)

    def unplug(self) -> None:
        """Pull its network cable; it goes on running."""
        network.cable(self.lab, self.name, plugged=False)

    def plug(self) -> None:
        """Put the network cable in again."""
        network.cable(self.lab, self.name, plugged=True)

    def cpu_seconds(self) -> float:
        """What the machine has computed since it was switched on: its first process and all that
        ended below it."""
        leader = self.leader()
        stat = Path(f"/proc/{leader}/stat").read_text() if leader else ") " + "0 " * 20
        fields = stat.rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def is_on(self) -> bool:
        """Whether it runs, or is just rebooting."""
        return processes.noted(self.pid_file) is not None

    def leader(self) -> int | None:
        """The machine's first process, as we see it."""
        keeper = processes.noted(self.pid_file)
        nspawn = processes.children(keeper) if keeper else []
        found = [each for parent in nspawn for each in processes.children(parent)]
        return found[0] if found else None

    def remove(self) -> None:
        """Take away all that is left of it, whatever became of it."""
        if self.is_on():
            self.switch_off()
        if self._root.is_mount():
            run("umount", self._root)
        for group in self._groups():
            for folder in sorted(group.glob("**/"), reverse=True):
                _take_away(folder)
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def said(self, lines: int = 15) -> str:
        """The end of what it wrote to its console."""
        if not self.console.exists():
            return ""
        return "\n".join(self.console.read_text(errors="replace").splitlines()[-lines:])

    @property
    def pid_file(self) -> Path:
        """Where its keeper's process id stands."""
        return self.folder / "pid"

    @property
    def console(self) -> Path:
        """What it said while booting."""
        return self.folder / "console.log"

    @property
    def _root(self) -> Path:
        return self.folder / "root"

    def _lay_root(self) -> None:
        if self._root.is_mount():
            return
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        layers = f"lowerdir={self.image},upperdir={self.folder}/upper,workdir={self.folder}/work"
        run("mount", "-t", "overlay", "-o", layers, f"lab-{self.lab}", self._root)
        (self._root / "etc" / "hostname").write_text(f"{self.name}\n")
        (self._root / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n")

    def _nspawn(self) -> list[str]:
        return [
            "systemd-nspawn", "--quiet", f"--directory={self._root}", "--boot",
            f"--machine={self.lab}-{self.name}", f"--hostname={self.name}", *_NO_SYSTEMD_HERE,
            f"--network-namespace-path=/run/netns/{self.lab}-{self.name}",
            "--resolv-conf=off", "--timezone=off", "--capability=CAP_NET_ADMIN,CAP_NET_RAW",
            *(f"--bind-ro={ours}:{theirs}" for theirs, ours in self.mounts.items()),
        ]  # fmt: skip

    def _unified(self) -> bool:
        return self.debian >= _UNIFIED_SINCE or (_CGROUPS / "cgroup.controllers").exists()

    def _groups(self) -> list[Path]:
        """Control groups of its own, or containers collide; one in each hierarchy of systemd's."""
        old = [_CGROUPS / name for name in ("systemd", "unified")]
        found = [path for path in old if path.exists()] or [_CGROUPS]
        return [path / f"lab-{self.lab}-{self.name}" for path in found]

    def _kill(self, keeper: int) -> None:
        """The leader first: with it goes all that runs in the machine."""
        for pid in (self.leader(), *processes.children(keeper), keeper):
            if pid and processes.alive(pid):
                processes.send(pid, signal.SIGKILL)
        if not processes.gone(keeper, 10):
            raise Broken(f"{self.name} does not die (process {keeper})")


def _take_away(group: Path, within: float = 30) -> None:
    """A control group goes with its last process, and one that was just killed takes a moment."""
    deadline = time.monotonic() + within
    while True:
        try:
            return group.rmdir()
        except OSError as busy:
            if busy.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.1)
