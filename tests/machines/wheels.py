"""Wheels for machines that reach no package index, and uv: one folder that guests read."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Final

from tests.machines import places
from tests.machines.processes import run

#: Where a guest finds the folder.
AT: Final = Path("/srv/wheels")
UV: Final = AT / "uv"
PYTHONS: Final = {12: "3.11", 13: "3.13"}  #: of Debian 12 and 13
_PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64")


def ensure(debian: int) -> Path:
    """The folder with all wheels of the committed lock for this Debian's Python (seconds, once)."""
    python = PYTHONS[debian]
    lock = run("git", "-C", places.PROJECT, "show", "HEAD:requirements.txt")
    folder = places.root() / "wheels" / f"{python}-{hashlib.sha256(lock.encode()).hexdigest()[:10]}"
    if not folder.exists():
        with places.locked(f"wheels-{python}"):
            if not folder.exists():
                _download(lock, python, folder)
    return folder


def _download(lock: str, python: str, folder: Path) -> None:
    half = folder.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    (half / "requirements.txt").write_text(lock)
    run(
        sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps",
        "--only-binary=:all:", "--implementation=cp", f"--python-version={python}",
        *(f"--platform={platform}" for platform in _PLATFORMS),
        f"--requirement={half}/requirements.txt", f"--dest={half}", within=600,
    )  # fmt: skip
    shutil.copy2(Path(sys.executable).with_name("uv"), half / "uv")
    half.rename(folder)
