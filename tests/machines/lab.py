"""A lab: machines that see each other and nobody else, for as long as a block lasts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.machines import apt, image, network, places, play, wheels
from tests.machines.machine import Machine
from tests.machines.play import Played
from tests.machines.processes import Broken

_FILE: Final = "lab.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a lab is made of; kept in its folder."""

    name: str
    hosts: dict[str, str]
    debian: int
    image: str
    wheels: str


class Lab(AbstractContextManager["Lab"]):
    """`Lab("one", {"hub1": "10.77.0.10"}, debian=12)`; what an earlier one of that name left goes
    first. `keep` leaves it up at the end, for a look."""

    def __init__(
        self, name: str, hosts: Mapping[str, str], *, debian: int = 12, keep: bool = False
    ) -> None:
        self.hosts = {places.host_name(host): hosts[host] for host in hosts}
        self.name = name  #: also that of its network namespace
        self.folder = places.lab_folder(name)  #: where it keeps everything; gone with it
        self.project = places.PROJECT  #: whose playbooks are played, as they are edited just now
        self.debian = debian
        self.keep = keep
        self._done = ExitStack()
        self.machines: dict[str, Machine] = {}

    def __enter__(self) -> Self:
        with ExitStack() as undone:
            self._be_alone(undone)
            undone.callback(down, self.name)
            down(self.name)
            self._up()
            self._done = undone.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.keep:
            self._done.close()

    def __getitem__(self, host: str) -> Machine:
        return self.machines[host]

    def inside(self) -> AbstractContextManager[None]:
        """The lab's network, for new sockets of this thread and for programs started."""
        return network.inside(self.name)

    def play(
        self, inventory: Mapping[str, Any], playbook: str = "site.yml", **options: Any
    ) -> Played:
        """Run a playbook from here against the machines (see `play.play`)."""
        return play.play(self, inventory, playbook, **options)

    def _be_alone(self, stack: ExitStack) -> None:
        try:
            stack.enter_context(places.locked(f"lab-{self.name}", wait=False))
        except BlockingIOError as taken:
            raise Broken(f"another run has the lab {self.name!r} up at the moment") from taken

    def _up(self) -> None:
        self.folder.mkdir(parents=True)
        bare, wheelhouse = image.ensure(self.debian), wheels.ensure(self.debian)
        plan = Plan(self.name, self.hosts, self.debian, str(bare), str(wheelhouse))
        (self.folder / _FILE).write_text(json.dumps(asdict(plan)))
        network.make(self.name)
        apt.open_way(self.name)
        self.machines = _machines(plan)
        for machine in self.machines.values():
            machine.switch_on()
        for machine in self.machines.values():
            machine.wait()


def found(name: str) -> Lab:
    """A lab that somebody else has put up, by its name; Broken when it is not there."""
    file = places.lab_folder(name) / _FILE
    if not file.exists() or not network.exists(name):
        raise Broken(f"there is no lab {name!r}; there are: {', '.join(known()) or 'none'}")
    plan = Plan(**json.loads(file.read_text()))
    lab = Lab(plan.name, plan.hosts, debian=plan.debian, keep=True)
    lab.machines = _machines(plan)
    return lab


def known() -> list[str]:
    """The labs that are up, or that somebody left behind."""
    return sorted(path.name for path in places.labs().glob("*"))


def down(name: str) -> None:
    """Take a lab down, however far it got and whoever left it, if there is one."""
    folder = places.lab_folder(name)
    if (folder / _FILE).exists():
        plan = Plan(**json.loads((folder / _FILE).read_text()))
        for machine in _machines(plan).values():
            machine.remove()
    apt.close_way(name)
    network.remove(name)
    if folder.exists():
        shutil.rmtree(folder)


def _machines(plan: Plan) -> dict[str, Machine]:
    bare, folder, key = Path(plan.image), places.lab_folder(plan.name), image.key()
    mounts = {wheels.AT: Path(plan.wheels)}
    return {
        name: Machine(plan.name, name, address, folder / name, bare, plan.debian, mounts, key)
        for name, address in plan.hosts.items()
    }
