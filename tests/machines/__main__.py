"""`python -m tests.machines …`: labs by hand, and the walks that `make machines` runs."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import yaml

from tests.machines import needs, scopes
from tests.machines.lab import Lab, down, found, known
from tests.machines.processes import Broken


def say(text: str) -> None:
    """One line to whoever called."""
    sys.stdout.write(f"{text}\n")


def up(words: argparse.Namespace) -> int:
    """A lab that stays until `down`."""
    hosts = dict(each.split(":", 1) for each in words.hosts)
    with Lab(words.lab, hosts, debian=words.debian, keep=True) as lab:
        for name, machine in lab.machines.items():
            say(f"{name} {machine.address} answers")
    return 0


def away(words: argparse.Namespace) -> int:
    """Take labs down: those named. `--all` is for a machine that nobody else tries on."""
    for name in known() if words.all else words.labs:
        down(name)
        say(f"{name} is gone")
    return 0


def ssh(words: argparse.Namespace) -> int:
    """Log in to a machine, or run one command there."""
    machine = found(words.lab)[words.host]
    return subprocess.run(machine.ssh(*words.command), check=False).returncode


def play(words: argparse.Namespace) -> int:
    """Run a playbook against a lab; the inventory is a YAML file without addresses."""
    inventory = yaml.safe_load(words.inventory.read_text())
    played = found(words.lab).play(inventory, words.playbook, arguments=tuple(words.arguments))
    say(played.tail())
    say(f"{played.seconds:.0f} s; all of it: {played.log}")
    return 0


def listed(words: argparse.Namespace) -> int:
    """Say which labs there are."""
    for name in known():
        hosts = found(name).machines.values()
        states = (f"{it.name}:{it.address}{'' if it.is_on() else ' (off)'}" for it in hosts)
        say(f"{name} {' '.join(states)}")
    return 0


def walk(words: argparse.Namespace) -> int:
    """Run the tests of a scope, with pytest's closing line at the end."""
    return scopes.run(words.scope, words.arguments)


COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "up": up, "down": away, "ssh": ssh, "play": play, "list": listed, "walk": walk,
}  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    top = argparse.ArgumentParser(prog="python -m tests.machines", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)
    made = {name: verbs.add_parser(name, help=verb.__doc__) for name, verb in COMMANDS.items()}
    for name in ("up", "ssh", "play"):
        made[name].add_argument("lab")
    made["up"].add_argument("hosts", nargs="+", metavar="host:address")
    made["up"].add_argument("--debian", type=int, default=12, choices=(12, 13))
    made["down"].add_argument("labs", nargs="*")
    made["down"].add_argument("--all", action="store_true")
    made["ssh"].add_argument("host")
    made["ssh"].add_argument("command", nargs=argparse.REMAINDER)
    made["play"].add_argument("inventory", type=Path)
    made["play"].add_argument("playbook", nargs="?", default="site.yml")
    made["play"].add_argument("arguments", nargs=argparse.REMAINDER, help="for ansible-playbook")
    made["walk"].add_argument("scope", nargs="?", default="one", help=", ".join(scopes.NAMES))
    made["walk"].add_argument("arguments", nargs=argparse.REMAINDER, help="for pytest")
    return top


def main() -> int:
    """The exit code; what this machine lacks, and what broke, in one sentence."""
    words = parser().parse_args()
    if lacking := needs.lacking():
        sys.stderr.write(f"{lacking}\n")
        return 2
    try:
        return COMMANDS[words.verb](words)
    except (Broken, ValueError, KeyError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
