"""orderhub reconcile: what marketplaces list against what we know."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.cli.session import console, print_json, stop, with_connection
from app.db import reconciliations

app = typer.Typer(
    help="What marketplaces list against what we know: what never arrived, what differs.",
    invoke_without_command=True,
)
Json = Annotated[bool, typer.Option("--json", help="For programs")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its code")]
_SINCE: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@app.callback()
def status(context: typer.Context, json: Json = False) -> None:
    """Show every account: how often it is compared, up to when, what was found, what differs."""
    if context.invoked_subcommand is not None:
        return
    rows = with_connection(reconciliations.standings)
    if json:
        print_json([dict(row) for row in rows])
        return
    heads = ("account", "every", "compared up to", "lag", "found", "differing", "state")
    table = Table(*heads, box=box.SIMPLE)
    for row in rows:
        every = f"{row['minutes']} min" if row["minutes"] > 0 else "never"
        counts = str(row["found"]), str(row["differing"])
        covered = _time(row["covered_until"])
        table.add_row(row["code"], every, covered, _lag(row["lag"]), *counts, _state(row))
        why = row["unlisted"] or row["trouble"]
        if why:
            table.add_row(f"  {why}"[:200])
    console.print(table if rows else "There are no accounts.")


@app.command()
def now(
    account: Account,
    since: Annotated[
        datetime | None, typer.Option(formats=_SINCE, help="From then on, if that is earlier")
    ] = None,
) -> None:
    """Compare an account now; the scheduler begins within seconds."""
    begin = since.astimezone() if since else None
    if begin is not None and begin > datetime.now(UTC):
        stop("--since lies in the future.", 2)
    who = getpass.getuser()
    if not with_connection(lambda conn: reconciliations.ask(conn, account, who, begin)):
        stop(f"There is no account {account} at work.")
    typer.echo(f"asked for; see: orderhub reconcile runs {account}")


@app.command()
def runs(
    account: Account,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    json: Json = False,
) -> None:
    """Show an account's newest looks: why, which window, what came of it."""
    rows = with_connection(lambda conn: reconciliations.runs(conn, account, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    heads = ("began", "why", "window", "pages", "listed", "found", "differing", "state")
    table = Table(*heads, box=box.SIMPLE)
    for row in rows:
        window = f"{_time(row['since'])} – {_time(row['until'])}"
        why = row["why"] if row["actor"] == "hub" else f"{row['why']} by {row['actor']}"
        counts = [str(row[name]) for name in ("pages", "listed", "found", "differing")]
        table.add_row(_time(row["started_at"]), why, window, *counts, row["state"])
        if row["unreadable"]:
            table.add_row(f"  {row['unreadable']} were no orders")
        if row["error"]:
            table.add_row(f"  {row['error']}"[:200])
    console.print(table if rows else f"Nobody has looked at {account} yet.")


@app.command()
def mismatches(
    account: Annotated[str | None, typer.Option(help="Only of this account")] = None,
    days: Annotated[int, typer.Option(min=0, max=400, help="Also what is over since then")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: Json = False,
) -> None:
    """Show what differs: which order, how, and since when."""
    since = datetime.now(UTC) - timedelta(days=days) if days else None
    rows = with_connection(lambda conn: reconciliations.mismatches(conn, account, since, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    heads = ("account", "order", "what", "here", "there", "since", "over")
    table = Table(*heads, box=box.SIMPLE)
    for row in rows:
        order = row["number"] or row["order_ref"]
        said = (row["ours"], row["theirs"]) if row["kind"] != "unreadable" else ("", row["theirs"])
        times = _time(row["first_seen"]), _time(row["resolved"])
        table.add_row(row["account"], order[:60], row["kind"], *said, *times)
    console.print(table if rows else "Nothing differs.")


def _state(row: Record) -> str:
    if not row["active"]:
        return "account paused"
    if row["unlisted"]:
        return "cannot be listed"
    if row["failures"]:
        return f"failed {row['failures']} ×, again at {_time(row['retry_at'])}"
    if row["running"]:
        return "under way"
    return "well" if row["covered_until"] else "not yet"


def _lag(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone():%m-%d %H:%M:%S}" if moment else ""
