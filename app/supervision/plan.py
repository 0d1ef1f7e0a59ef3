"""The hub's processes as a table, in the order they start."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.settings import Settings
from app.supervision import gateway, readiness
from app.supervision.child import Child
from app.supervision.cluster import Cluster
from app.supervision.sockets import socket_folder
from app.supervision.supervisor import Plan
from app.supervision.unprivileged import dies_with_us

WORKERS: Final = 4


@dataclass(frozen=True, slots=True)
class Ground:
    """What the plan stands on."""

    settings: Settings
    cluster: Cluster | None  #: None: the database is somebody else's
    nginx: Path  #: the program


def hub(ground: Ground) -> Plan:
    """Database, preparation, workers, gateway, scheduler; then the sandbox's two."""
    settings = ground.settings
    rows: list[Sequence[Child]] = [
        [database(ground.cluster)] if ground.cluster else [],
        [Child("prepare", python("app.supervision.prepare"), step=True)],
        workers(settings.data),
        [nginx(ground)],
        [Child("scheduler", python("scheduler"))],
    ]
    if settings.sandbox:
        serve = python("app", "sandbox", "serve")
        rows.append([Child("sandbox", serve, ready=readiness.listening(settings.sandbox_port))])
    if settings.sandbox and settings.sandbox_rate > 0:  # silence is for people and tests to break
        rows.append([Child("robot", python("app", "sandbox", "pick", "--forever"))])
    return rows


def sockets(data: Path) -> list[Path]:
    """Where the workers listen."""
    folder = socket_folder(data / "run", "web-0.closed")
    return [folder / f"web-{number}.sock" for number in range(1, WORKERS + 1)]


def database(cluster: Cluster) -> Child:
    """The embedded PostgreSQL."""
    return Child(
        "database",
        tuple(cluster.argv()),
        ready=readiness.database(cluster),
        stop_signal=signal.SIGINT,  # fast: open transactions are rolled back
        stop_within=30.0,
        holds_lock=False,
    )


def workers(data: Path, application: str = "app.main:create_app()") -> list[Child]:
    """The pool: each worker its own gunicorn behind its own socket."""
    return [_worker(number, path, application) for number, path in enumerate(sockets(data), 1)]


def _worker(number: int, socket: Path, application: str) -> Child:
    settings = ("--config", "python:app.supervision.gunicorn", "--bind", f"unix:{socket}")
    return Child(
        f"web-{number}",
        python("gunicorn", *settings, application),
        ready=readiness.worker(socket),
        socket=socket,
        extra={"HUB_WORKER": f"web-{number}"},
    )


def nginx(ground: Ground) -> Child:
    """The gateway."""
    data = ground.settings.data
    command = gateway.command(ground.nginx, data / "nginx" / "nginx.conf")
    return Child(
        "nginx",
        (*dies_with_us(), *command),
        ready=readiness.gateway(ground.settings.https_port, data / "tls" / "ca.pem"),
        stop_signal=signal.SIGQUIT,  # requests under way are answered; streams would go on
        stop_within=4.0,
    )


def python(module: str, *arguments: str) -> tuple[str, ...]:
    """A command that runs a module in this interpreter and ends with us."""
    return (*dies_with_us(), sys.executable, "-m", module, *arguments)
