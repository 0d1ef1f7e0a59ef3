"""A database of several machines: who leads, who has every commit, whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.machines.lab import Lab
from tests.machines.machine import Machine
from tests.machines.processes import Broken, until

_RUNS = {"running", "streaming"}


class Cluster:
    """Patroni's members in a lab."""

    def __init__(self, lab: Lab, members: Sequence[str]) -> None:
        self.lab, self.members = lab, members

    def leader(self) -> Machine:
        """The machine that leads; Broken when nobody does within a minute."""
        return self._of("leader")

    def standby(self) -> Machine:
        """The machine that has every commit, too."""
        return self._of("sync_standby")

    def seen(self) -> list[dict[str, Any]]:
        """What the first member that answers says of all; empty when none does."""
        for name in self.members:
            machine = self.lab[name]
            if machine.is_on() and machine.answers():
                ask = f"curl -s -m 3 http://{machine.address}:8008/cluster"
                if machine.succeeds(ask):
                    return list(json.loads(machine.run(ask) or "{}").get("members", []))
        return []

    def is_whole(self) -> bool:
        """One leads, one has every commit, and all of them run on the leader's timeline."""
        seen = self.seen()
        roles = [it["role"] for it in seen]
        return (
            len(seen) == len(self.members)
            and {"leader", "sync_standby"} <= set(roles)
            and all(it["state"] in _RUNS for it in seen)
            and len({it.get("timeline") for it in seen}) == 1
        )

    def wait_until_whole(self, within: float = 180) -> None:
        """Broken, with what is seen, when it does not become so."""
        if not until(self.is_whole, within, 1):
            raise Broken(f"the cluster is not whole after {within:.0f} s: {self.seen()}")

    def _of(self, role: str) -> Machine:
        def look() -> list[str]:
            return [it["name"] for it in self.seen() if it["role"] == role]

        if not (names := until(look, 60, 0.5)):
            raise Broken(f"no member is {role}: {self.seen()}")
        return self.lab[names[0]]
