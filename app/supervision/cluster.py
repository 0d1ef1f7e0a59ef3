"""The embedded database's folder: made once by initdb, checked at every start."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Final

from app.supervision.binaries import postgres_folder, postgres_major
from app.supervision.refusal import CannotStart
from app.supervision.sockets import socket_folder
from app.supervision.unprivileged import Account, unprivileged

SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",  # the socket is enough, and nobody else on the network can knock
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_duration_statement": "1000",
    # Customers' names and addresses travel as parameters and stand in DETAIL lines.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}
#: For tests only: nothing survives a power cut.
FORGETFUL: Final[Mapping[str, str]] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A prepared data folder and all that starting its server takes."""

    programs: Path
    data: Path
    sockets: Path
    account: Account
    password: str
    durable: bool

    @property
    def dsn(self) -> str:
        """The URL of the database `hub`, through the unix socket."""
        return f"postgresql://postgres:{self.password}@/hub?host={self.sockets}"

    def argv(self) -> list[str]:
        """The server's command line; its stop signal is SIGINT (fast)."""
        settings = SETTINGS if self.durable else {**SETTINGS, **FORGETFUL}
        options = [f"--{name}={value}" for name, value in settings.items()]
        where = ["-D", str(self.data), "-k", str(self.sockets), "-p", "5432"]
        return [*self.account.prefix, str(self.programs / "postgres"), *where, *options]

    def ready(self) -> bool:
        """Whether the server takes connections now."""
        command = [str(self.programs / "pg_isready"), "-q", "-h", str(self.sockets), "-p", "5432"]
        return subprocess.run(command, check=False, cwd="/").returncode == 0  # noqa: S603


def prepare(home: Path, *, durable: bool = True, programs: Path | None = None) -> Cluster:
    """Make `home`/postgres ready to start; the first time that means initdb.

    The caller sees to it that nobody else uses `home`. Raises CannotStart when the folder was made
    by another major version, or cannot be reached by the account the server runs as.
    """
    programs = programs or postgres_folder()
    home.mkdir(parents=True, exist_ok=True, mode=0o711)
    account = unprivileged([programs / "postgres", home])
    data = home / "postgres"
    password = _password(home / "postgres.password", fresh=not data.exists())
    if data.exists():
        _same_major(data, programs)
    else:
        _initialise(data, account, programs, password)
    sockets = socket_folder(home / "postgres.run", ".s.PGSQL.5432", (account.uid,))
    account.own(sockets)
    return Cluster(programs, data, sockets, account, password, durable)


def _password(file: Path, *, fresh: bool) -> str:
    if fresh:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(24))
    if not file.exists():
        raise CannotStart(f"The database's password is missing: restore {file}.")
    return file.read_text().strip()


def _same_major(data: Path, programs: Path) -> None:
    made, ours = (data / "PG_VERSION").read_text().strip(), postgres_major(programs)
    if made != str(ours):
        raise CannotStart(
            f"{data} was made by PostgreSQL {made}, and {programs} holds PostgreSQL {ours}: "
            "dump it with the old version, or set HUB_DATABASE_URL."
        )


def _initialise(data: Path, account: Account, programs: Path, password: str) -> None:
    """Run initdb and create the database in a folder of another name, then rename it."""
    unfinished = data.with_name(f"{data.name}.unfinished")
    rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    with tempfile.NamedTemporaryFile("w", prefix="hub-") as file:
        file.write(password)
        file.flush()
        account.own(unfinished, Path(file.name))
        options = ["-A", "scram-sha-256", "--pwfile", file.name, "-D", str(unfinished)]
        _run(account, [str(programs / "initdb"), *options, *_initdb_options(programs)])
    single = [str(programs / "postgres"), "--single", "-F", "-D", str(unfinished), "postgres"]
    _run(account, single, text="CREATE DATABASE hub\n")
    unfinished.rename(data)


def _initdb_options(programs: Path) -> list[str]:
    common = ["-U", "postgres", "-E", "UTF8", "--data-checksums", "--no-instructions"]
    if postgres_major(programs) >= 17:
        return [*common, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*common, "--locale=C.UTF-8"]


def _run(account: Account, command: list[str], *, text: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [*account.prefix, *command],
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CannotStart(f"{Path(command[0]).name} failed: {last}")
