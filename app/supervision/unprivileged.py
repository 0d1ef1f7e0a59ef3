"""Child processes: they end with us, and PostgreSQL never runs as root. All by setpriv(1)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.supervision.refusal import CannotStart

#: Tried in this order when `nobody` cannot reach a folder: the plain account first, then the
#: account allowed to look through closed folders (containers usually grant only the last one).
CAPABILITIES: Final = (None, "dac_read_search", "dac_override")


@dataclass(frozen=True, slots=True)
class Account:
    """Who a program runs as: the command prefix that makes it so, and the owner of its files."""

    prefix: tuple[str, ...]
    uid: int
    gid: int

    def own(self, *paths: Path) -> None:
        """Give these files to the account; nothing to do when that is ourselves."""
        for path in paths:
            if self.uid != os.geteuid():
                os.chown(path, self.uid, self.gid)


def dies_with_us(signal_name: str = "TERM") -> tuple[str, ...]:
    """A command prefix: the kernel sends the program this signal should we die, even by kill -9."""
    return (_setpriv(), "--pdeathsig", signal_name)


def unprivileged(reach: Iterable[Path], *, signal_name: str = "INT") -> Account:
    """An account for PostgreSQL that can reach these folders: ourselves, or as root `nobody`.

    No folder's mode is changed: where a closed one (a checkout under /root) is in the way, the
    process alone gets the capability to pass it. Raises CannotStart when nothing helps.
    """
    prefix = dies_with_us(signal_name)
    if os.geteuid() != 0:
        return Account(prefix, os.geteuid(), os.getegid())
    nobody = _nobody()
    paths = list(reach)
    for capability in CAPABILITIES:
        candidate = (*prefix, *_as(nobody, capability))
        if _reaches(candidate, paths):
            return Account(candidate, nobody.pw_uid, nobody.pw_gid)
    raise CannotStart(
        "PostgreSQL does not run as root, and the user `nobody` cannot reach "
        f"{' or '.join(map(str, paths))}: use a checkout and HUB_DATA outside of closed folders, "
        "or start the hub as an ordinary user."
    )


def _as(user: pwd.struct_passwd, capability: str | None) -> tuple[str, ...]:
    dropped = ("--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups")
    if capability is None:
        return dropped
    # access(2) forgets capabilities of a non-root user unless no_setuid_fixup is set, and
    # PostgreSQL finds its own files with access(2).
    granted = ("--inh-caps", f"+{capability}", "--ambient-caps", f"+{capability}")
    return (*dropped, *granted, "--securebits", "+no_setuid_fixup")


def _reaches(prefix: Sequence[str], paths: Sequence[Path]) -> bool:
    tests = " && ".join(f'test -x "${n}"' for n in range(1, len(paths) + 1))
    tried = subprocess.run(  # noqa: S603 - our own command
        [*prefix, "/bin/sh", "-c", tests, "sh", *paths],
        check=False,
        cwd="/",
        stderr=subprocess.DEVNULL,
    )
    return tried.returncode == 0


def _setpriv() -> str:
    if found := shutil.which("setpriv"):
        return found
    raise CannotStart("The program setpriv is missing: install the package util-linux.")


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL does not run as root, and this machine has no user `nobody`: "
            "start the hub as an ordinary user."
        ) from None
