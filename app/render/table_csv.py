"""Tables of a report as one CSV: rows with their groups' titles, then totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from app.domain.money import roubles
from app.render.document_json import kilograms
from app.render.language import say
from app.render.separated import csv_bytes, decimal, text
from app.render.table import Column, Kind, Row, Sheet


def table_csv(sheets: Sequence[Sheet], language: str) -> bytes:
    """For spreadsheets and programs: sums in roubles, weights in kilograms, nothing between
    thousands. One table begins with its heads; several each with their title, a line left free
    between them."""
    return csv_bytes(_all(sheets, language), language)


def _all(sheets: Sequence[Sheet], language: str) -> Iterator[Sequence[str]]:
    for index, sheet in enumerate(sheets):
        if index:
            yield ()
        if len(sheets) > 1:
            yield (text(sheet.title),)
        yield from _table(sheet, language)


def _table(sheet: Sheet, language: str) -> Iterator[list[str]]:
    grouped = bool(sheet.groups)
    heads = [sheet.group_head] * grouped + [column.head for column in sheet.columns]
    yield [text(head) for head in heads]
    for title, rows in sheet.parts():
        for row in rows:
            yield [text(title)] * grouped + _cells(sheet.columns, row, language)
    if sheet.summed():
        sums = sheet.all_together()
        at = 0 if grouped else sheet.label_at(sums)
        totals = [""] * grouped + _cells(sheet.columns, sums, language)
        if at is not None:
            totals[at] = say(language, "table.total")
        yield totals


def _cells(columns: Sequence[Column], row: Row, language: str) -> list[str]:
    return [
        "" if value is None else _WRITTEN[column.kind](value, language)
        for column, value in zip(columns, row, strict=True)
    ]


def _day(value: str | float, language: str) -> str:
    """As spreadsheets know a day of this language."""
    if language != "ru" or not value:
        return str(value)
    return date.fromisoformat(str(value)).strftime("%d.%m.%Y")


_WRITTEN: Final[Mapping[Kind, Callable[[str | float, str], str]]] = {
    Kind.TEXT: lambda value, _language: text(str(value)),
    Kind.COUNT: lambda value, _language: str(int(value)),
    Kind.MONEY: lambda value, language: decimal(roubles(int(value)), language),
    Kind.PERCENT: lambda value, language: decimal(str(value), language),
    Kind.DATE: _day,
    Kind.KILOGRAMS: lambda value, language: decimal(kilograms(int(value)), language),
}
