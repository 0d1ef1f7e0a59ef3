"""orderhub run, migrate, doctor, setup, schedule: the machine under the hub."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.metadata import version as installed
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from app.actions import setup as settling
from app.actions.examine import Finding, examine
from app.cli.session import console, database_url, print_json, settings, stop, with_connection
from app.db import migrate as migrations
from app.db import ticks
from app.db.conn import Conn
from app.db.rules import rules_of
from app.db.sealing import Seal
from app.marketplaces import remote
from app.marketplaces.registry import build
from app.marketplaces.tools import Tools
from app.settings import Settings
from app.supervision.run import run as supervise

schedule = typer.Typer(help="The calendar.", no_args_is_help=True)


def version() -> str:
    """The installed version."""
    return installed("order-hub")


def release() -> str:
    """What whoever installed it calls this release; "": nobody did."""
    return os.environ.get("HUB_RELEASE", "")


def run() -> None:
    """Run the whole hub in the foreground: database, workers, nginx, scheduler, sandbox."""
    sys.exit(supervise(Settings.from_env(os.environ), os.environ))


def migrate(
    phase: Annotated[str | None, typer.Option(help="Only pre or only post migrations")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name what is missing")] = False,
) -> None:
    """Bring the database's schema up to date."""
    if phase not in (None, "pre", "post"):
        stop("--phase is pre or post.", 2)
    if dry_run:
        names = with_connection(lambda conn: migrations.pending(conn, phase))
    else:
        names = asyncio.run(migrations.migrate(database_url(), phase=phase))
    for name in names:
        typer.echo(name)
    done = "missing" if dry_run else "applied"
    typer.echo(f"{len(names)} {done}" if names else "The schema is up to date.")


def doctor() -> None:
    """Look for what would keep the hub from working; exit code 1 when something is wrong."""
    known = settings()
    ways = [name for name, way in (("email", known.mailing), ("webhook", known.hook)) if way]
    found = with_connection(lambda conn: examine(conn, known.master_key, ways))
    for finding in found:
        console.print(_sign(finding), finding.text, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(finding.good for finding in found) else 1)


def setup(
    description: Annotated[
        typer.FileBinaryRead, typer.Argument(help="JSON (docs/operating.md), or - for stdin")
    ],
) -> None:
    """Set up a merchant: stores, accounts, pickers, operators, goods. Saying it twice is once."""
    what = settling.read(description.read())
    seal, rules = Seal(settings().master_key or ""), rules_of(settings().rules)

    async def write(conn: Conn) -> None:
        async with remote.client() as http:
            adapters = build(Tools(http))
            await settling.set_up(conn, seal, adapters, what, rules)

    with_connection(write)
    typer.echo(
        f"{what.merchant}: {len(what.stores)} stores, {len(what.accounts)} accounts,"
        f" {len(what.pickers)} pickers, {len(what.operators)} operators,"
        f" {len(what.products)} products"
    )


@schedule.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="For programs")] = False) -> None:
    """Show the last tick of every job: when it was due, and how it ended."""
    rows = with_connection(ticks.latest)
    if json:
        print_json([dict(row) for row in rows])
        return
    table = Table("job", "due", "state", "took", "result")
    for row in rows:
        ended = row["finished_at"]
        took = "" if ended is None else f"{(ended - row['started_at']).total_seconds():.2f} s"
        due = f"{row['due_at'].astimezone():%m-%d %H:%M:%S}"
        table.add_row(row["job"], due, row["state"], took, row["result"])
    console.print(table if rows else "No job has run yet.")


def _sign(finding: Finding) -> Text:
    return Text("ok ", style="green") if finding.good else Text("BAD", style="red")
