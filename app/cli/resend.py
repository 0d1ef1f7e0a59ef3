"""orderhub documents list, deliveries, resend, re-export, acknowledge: documents and their ERPs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.actions import resend as acting
from app.cli.people import Json, by, decide, word
from app.cli.session import console, print_json, stop, with_connection
from app.db import erp
from app.db.conn import Conn
from app.db.erp import Deed
from app.domain.money import roubles

What = Annotated[
    str,
    typer.Argument(metavar="DOCUMENT", help="Its number or id, or an order's number: all of it"),
]
To = Annotated[str | None, typer.Option("--to", metavar="CODE", help="Only to this destination")]
There = Annotated[str, typer.Option("--to", metavar="CODE", help="The destination")]
Reason = Annotated[str, typer.Option(help="Why: it stays with the delivery")]
Since = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day")]
Until = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000)]
#: What a person sees of an ERP's answer.
_SHOWN: Final = 160


def list_(limit: Limit = 30, json: Json = False) -> None:
    """List the latest documents, and where they are."""
    rows = with_connection(lambda conn: erp.latest(conn, limit))
    if json:
        print_json([_plain(row) for row in rows])
        return
    heads = ("number", "kind", "date", "total", "order", "at_erp")
    table = Table(*(word(f"erp.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        kind, total = word(f"document.kind.{row['kind']}"), roubles(row["total"])
        date = f"{row['issued_on']:%d.%m.%Y}"
        table.add_row(row["number"], kind, date, total, row["order"] or "", row["at_erp"] or "—")
    console.print(table if rows else word("erp.no_documents"))


def deliveries(what: What, json: Json = False) -> None:
    """Show how a document got to its ERPs: every delivery, every try, who asked for it and why."""

    async def read(conn: Conn) -> list[tuple[list[Record], list[Record]]]:
        return [await erp.of_document(conn, id_) for id_ in await _meant(conn, what)]

    found = with_connection(read)
    if json:
        print_json(
            [
                {"deliveries": list(map(_plain, rows)), "attempts": list(map(_plain, tries))}
                for rows, tries in found
            ]
        )
        return
    for rows, tries in found:
        console.print(_deliveries(rows))
        console.print(_tries(tries))


def resend(what: What, reason: Reason, to: To = None) -> None:
    """Bring a document, or all of an order, to its ERPs once more."""

    async def work(conn: Conn) -> int:
        ids = await _meant(conn, what)
        return len(await acting.resend(conn, ids, to, _deed("resent", reason)))

    typer.echo(word("erp.queued", count=decide(work)))


def re_export(
    since: Since, until: Until, to: There, reason: Reason, *, limit: Limit = 10_000,
    yes: Annotated[bool, typer.Option("--yes", help="Not only count: bring them")] = False,
) -> None:  # fmt: skip
    """Bring the documents of a period to one destination once more; without --yes only count."""
    days = since.date(), until.date()
    count = decide(lambda conn: acting.count(conn, to, days))
    if count > limit:
        typer.echo(word("erp.too_many", count=count, limit=limit))
    if not yes or count == 0:
        first, last = (f"{day:%d.%m.%Y}" for day in days)
        typer.echo(word("erp.would", count=min(count, limit), first=first, last=last, code=to))
        return
    deed = _deed("re-exported", reason)
    done = with_connection(lambda conn: acting.re_export(conn, to, days, limit, deed))
    typer.echo(word("erp.queued", count=done))


def acknowledge(
    what: What,
    to: There,
    number: Annotated[str | None, typer.Option(help="The ERP's own number")] = None,
) -> None:
    """Say that a document is in an ERP's books, entered there by hand, say."""

    async def work(conn: Conn) -> int:
        ids = await _meant(conn, what)
        return await acting.settle(conn, ids, to, number, _deed("acknowledged", ""))

    typer.echo(word("erp.settled", count=decide(work)))


COMMANDS: Final[dict[str, Callable[..., None]]] = {
    "list": list_,
    "deliveries": deliveries,
    "resend": resend,
    "re-export": re_export,
    "acknowledge": acknowledge,
}


async def _meant(conn: Conn, text: str) -> list[UUID]:
    ids = await erp.find_documents(conn, text.replace("\x00", ""))
    if not ids:
        stop(word("erp.no_document", named=text))
    return ids


def _deed(cause: str, reason: str) -> Deed:
    who = by()
    return Deed(cause, who.name, reason.strip()[:300], who.trace_id)


def _deliveries(rows: list[Record]) -> Table:
    heads = ("code", "cause", "who", "since", "state", "erp_number")
    table = Table(*(word(f"erp.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        who = " · ".join(filter(None, (row["actor"], row["reason"])))
        facts = (
            _time(row["created_at"]),
            word(f"erp.state.{_state(row)}"),
            row["erp_number"] or "",
        )
        table.add_row(row["destination"], word(f"erp.cause.{row['cause']}"), who, *facts)
        if said := row["refusal"] or (row["last_error"] if row["state"] != "done" else ""):
            table.add_row(f"  {said}"[:_SHOWN])
    return table


def _state(row: Record) -> str:
    """How far a delivery is: its place in the queue says, unless the ERP does."""
    if row["acknowledged_at"] is not None:
        return "done"
    if row["pulled"]:
        return "dead" if row["refused_at"] is not None else "listed"
    return "dead" if row["refused_at"] is not None else str(row["state"])


def _tries(rows: list[Record]) -> Table:
    table = Table(*(word(f"erp.{head}") for head in ("at", "code", "outcome", "said")),
                  box=box.SIMPLE)  # fmt: skip
    for row in rows:
        outcome = f"{row['outcome']} {row['status'] or ''}".strip()
        table.add_row(_time(row["at"]), row["destination"], outcome, row["said"][:_SHOWN])
    return table


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%d.%m %H:%M:%S}"


def _plain(row: Record) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
