"""One machine as those see it who log in: commands, files, boots."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.machines import network, processes
from tests.machines.container import Container
from tests.machines.processes import Broken, run

SSH_OPTIONS: Final = (
    *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
    *("-o", "LogLevel=ERROR", "-o", "ConnectTimeout=5", "-o", "BatchMode=yes"),
)
#: Another text after each boot, in a container, too: when its first process began.
_BOOT: Final = "stat --format=%Z /proc/1; systemctl show --property=UserspaceTimestampMonotonic"


@dataclass(frozen=True, slots=True)
class Machine(Container):
    """A container that we have the key of."""

    key: Path

    def wait(self, within: float = 300) -> None:
        """Until its SSH server answers; Broken, with its console, when it does not."""
        if not processes.until(self.answers, within):
            raise Broken(f"{self.name} does not answer in {within:.0f} s\n{self.said()}")

    def answers(self, port: int = 22) -> bool:
        """Whether something listens there; port 22 must also greet."""
        try:
            with network.inside(self.lab), socket.socket() as trying:
                trying.settimeout(1)
                trying.connect((self.address, port))
                return port != 22 or trying.recv(4) == b"SSH-"
        except OSError:
            return False

    def run(self, command: str, *, within: float = 60, given: str | None = None) -> str:
        """What a shell command prints there, as root; Broken when it fails."""
        return run(*self.ssh(command), within=within, given=given)

    def succeeds(self, command: str, *, within: float = 60) -> bool:
        """Whether a shell command ends well there."""
        try:
            self.run(command, within=within)
        except Broken:
            return False
        return True

    def put(self, ours: Path, theirs: str) -> None:
        """Copy a file to it."""
        run(*self._scp(), ours, f"root@{self.address}:{theirs}")

    def get(self, theirs: str, ours: Path) -> Path:
        """Copy a file of its; where it is then."""
        run(*self._scp(), f"root@{self.address}:{theirs}", ours)
        return ours

    def reboot(self, within: float = 300) -> None:
        """Reboot it in an orderly way, and wait until it answers again."""
        before = self.run(_BOOT)
        self.succeeds("systemctl --no-block reboot")  # it may be gone before it has said so
        if not processes.until(lambda: self.answers() and self.boot() not in ("", before), within):
            raise Broken(f"{self.name} did not reboot in {within:.0f} s\n{self.said()}")

    def boot(self) -> str:
        """Which boot this is, as a text; empty while it does not tell."""
        try:
            return self.run(_BOOT)
        except Broken:
            return ""

    def ssh(self, *command: str) -> list[str | Path]:
        """The command line for logging in to it, from outside the lab."""
        enter = ("ip", "netns", "exec", self.lab)
        return [*enter, "ssh", "-i", self.key, *SSH_OPTIONS, f"root@{self.address}", *command]

    def _scp(self) -> list[str | Path]:
        return ["ip", "netns", "exec", self.lab, "scp", "-q", "-i", self.key, *SSH_OPTIONS]
