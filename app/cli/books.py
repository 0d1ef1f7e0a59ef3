"""orderhub report documents, report vat: what accountants look up, as files."""

from __future__ import annotations

import sys
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from app.actions import registers
from app.cli.session import settings, stop, with_connection
from app.db.conn import Conn
from app.domain.document import SOLD, Kind
from app.domain.register import Entry, Period, VatBy, VatRow
from app.domain.report import ReportRefused
from app.render.books import register_sheet, vat_sheet
from app.render.language import say
from app.render.press import typeset
from app.render.table import Sheet

_DAYS: Final = ["%Y-%m-%d"]


class Form(StrEnum):
    """How a report is written."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


First = Annotated[
    datetime | None, typer.Option("--from", formats=_DAYS, help="First day (30 days before)")
]
Last = Annotated[
    datetime | None, typer.Option("--until", formats=_DAYS, help="Last day, included (today)")
]
Store = Annotated[str | None, typer.Option(help="Only this store")]
Account = Annotated[str | None, typer.Option(help="Only this marketplace account")]
Written = Annotated[Form, typer.Option("--format", help="How it is written")]
Output = Annotated[Path | None, typer.Option(help="Write it into this file")]


def documents(  # noqa: PLR0913 - one per option
    first: First = None,
    last: Last = None,
    *,
    store: Store = None,
    account: Account = None,
    kind: Annotated[
        list[Kind] | None, typer.Option(help="Sales, corrections and returns, unless said")
    ] = None,
    written: Written = Form.CSV,
    output: Output = None,
) -> None:
    """The register of documents of some days."""
    kinds = tuple(kind) if kind else tuple(sorted(SOLD))

    async def read(conn: Conn) -> tuple[Period, list[Entry]]:
        asked = await _period(conn, first, last, store, account)
        return asked, await registers.register(conn, asked, kinds)

    language = settings().language
    try:
        asked, found = with_connection(read)
    except ReportRefused as refusal:
        stop(say(language, f"report.{refusal.text}", **refusal.values), 2)
    _put([register_sheet(found, asked, kinds, language)], written, output)


def vat(  # noqa: PLR0913 - one per option
    first: First = None,
    last: Last = None,
    *,
    store: Store = None,
    account: Account = None,
    by: Annotated[VatBy, typer.Option(help="What has a row of its own")] = VatBy.DAY,
    written: Written = Form.CSV,
    output: Output = None,
) -> None:
    """The VAT book: what was sold in some days, by rate."""

    async def read(conn: Conn) -> tuple[Period, list[VatRow]]:
        asked = await _period(conn, first, last, store, account)
        return asked, await registers.vat_book(conn, asked, by)

    language = settings().language
    try:
        asked, found = with_connection(read)
    except ReportRefused as refusal:
        stop(say(language, f"report.{refusal.text}", **refusal.values), 2)
    _put([vat_sheet(found, asked, by, language)], written, output)


async def _period(
    conn: Conn,
    first: datetime | None,
    last: datetime | None,
    store: str | None,
    account: str | None,
) -> Period:
    only = {"store": _name(store), "account": _name(account)}
    return await registers.period(conn, _day(first), _day(last), **only)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _name(text: str | None) -> str | None:
    return text.replace("\x00", "") if text else None


def _put(sheets: list[Sheet], form: Form, output: Path | None) -> None:
    content = typeset(f"table.{form}", msgspec.json.encode(sheets), settings().language)
    if output is not None:
        output.write_bytes(content)
        return
    if form is not Form.CSV and sys.stdout.isatty():
        stop("That is no text for a terminal: say --output.", 2)
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
