"""orderhub settlements: marketplaces' own reports beside our documents."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import typer
from rich import box
from rich.table import Table

from app.actions import settle
from app.actions.settle import Paper, Story
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import settlements
from app.db.conn import Conn
from app.domain.money import roubles
from app.domain.settlement import Book, Settlement, SettlementRefused
from app.imports.settlement import read as read_rows
from app.render.language import say
from app.render.settlement import flaw_views, settlement_view, story_view

app = typer.Typer(help="Marketplaces' reports beside our documents.", no_args_is_help=True)
_DAYS: Final = ["%Y-%m-%d"]
#: Differences shown to a person; --json has them all.
_SHOWN: Final = 40
Json = Annotated[bool, typer.Option("--json", help="For programs")]
Which = Annotated[UUID, typer.Argument(metavar="ID", help="As `list` shows it")]


@app.command("import")
def import_(  # noqa: PLR0913 - one per option
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX")],
    *,
    account: Annotated[str, typer.Option(help="Whose report it is")],
    kind: Annotated[Book, typer.Option(help="Sums by order, or goods with the agent's fee")],
    number: Annotated[str, typer.Option(help="What the marketplace calls it")],
    first: Annotated[datetime, typer.Option("--from", formats=_DAYS, help="First day")],
    last: Annotated[datetime, typer.Option("--until", formats=_DAYS, help="Last day, included")],
    json: Json = False,
) -> None:
    """Take a report and compare it; the same file twice is once."""
    body, language = file.read_bytes(), settings().language
    try:
        rows = read_rows(body)
        days = _day(first), _day(last)
        paper = Paper(account, kind, number, *days, file.name, body, rows)
        id_ = with_connection(lambda conn: settle.take(conn, paper, getpass.getuser()))
    except SettlementRefused as refusal:
        flaws = flaw_views(refusal.flaws, language)
        lines = [f"{say(language, 'import.row')} {flaw.row}: {flaw.message}" for flaw in flaws]
        stop("\n".join([say(language, refusal.text, **refusal.values), *lines]))
    _show(_read(id_), language, json=json)


@app.command("list")
def list_(
    account: Annotated[str | None, typer.Option(help="Only this account's")] = None,
    *,
    json: Json = False,
) -> None:
    """The latest reports."""
    found = with_connection(lambda conn: settlements.browse(conn, account=account))
    if json:
        print_json([settlement_view(each) for each in found])
        return
    table = Table(
        "id", "account", "kind", "number", "days", "sold", "fee", "differ", "document",
        box=box.SIMPLE,
    )  # fmt: skip
    for each in found:
        table.add_row(*_cells(each))
    console.print(table if found else "No report was taken yet.", highlight=False)


@app.command()
def show(id_: Which, *, json: Json = False) -> None:
    """One report and where it differs, compared now."""
    _show(_read(id_), settings().language, json=json)


@app.command()
def accept(
    id_: Which, reason: Annotated[str, typer.Option(help="Why they are taken as they are")]
) -> None:
    """Accept the differences of a report."""
    if not reason.strip():
        stop("A reason is needed.", 2)
    _read(id_)
    who = getpass.getuser()
    if not with_connection(lambda conn: settle.accept(conn, id_, who, reason.strip()[:300])):
        stop("Its differences were accepted already.")
    typer.echo("Accepted. A document of commission is made within minutes if one is due.")


@app.command()
def drop(id_: Which) -> None:
    """Take a report back of which no document was made."""
    _read(id_)
    if not with_connection(lambda conn: settlements.drop(conn, id_)):
        stop("A document was made of it: it stays.")
    typer.echo("Taken back.")


def _read(id_: UUID) -> Story:
    async def read(conn: Conn) -> Story | None:
        return await settle.read(conn, id_)

    found = with_connection(read)
    if found is None:
        stop(f"There is no report {id_}.")
    return found


def _show(found: Story, language: str, *, json: bool) -> None:
    report, differences = found
    if json:
        print_json(story_view(report, differences, language, len(differences)))
        return
    console.print(_summary(report, language), highlight=False)
    if not differences:
        return
    heads = ("finding", "order", "their_order", "sku", "theirs", "ours", "difference")
    table = Table(*(say(language, f"books.{head}") for head in heads), box=box.SIMPLE)
    for column in table.columns[4:]:
        column.justify = "right"
    for each in differences[:_SHOWN]:
        names = say(language, f"books.finding.{each.finding}"), each.order_number, each.order_ref
        sums = each.theirs, each.ours, each.theirs - each.ours
        table.add_row(*names, each.sku, *map(roubles, sums))
    console.print(table, highlight=False)
    if (more := len(differences) - _SHOWN) > 0:
        console.print(say(language, "books.more", count=more), highlight=False)


def _summary(report: Settlement, language: str) -> str:
    title = say(language, f"books.settlement.{report.kind}", number=report.number)
    counts = say(language, "books.counts", matched=report.matched, differing=report.differing)
    return f"{title} · {report.account}\n{report.id}\n{counts}"


def _cells(each: Settlement) -> tuple[str, ...]:
    days = f"{each.first} – {each.last}"
    sums = roubles(each.sold + each.returned), roubles(each.fee)
    return (
        str(each.id), each.account, each.kind, each.number, days, *sums, str(each.differing),
        each.document or "",
    )  # fmt: skip


def _day(moment: datetime) -> date:
    return moment.date()
