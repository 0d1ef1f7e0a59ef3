"""orderhub inbox, outbox, refused, dead: what is on its way, not let in, buried."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.cli.session import console, print_json, stop, with_connection
from app.cli.span import Since, Until, moment
from app.db import buried, queue
from app.db.queue import Depth, Queue
from app.db.refused import NEWEST, Filter, page, place_of

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
        turned_away, _ = with_connection(lambda conn: page(conn, Filter(), limit))
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


def refused(  # noqa: PLR0913 - what a person may say of refusals
    account: Annotated[str | None, typer.Option(help="As its address named it")] = None,
    reason: Annotated[str | None, typer.Option(help="forged, unknown_account, too_large")] = None,
    word: Annotated[str | None, typer.Option(help="Of forged: token, signature, stale, …")] = None,
    since: Since = None,
    until: Until = None,
    *,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="The next page")] = None,
    limit: Limit = 30,
    json: Json = False,
) -> None:
    """Show deliveries that were not let in: who knocked, and why not. The newest first."""
    place = NEWEST if after is None else place_of(after)
    if place is None:
        stop("The cursor is the one that the page before ended with.", 2)
    chosen = Filter(account, reason, word, moment(since), moment(until))
    rows, following = with_connection(lambda conn: page(conn, chosen, limit, place))
    if json:
        print_json({"refused": [dict(row) for row in rows], "next": following and str(following)})
        return
    console.print(_refusals(rows) if rows else "Nobody was turned away.")
    if following is not None:
        console.print(f"More: --after {following}")


def dead(
    queue_: Annotated[
        Queue | None, typer.Argument(metavar="[inbox|outbox|erp_outbox]", help="Only this queue")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Its code, or an ERP's")] = None,
    since: Since = None,
    until: Until = None,
    *,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """Show what is buried and not replayed, grouped by what it died of."""
    within = moment(since), moment(until)
    rows = with_connection(lambda conn: buried.groups(conn, queue_, account, within, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    console.print(_groups(rows) if rows else "Nothing is buried.")


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
        why = ": ".join(filter(None, (row["reason"], row["word"])))
        facts = (row["account"], why, str(row["size"]), row["peer"])
        table.add_row(_time(row["at"]), *facts)
    return table


def _groups(rows: list[Record]) -> Table:
    """One line a group; beneath what it died of is the latest row."""
    heads = ("rows", "queue", "account", "reason", "first", "last", "died of, and the latest row")
    table = Table(*heads, box=box.SIMPLE)
    for row in rows:
        facts = (row["queue"], row["account"], row["reason"])
        times = (_time(row["first_at"]), _time(row["last_at"]))
        died_of = f"{row['cause']}\n{row['examples'][0]}".strip()
        table.add_row(str(row["rows"]), *facts, *times, died_of)
    return table


def _time(at: datetime) -> str:
    return f"{at.astimezone():%m-%d %H:%M:%S}"
