"""Rows of a table under a row of headers: CSV and XLSX come through here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.domain.assortment import EMPTY, NO_SKU_COLUMN, Flaw, ImportRefused, Problem
from app.imports.columns import field_of
from app.imports.rows import Record

#: (number of the row in its file, its cells)
Numbered = tuple[int, Sequence[str]]


def records(rows: Iterable[Numbered]) -> Iterator[Record | Problem]:
    """Records below the first row that is not empty; ImportRefused when no column is the SKU."""
    filled = ((number, row) for number, row in rows if any(cell.strip() for cell in row))
    for number, headers in filled:
        yield from _below(number, headers, filled)
        return
    raise ImportRefused(EMPTY)


def _below(
    number: int, headers: Sequence[str], rows: Iterator[Numbered]
) -> Iterator[Record | Problem]:
    columns: dict[str, int] = {}
    for index, header in enumerate(headers):
        name = field_of(header)
        if name is not None:
            columns.setdefault(name, index)
        elif header.strip():
            yield Problem(Flaw.COLUMN_UNKNOWN, number, values={"value": header.strip()[:60]})
    if "sku" not in columns:
        raise ImportRefused(NO_SKU_COLUMN)
    for row_number, row in rows:
        width = len(row)
        cells = {name: row[i] if i < width else "" for name, i in columns.items()}
        yield Record(row_number, cells)


def headers_known(headers: Iterable[str]) -> int:
    """How many of the headers are columns of ours: tells a delimiter from a comma in a name."""
    return len({name for header in headers if (name := field_of(header))})
