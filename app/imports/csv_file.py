"""CSV: UTF-8, UTF-16 or Windows-1251; comma, semicolon or tab: whatever Excel and 1C write."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.domain.assortment import BROKEN, ImportRefused, Problem
from app.imports.rows import Record
from app.imports.table import Numbered, headers_known, records

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DELIMITERS: Final = (";", ",", "\t")


def read(raw: bytes) -> Iterator[Record | Problem]:
    """Records of a CSV file; a row's number is the line it begins on."""
    return records(rows(raw, headers_known))


def rows(raw: bytes, known: Callable[[Iterable[str]], int]) -> Iterator[Numbered]:
    """Rows of cells with the lines they begin on; `known` tells how many of some headers are known,
    which tells the delimiter."""
    stream = io.TextIOWrapper(io.BytesIO(raw), encoding=_encoding(raw), newline="")
    try:
        reader = csv.reader(stream, delimiter=_delimiter(stream, known), strict=False)
        line = 1
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except (csv.Error, UnicodeError) as error:
        raise ImportRefused(BROKEN, format="CSV", detail=error) from None


def _encoding(raw: bytes) -> str:
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def _delimiter(stream: io.TextIOWrapper, known: Callable[[Iterable[str]], int]) -> str:
    """The one that gives the most headers we know."""
    head = stream.read(10_000)
    stream.seek(0)
    first = next((line for line in head.splitlines() if line.strip()), "")
    split = {mark: next(csv.reader([first], delimiter=mark), []) for mark in _DELIMITERS}
    return max(split, key=lambda mark: (known(split[mark]), len(split[mark])))
