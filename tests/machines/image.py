"""The bare Debian that every test machine begins with: built once, then only read.

A machine as one gets it from a provider: systemd, an SSH server that lets root in with a key,
python3 and sudo for Ansible. Its packages come from the proxy in the lab.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Final

from tests.machines import apt, places
from tests.machines.processes import Broken, run

SUITES: Final = {12: "bookworm", 13: "trixie"}
PACKAGES: Final = (
    *("systemd", "systemd-sysv", "dbus", "udev", "kmod", "procps", "netbase", "tzdata"),
    *("openssh-server", "python3", "python3-apt", "sudo"),
    *("iproute2", "iputils-ping", "curl", "ca-certificates"),
)
_NO_MANUALS: Final = ("path-exclude=/usr/share/man/*", "path-exclude=/usr/share/doc/*")
_APT_OPTIONS: Final = (
    'Acquire::Check-Valid-Until "false"',  # a mirror that stands still is good enough here
    'Acquire::Check-Date "false"',
    'Acquire::Languages "none"',
)
#: Files written into the image.
_FILES: Final = {
    "etc/apt/apt.conf.d/01lab": "".join(
        f"{line};\n" for line in (f'Acquire::http::Proxy "{apt.PROXY}"', *_APT_OPTIONS)
    ),
    "etc/dpkg/dpkg.cfg.d/lab": "force-unsafe-io\n",  # a test machine may forget at a power cut
    "etc/machine-id": "",
    "etc/resolv.conf": "# none\n",
}
#: They wait for what a namespace never brings.
_MASKED: Final = (
    *("systemd-networkd-wait-online.service", "systemd-resolved.service"),
    *("getty@tty1.service", "console-getty.service"),
)
_FOLDERS_OF_LISTS: Final = ("var/lib/apt/lists", "var/cache/apt")


def ensure(debian: int) -> Path:
    """The folder with the image of Debian 12 or 13, built when it is not there (a minute)."""
    suite = SUITES[debian]
    folder = places.root() / "images" / f"{suite}-{_recipe()}"
    if not folder.exists():
        with places.locked(f"image-{suite}"):
            if not folder.exists():
                _build(suite, folder)
    return folder


def key() -> Path:
    """The key for SSH to every machine, made once."""
    path = places.root() / "id"
    with places.locked("key"):
        if not path.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test machines", "-f", path)
    return path


def _recipe() -> str:
    """A few letters that change whenever the image would come out otherwise."""
    public = key().with_suffix(".pub").read_text()
    parts = [PACKAGES, _NO_MANUALS, _APT_OPTIONS, _FILES, _MASKED, public, 2]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]


def _build(suite: str, folder: Path) -> None:
    half = folder.with_suffix(".half")
    if half.exists():
        shutil.rmtree(half)
    half.parent.mkdir(exist_ok=True)
    with apt.borrowed(suite) as proxy:
        run(
            "mmdebstrap", "--quiet", "--variant=apt", f"--include={','.join(PACKAGES)}",
            *(f"--aptopt={option}" for option in _APT_OPTIONS),
            f'--aptopt=Acquire::http::Proxy "{proxy}"',
            *(f"--dpkgopt={option}" for option in (*_NO_MANUALS, "force-unsafe-io")),
            suite, half, within=900,
        )  # fmt: skip
    _seed(half)
    half.rename(folder)


def _seed(root: Path) -> None:
    (root / "etc/apt/apt.conf.d/99mmdebstrap").unlink()  # the cache as only we reach it
    for name, text in _FILES.items():
        path = root / name
        path.unlink(missing_ok=True)  # resolv.conf may be a link to ours
        path.write_text(text)
    home = root / "root" / ".ssh"
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "authorized_keys").write_text(key().with_suffix(".pub").read_text())
    run("chroot", root, "systemctl", "--quiet", "mask", *_MASKED)
    run("chroot", root, "systemctl", "--quiet", "enable", "ssh.service")
    _forget_lists(root)
    if not (root / "usr/sbin/sshd").exists():
        raise Broken(f"{root} has no SSH server")


def _forget_lists(root: Path) -> None:
    """No lists, and long ago: apt's modules would take an empty list of today for a fresh one."""
    lists, cache = (root / name for name in _FOLDERS_OF_LISTS)
    shutil.rmtree(lists)
    lists.mkdir()
    for path in cache.glob("*.bin"):
        path.unlink()
    for path in (lists, cache):
        os.utime(path, (946684800, 946684800))
