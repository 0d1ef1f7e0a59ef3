"""The yardstick: the same nginx, workers, TLS and checks, answering without the database.

Not reachable by any setting: only the benchmark starts it, and it forgets what it acknowledged."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from starlette.applications import Starlette

from app import main
from app.contract import Reply
from app.db.inbox import Arrival
from app.settings import Settings
from app.supervision import plan
from app.supervision.plan import Ground
from app.supervision.run import run
from app.supervision.supervisor import Plan


class Forgetful:
    """Takes a delivery like a group commit does, and stores nothing."""

    async def store(self, arrival: Arrival) -> Reply:
        """Answer at once."""
        return arrival.reply


def create_app() -> Starlette:
    """The web application with nothing behind its hooks."""
    return main.create_app(drains=False, commits=lambda _hub: Forgetful())


def forgetful(ground: Ground) -> Plan:
    """The hub's processes, with forgetful workers and without a calendar."""
    settings = ground.settings
    rows = plan.hub(replace(ground, settings=replace(settings, sandbox=False)))
    workers = plan.workers(settings.data, "app.bench.baseline:create_app()")
    return [
        workers if any(child.name.startswith("web-") for child in row) else row
        for row in rows
        if not any(child.name == "scheduler" for child in row)
    ]


if __name__ == "__main__":
    sys.exit(run(Settings.from_env(os.environ), os.environ, forgetful))
