"""Tables as a workbook: numbers and days that are ones, heads that stay, filters, totals of what is
shown. Rows are written as they come, so that a long table takes no memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import chain, islice
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from app.errors import Unprintable
from app.render.language import say
from app.render.table import Column, Kind, Row, Sheet, Value
from app.render.workbook_text import label, tab_names

#: Rows of a sheet of Excel, and how many of them are left for titles and notes.
MOST_ROWS: Final = 1_048_576
_AROUND: Final = 100
#: A workbook that nobody says the time of; equal tables make equal bytes.
_NEVER: Final = datetime(1980, 1, 1, tzinfo=UTC)
_FORMATS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.TEXT: {"num_format": "@", "valign": "top"},
    Kind.COUNT: {"num_format": "#,##0", "valign": "top"},
    Kind.MONEY: {"num_format": "#,##0.00", "valign": "top"},
    Kind.PERCENT: {"num_format": "0.0%", "valign": "top"},
    Kind.DATE: {"num_format": "dd.mm.yyyy", "align": "left", "valign": "top"},
    Kind.KILOGRAMS: {"num_format": "#,##0.000", "valign": "top"},
}
#: What a kind's values are divided by.
_PARTS: Final = {Kind.COUNT: 1, Kind.MONEY: 100, Kind.PERCENT: 100, Kind.KILOGRAMS: 1000}
_EPOCH: Final = date(1899, 12, 30)
_HEAD: Final = {
    "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#ECECEC",
    "border": 1, "border_color": "#9A9A9A",
}  # fmt: skip
_TOTAL: Final = {"bold": True, "bg_color": "#F6F6F6"}
#: Characters: the least and the most a column is wide; how many rows are looked at to know.
_NARROW: Final = 6
_WIDE: Final = 60
_LOOKED_AT: Final = 300
#: Points of a line of heads.
_LINE_HIGH: Final = 15
_ROOMS: Final = {Kind.MONEY: 15, Kind.KILOGRAMS: 12, Kind.DATE: 12, Kind.PERCENT: 10, Kind.COUNT: 9}
#: Excel's number for a sum that leaves out what a filter hides.
_SHOWN: Final = 109


def table_xlsx(sheets: Sequence[Sheet], language: str) -> bytes:
    """A tab for each table. Above the heads, which stay in sight, is the sum of the rows shown.
    Unprintable("rows") for more than a sheet of Excel holds."""
    return workbook(sheets, language, _NEVER)


def workbook(sheets: Sequence[Sheet], language: str, made_at: datetime) -> bytes:
    """The same, `made_at` being what the file says of itself."""
    if any(len(sheet.rows) + _AROUND > MOST_ROWS for sheet in sheets):
        raise Unprintable("rows")
    written = BytesIO()
    book = Workbook(written, {"constant_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None), "author": "order-hub"})
    formats = _Formats(book)
    for name, sheet in zip(tab_names([each.name for each in sheets]), sheets, strict=True):
        _Writer(book.add_worksheet(name), sheet, formats, language).write()
    book.close()
    return written.getvalue()


class _Formats:
    """How cells look; a workbook wants them made once."""

    def __init__(self, book: Workbook) -> None:
        self.cells: dict[Kind, Format] = {k: book.add_format(f) for k, f in _FORMATS.items()}
        self.totals = {k: book.add_format({**f, **_TOTAL}) for k, f in _FORMATS.items()}
        self.head: Format = book.add_format(_HEAD)
        self.title: Format = book.add_format({"bold": True, "font_size": 14})
        self.note: Format = book.add_format({"font_color": "#555555"})


class _Writer:
    """One tab, from its title down: what is written once cannot be gone back to."""

    def __init__(self, tab: Worksheet, sheet: Sheet, formats: _Formats, language: str) -> None:
        self._tab, self._formats, self._language = tab, formats, language
        self._sheet = sheet
        self._columns = sheet.columns
        if sheet.groups:
            self._columns = (Column(sheet.group_head), *sheet.columns)
        self._heads_at = 1 + len(sheet.subtitle) + (2 if sheet.summed() else 1)
        self._last = self._heads_at + len(sheet.rows)

    def write(self) -> None:
        """The whole tab."""
        self._arrange()
        self._top()
        for at, row in enumerate(self._rows(), self._heads_at + 1):
            for index, value in enumerate(row):
                if value is not None and value != "":
                    self._cell(at, index, value, self._formats.cells)
        for at, note in enumerate(self._sheet.footnotes, self._last + 2):
            self._tab.write_string(at, 0, label(note), self._formats.note)

    def _rows(self) -> Iterator[Row]:
        for title, rows in self._sheet.parts():
            for row in rows:
                yield (title, *row) if self._sheet.groups else row

    def _arrange(self) -> None:
        """What is seen of the tab, and how it is printed."""
        right = len(self._columns) - 1
        self._tab.freeze_panes(self._heads_at + 1, 0)
        self._tab.autofilter(self._heads_at, 0, max(self._last, self._heads_at + 1), right)
        self._tab.set_landscape()
        self._tab.set_paper(9)  # A4
        self._tab.fit_to_pages(1, 0)
        self._tab.repeat_rows(self._heads_at)
        self._tab.set_footer("&L&A&R&P / &N")
        lines = 1
        for index, wide in enumerate(self._widths()):
            self._tab.set_column(index, index, wide)
            lines = max(lines, -(-len(self._columns[index].head) // (wide - 1)))
        self._tab.set_row(self._heads_at, _LINE_HIGH * min(lines, 6) + 3)

    def _widths(self) -> Iterator[int]:
        """Characters: as the column asks for, or as its first rows need."""
        seen = list(islice(self._rows(), _LOOKED_AT))
        for index, column in enumerate(self._columns):
            texts = (str(row[index] or "") for row in seen if column.kind is Kind.TEXT)
            longest = max(map(len, chain(texts, column.head.split())), default=0)
            wide = column.width or max(longest + 2, _ROOMS.get(column.kind, 0))
            yield min(max(wide, _NARROW), _WIDE)

    def _top(self) -> None:
        """Title, what it is of, sums, heads."""
        self._tab.write_string(0, 0, label(self._sheet.title), self._formats.title)
        for at, line in enumerate(self._sheet.subtitle, 1):
            self._tab.write_string(at, 0, label(line), self._formats.note)
        if self._sheet.summed():
            self._totals(self._heads_at - 1)
        for index, column in enumerate(self._columns):
            self._tab.write_string(self._heads_at, index, label(column.head), self._formats.head)

    def _totals(self, at: int) -> None:
        grouped = len(self._columns) - len(self._sheet.columns)
        sums = self._sheet.all_together()
        totals = (None,) * grouped + sums
        given = (None,) * grouped + (self._sheet.totals or (None,) * len(self._sheet.columns))
        label_at = 0 if grouped else self._sheet.label_at(sums)
        for index, column in enumerate(self._columns):
            look = self._formats.totals[column.kind]
            if index == label_at:
                self._tab.write_string(at, index, say(self._language, "table.shown"), look)
            elif column.total and given[index] is None:
                self._sum(at, index, totals[index])
            else:
                self._cell(at, index, totals[index], self._formats.totals)

    def _sum(self, at: int, index: int, value: Value) -> None:
        """A sum that knows its value already, for whoever does not calculate."""
        kind = self._columns[index].kind
        first = xl_rowcol_to_cell(self._heads_at + 1, index)
        last = xl_rowcol_to_cell(max(self._last, self._heads_at + 1), index)
        amount = float(value or 0) / _PARTS[kind]
        look = self._formats.totals[kind]
        self._tab.write_formula(at, index, f"=SUBTOTAL({_SHOWN},{first}:{last})", look, amount)

    def _cell(self, at: int, index: int, value: Value, formats: dict[Kind, Format]) -> None:
        kind = self._columns[index].kind
        if value is None or value == "":
            self._tab.write_blank(at, index, None, formats[kind])
        elif kind is Kind.TEXT:
            self._tab.write_string(at, index, label(str(value)), formats[kind])
        elif kind is Kind.DATE:
            days = (date.fromisoformat(str(value)) - _EPOCH).days
            self._tab.write_number(at, index, days, formats[kind])
        else:
            self._tab.write_number(at, index, float(value) / _PARTS[kind], formats[kind])
