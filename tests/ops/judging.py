"""Role preflight's assertions of what is known beforehand, judged by Ansible's own templating:
without a play, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

from tests.ops.rendering import ANSIBLE

#: The files whose assertions need no machine.
BEFOREHAND = ("inventory.yml", "secrets.yml")
init_plugin_loader()


def sentence(folder: Path, inventory: Mapping[str, Any]) -> str:
    """What preflight has against an inventory, the sentence that people see; "" when nothing."""
    (folder / "hosts.yml").write_text(yaml.safe_dump(dict(inventory)))
    loader = DataLoader()
    hosts = InventoryManager(loader=loader, sources=[str(folder / "hosts.yml")])
    variables = VariableManager(loader=loader, inventory=hosts)
    HostVars(hosts, variables, loader)  # makes itself known to the others
    loader.set_basedir(str(ANSIBLE))
    asked = {"hosts": "all", "gather_facts": False, "roles": ["preflight"]}
    play = Play.load(asked, variable_manager=variables, loader=loader)
    first = hosts.get_hosts()[0]
    for task in _assertions(play.compile()):
        known = variables.get_vars(play=play, host=first, task=task)
        for item in _items(task, Templar(loader, known)):
            templar = Templar(loader, known | {"item": item})
            if not templar.evaluate_conditional(task.args["that"]):
                return str(templar.template(task.args["fail_msg"]))
    return ""


def _assertions(blocks: list[Any]) -> Iterator[Any]:
    for each in blocks:
        if isinstance(each, Block):
            yield from _assertions(each.block)
        elif each.action == "ansible.builtin.assert" and _file(each) in BEFOREHAND:
            yield each


def _file(task: Any) -> str:
    return Path(task.get_path().rpartition(":")[0]).name


def _items(task: Any, templar: Templar) -> list[Any]:
    return [None] if task.loop is None else list(templar.template(task.loop))
