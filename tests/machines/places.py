"""Where test machines keep what they write: one folder for all labs, and in it one for each."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).parents[2]
#: No dash: namespaces and machines are called `<lab>-<host>`.
LAB_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,9}")
#: `v-<host>` is an interface's name: 15 characters at most.
HOST_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,12}")


def root() -> Path:
    """The folder for everything, made when it is not there: HUB_MACHINES, or below /var/tmp."""
    folder = Path(os.environ.get("HUB_MACHINES") or "/var/tmp/order-hub-machines").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def labs() -> Path:
    """One folder below it for each lab that is up, or was left behind."""
    return root() / "labs"


def lab_folder(name: str) -> Path:
    """A lab's own folder; ValueError when the name is none."""
    if not LAB_NAME.fullmatch(name):
        raise ValueError(f"{name!r} names no lab: a small letter, then up to nine more or digits")
    return labs() / name


def host_name(name: str) -> str:
    """The same name; ValueError when no machine can be called so."""
    if not HOST_NAME.fullmatch(name):
        raise ValueError(f"{name!r} names no machine: up to 13 small letters, digits, dashes")
    return name


def commit(ref: str = "HEAD") -> str:
    """The commit that is installed: asked once, a walk goes on with it though others commit."""
    command = ["git", "-C", str(PROJECT), "rev-parse", f"{ref}^{{commit}}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def checkout(folder: Path, ref: str = "HEAD") -> Path:
    """The project as it is committed, in a folder of its own: nobody edits it during a walk."""
    for words in (["clone", "--quiet", "--shared", "--no-checkout", str(PROJECT), str(folder)],
                  ["-C", str(folder), "checkout", "--quiet", "--detach", commit(ref)]):  # fmt: skip
        subprocess.run(["git", *words], check=True)
    return folder


@contextmanager
def locked(name: str, *, wait: bool = True) -> Iterator[None]:
    """Alone with something that all labs share: the others wait, or get BlockingIOError."""
    with (root() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
