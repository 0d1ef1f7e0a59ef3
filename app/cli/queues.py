"""orderhub inbox, outbox, replay: what is on its way, what is buried, and doing it again."""

from __future__ import annotations

import getpass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.actions import replay as replaying
from app.cli.session import console, print_json, stop, with_connection
from app.db import inbox as inbox_table
from app.db import queue
from app.db.queue import Depth, Queue

Dead = Annotated[bool, typer.Option("--dead", help="Only what is buried")]
Limit = Annotated[int, typer.Option(min=1, max=10_000)]
Json = Annotated[bool, typer.Option("--json", help="For programs")]


def inbox(
    dead: Dead = False,
    refused: Annotated[bool, typer.Option(help="Who was turned away, and why")] = False,
    limit: Limit = 30,
    json: Json = False,
) -> None:
    """Show deliveries that wait or are buried (from marketplaces to us)."""
    if refused:
        turned_away = with_connection(lambda conn: inbox_table.refusals(conn, limit))
        if json:
            print_json([dict(row) for row in turned_away])
            return
        console.print(_refusals(turned_away) if turned_away else "Nobody was turned away.")
        return
    _show(Queue.INBOX, dead=dead, limit=limit, json=json)


def outbox(
    dead: Dead = False,
    erp: Annotated[bool, typer.Option("--erp", help="Documents on their way to ERPs")] = False,
    limit: Limit = 30,
    json: Json = False,
) -> None:
    """Show messages that wait or are buried (from us to marketplaces, or documents to ERPs)."""
    _show(Queue.ERP if erp else Queue.OUTBOX, dead=dead, limit=limit, json=json)


def replay(
    name: Annotated[Queue, typer.Argument(metavar="inbox|outbox|erp_outbox", help="Which queue")],
    id_: Annotated[UUID | None, typer.Argument(metavar="ID", help="One row")] = None,
    dead: Annotated[
        bool, typer.Option("--dead", help="Everything buried and not replayed")
    ] = False,
    limit: Limit = 1000,
) -> None:
    """Do finished or buried work again, as a new row; what was done already stays done."""
    if name not in replaying.COPIES or (id_ is None) == (not dead):
        stop("Say inbox, outbox or erp_outbox, and either an ID or --dead.", 2)
    who = getpass.getuser()
    if id_ is not None:
        old = id_
        new = with_connection(lambda conn: replaying.replay(conn, name, old, who))
        if new is None:
            stop(f"{name} has no finished or buried row {id_}.")
        typer.echo(str(new))
        return
    count = with_connection(lambda conn: replaying.replay_dead(conn, name, limit, who))
    typer.echo(f"{count} replayed")


def _show(name: Queue, *, dead: bool, limit: int, json: bool) -> None:
    state = "dead" if dead else None
    rows = with_connection(lambda conn: queue.browse(conn, name, state, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    depths = with_connection(queue.depths)
    console.print(_depth(name, depths[name]), highlight=False)
    console.print(_rows(rows) if rows else "Nothing here.")


def _depth(name: Queue, depth: Depth) -> str:
    oldest = f", the oldest due one is {depth.oldest_due:.0f} s old" if depth.oldest_due else ""
    return f"{name}: {depth.unfinished} unfinished{oldest}, {depth.dead} buried"


def _rows(rows: list[Record]) -> Table:
    """One line of facts a row, and beneath it why it is where it is."""
    table = Table("id", "what", "order", "state", "tries", "since", "due", box=box.SIMPLE)
    table.columns[0].no_wrap = True
    for row in rows:
        state, ends = row["state"], row["state"] == "dead"
        due = "" if ends else _time(row["due_at"])
        facts = (str(row["id"]), row["what"], row["order"], state, str(row["attempts"]))
        table.add_row(*facts, _time(row["created_at"]), due)
        if row["reason"]:
            table.add_row(f"  {row['reason']}: {row['last_error'] or ''}"[:200])
    return table


def _refusals(rows: list[Record]) -> Table:
    table = Table("at", "account", "reason", "bytes", "from", box=box.SIMPLE)
    for row in rows:
        facts = (row["account"], row["reason"], str(row["size"]), row["peer"])
        table.add_row(_time(row["at"]), *facts)
    return table


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%m-%d %H:%M:%S}"
