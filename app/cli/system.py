"""orderhub run, migrate, doctor, accounts, schedule: the machine under the hub."""

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
from app.db import accounts as accounts_table
from app.db import migrate as migrations
from app.db import ticks
from app.db.conn import Conn
from app.db.rules import rules_of
from app.db.sealing import Seal
from app.marketplaces import remote
from app.marketplaces.registry import REGISTRY
from app.settings import Settings
from app.supervision.run import run as supervise

schedule = typer.Typer(help="The calendar.", no_args_is_help=True)


def version() -> str:
    """The installed version."""
    return installed("order-hub")


def run() -> None:
    """Run the whole hub in the foreground: database, workers, nginx, scheduler, sandbox."""
    sys.exit(supervise(Settings.from_env(os.environ), os.environ))


def migrate(
    phase: Annotated[str | None, typer.Option(help="Only pre or only post migrations")] = None,
) -> None:
    """Bring the database's schema up to date."""
    if phase not in (None, "pre", "post"):
        stop("--phase is pre or post.", 2)
    applied = asyncio.run(migrations.migrate(database_url(), phase=phase))
    for name in applied:
        typer.echo(name)
    typer.echo(f"{len(applied)} applied" if applied else "The schema is up to date.")


def doctor() -> None:
    """Look for what would keep the hub from working; exit code 1 when something is wrong."""
    known = settings()
    ways = [name for name, way in (("email", known.mailing), ("webhook", known.hook)) if way]
    found = with_connection(lambda conn: examine(conn, known.master_key, ways))
    for finding in found:
        console.print(_sign(finding), finding.text, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(finding.good for finding in found) else 1)


def accounts() -> None:
    """List accounts; never a secret."""
    table = Table("account", "adapter", "merchant", "stores", "active")
    for row in with_connection(accounts_table.overview):
        active = "yes" if row["active"] else "paused"
        table.add_row(row["code"], row["adapter"], row["merchant"], str(row["stores"]), active)
    console.print(table)


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
            adapters = {name: make(http) for name, make in REGISTRY.items()}
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
