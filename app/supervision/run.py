"""`orderhub run`: the whole hub in the foreground until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping

from app.settings import Settings
from app.supervision import cluster, environment, instance, plan, postgres
from app.supervision.binaries import nginx_program
from app.supervision.console import Console
from app.supervision.journal import Journal
from app.supervision.kept import Surroundings
from app.supervision.plan import Ground
from app.supervision.refusal import CannotStart
from app.supervision.supervisor import Plan, Supervisor


def run(
    settings: Settings, env: Mapping[str, str], make_plan: Callable[[Ground], Plan] = plan.hub
) -> int:
    """Run until a signal; the exit code. A refusal to start is one sentence and code 1."""
    try:
        return _run(settings, env, make_plan)
    except CannotStart as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except KeyboardInterrupt:  # before the supervisor listens to signals: nothing has started
        return 130


def _run(settings: Settings, env: Mapping[str, str], make_plan: Callable[[Ground], Plan]) -> int:
    lock = instance.hold(settings.data)
    instance.free_ports(_ports(settings))
    console = Console(settings.language)
    own_cluster = _cluster(settings)
    database_url = settings.database_url or (own_cluster.dsn if own_cluster else "")
    variables = environment.children(settings, env, database_url)
    around = Surroundings(variables, Journal(settings.data / "log"), lock, console.say)
    processes = make_plan(Ground(settings, own_cluster, nginx_program()))
    console.say("starting", names=", ".join(child.name for row in processes for child in row))
    asyncio.run(Supervisor(processes, around, lambda: _show(console, settings)).run())
    return 0


def _cluster(settings: Settings) -> cluster.Cluster | None:
    if settings.database_url is not None:
        return None
    postgres.end_leftover(settings.data / "postgres")
    return cluster.prepare(settings.data, durable=not settings.under_test)


def _ports(settings: Settings) -> dict[str, int]:
    ports = {"HUB_HTTPS_PORT": settings.https_port, "HUB_HTTP_PORT": settings.http_port}
    return {**ports, "HUB_SANDBOX_PORT": settings.sandbox_port} if settings.sandbox else ports


def _show(console: Console, settings: Settings) -> None:
    sandbox = environment.sandbox(settings) if settings.sandbox else None
    base_url = f"https://localhost:{settings.https_port}"
    with contextlib.suppress(OSError):
        sys.stdout.write(console.block(base_url, str(settings.data / "log"), sandbox))
        sys.stdout.flush()
