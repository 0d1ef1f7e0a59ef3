"""orderhub report: what orders came to, day by day or store by store; counting it anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from app.actions import report as reporting
from app.actions.recount import Recount
from app.actions.recount import recount as counting
from app.cli.session import console, settings, stop, with_connection
from app.db.conn import Conn
from app.domain.report import By, Report, ReportRefused
from app.render.language import say
from app.render.report import report_csv, report_view, table_heads, table_rows

#: Columns of paper that is no terminal.
_ENDLESS: Final = 1000
Justify: TypeAlias = Literal["left", "right"]

app = typer.Typer(help="What orders came to.", no_args_is_help=True)


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Language(StrEnum):
    """Languages that heads of columns are in."""

    RU = "ru"
    EN = "en"


_DAYS = ["%Y-%m-%d"]
First = Annotated[
    datetime | None,
    typer.Option("--from", formats=_DAYS, help="First day (six days before the last)"),
]
Last = Annotated[
    datetime | None, typer.Option("--until", formats=_DAYS, help="Last day, included (today)")
]
Store = Annotated[str | None, typer.Option(help="Only this store")]
Account = Annotated[str | None, typer.Option(help="Only this marketplace account")]
Written = Annotated[Format, typer.Option("--format", help="How it is written")]
Lang = Annotated[Language | None, typer.Option(help="Language of the heads (HUB_LANG)")]
Output = Annotated[Path | None, typer.Option(help="Write it into this file")]


@app.command()
def orders(  # noqa: PLR0913 - one per option
    first: First = None,
    last: Last = None,
    *,
    store: Store = None,
    account: Account = None,
    by: Annotated[By, typer.Option(help="What has a row of its own")] = By.DAY,
    written: Written = Format.TABLE,
    lang: Lang = None,
    output: Output = None,
) -> None:
    """What orders came to, by the stores' own days: how many, how fast, what was found."""
    language = str(lang or settings().language)
    only = {"store": _name(store), "account": _name(account)}

    async def read(conn: Conn) -> Report:
        ask = await reporting.asked(conn, _day(first), _day(last), by, **only)
        return await reporting.report(conn, ask)

    try:
        report = with_connection(read)
    except ReportRefused as refusal:
        stop(say(language, f"report.{refusal.text}", **refusal.values), 2)
    _put(_WRITERS[written](report, language), output)


@app.command()
def recompute(
    first: Annotated[datetime, typer.Option("--from", formats=_DAYS, help="First day")],
    last: Annotated[datetime, typer.Option("--until", formats=_DAYS, help="Last day, included")],
) -> None:
    """Count days anew from the orders and say how much had been wrong: nothing, mostly.

    May run at any time, and be stopped."""
    if first > last:
        stop("--from is after --until.", 2)
    # Wherever a store is, its days lie within.
    span = (_utc(first) - timedelta(days=1), _utc(last) + timedelta(days=2))
    done: Recount = with_connection(lambda conn: counting(conn, span))
    typer.echo(
        f"{done.orders} orders counted; {done.store_hours} hours of stores and"
        f" {done.account_hours} hours of accounts were different"
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)


def _name(text: str | None) -> str | None:
    return text.replace("\x00", "") if text else None


def _as_table(report: Report, language: str) -> bytes:
    """Numbers are shown whole: what does not fit beside each other in the terminal comes below."""
    heads, rows = table_heads(report.ask.by, language), table_rows(report, language)
    texts = 2 if report.ask.by is By.STORE else 1
    widths = [
        max(cell_len(line) for cell in column for line in cell.split("\n")) + 3
        for column in zip(heads, *rows, strict=True)
    ]
    room = console.width if console.is_terminal else _ENDLESS
    paper = Console(markup=False, width=room, force_terminal=console.is_terminal)
    with paper.capture() as shown:
        for part in _parts(widths, texts, room):
            paper.print(_table(heads, rows, part, texts))
    return shown.get().encode()


def _parts(widths: list[int], texts: int, room: int) -> list[list[int]]:
    """Columns (by number) of each table: the texts, and as many figures as there is room for."""
    names = list(range(texts))
    parts = [list(names)]
    for column in range(texts, len(widths)):
        taken = sum(widths[each] for each in parts[-1])
        if len(parts[-1]) > texts and taken + widths[column] >= room:
            parts.append(list(names))
        parts[-1].append(column)
    return parts


def _table(heads: list[str], rows: list[list[str]], part: list[int], texts: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    for column in part:
        justify: Justify = "left" if column < texts else "right"
        table.add_column(heads[column], justify=justify, no_wrap=True, vertical="bottom")
    *plain, total = ([row[column] for column in part] for row in rows)
    for row in plain:
        table.add_row(*row)
    table.add_section()
    table.add_row(*total, style="bold")
    return table


def _as_json(report: Report, _language: str) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report_view(report)), indent=2) + b"\n"


_WRITERS: Final[Mapping[Format, Callable[[Report, str], bytes]]] = {
    Format.TABLE: _as_table,
    Format.JSON: _as_json,
    Format.CSV: report_csv,
}


def _put(content: bytes, output: Path | None) -> None:
    if output is not None:
        output.write_bytes(content)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
