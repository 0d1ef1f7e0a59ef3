"""XLSX: the first sheet's values, row by row. Formulas give the value Excel last saw.

A workbook is a zip of XML, and values are all we want of it: reading them in passing takes constant
memory, and no sheet that claims a cell in its millionth row makes us lay out a million rows.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final
from zipfile import ZipFile

from app.domain.assortment import BROKEN, ImportRefused, Problem
from app.imports.markup import Node, walk
from app.imports.packed import opened
from app.imports.rows import Record
from app.imports.table import Numbered, records

_WORKBOOK: Final = "xl/workbook.xml"
#: Columns beyond are no table of goods.
_MOST_COLUMNS: Final = 200
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read(raw: bytes) -> Iterator[Record | Problem]:
    """Records of the first sheet; a row's number is the one Excel shows."""
    yield from records(rows(raw))


def rows(raw: bytes) -> Iterator[Numbered]:
    """Rows of cells of the first sheet, with the numbers Excel shows."""
    with opened(raw, "XLSX") as archive:
        yield from _rows(archive)


def _rows(archive: ZipFile) -> Iterator[Numbered]:
    strings = _Strings(archive)
    last = 0
    with archive.open(_first_sheet(archive)) as sheet:
        for node in walk(sheet, frozenset({"row"})):
            number = node.attributes.get("r", "")
            last = int(number) if number.isascii() and number.isdecimal() else last + 1
            yield last, _cells(node, strings)


def _cells(row: Node, strings: _Strings) -> list[str]:
    found: list[str] = []
    for cell in row.all("c"):
        index = _column(cell.attributes.get("r", ""), len(found))
        if index < _MOST_COLUMNS:
            found += [""] * (index + 1 - len(found))
            found[index] = _value(cell, strings)
    return found


def _column(reference: str, following: int) -> int:
    """From "AB12" the 27; a cell without a reference follows its neighbour."""
    index = 0
    for sign in reference:
        if not "A" <= sign <= "Z":
            break
        index = index * 26 + ord(sign) - 64
    return index - 1 if index else following


def _value(cell: Node, strings: _Strings) -> str:
    kind = cell.attributes.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find("is")
        return _rich(inline) if inline else ""
    value = cell.say("v") if kind != "str" else (cell.find("v") or cell).text
    if kind == "s":
        return strings[value]
    if kind == "e":  # #N/A is nothing
        return ""
    return _number(value) if kind == "n" else _unescaped(value)


def _number(value: str) -> str:
    """Excel writes long barcodes as 4.690001002014E12, and whole numbers at times as 5.0."""
    try:
        exact = Decimal(value)
    except InvalidOperation:
        return value
    if not exact.is_finite() or abs(exact.adjusted()) > 30:
        return value
    return f"{int(exact)}" if exact == exact.to_integral_value() else f"{exact:f}"


class _Strings:
    """The workbook's shared strings, one after the other in one buffer: a hundred thousand of
    them as objects would be most of the memory."""

    def __init__(self, archive: ZipFile) -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])
        if "xl/sharedStrings.xml" in archive.namelist():
            with archive.open("xl/sharedStrings.xml") as source:
                for node in walk(source, frozenset({"si"})):
                    self._text += _rich(node).encode()
                    self._ends.append(len(self._text))

    def __getitem__(self, index: str) -> str:
        if not (index.isascii() and index.isdecimal() and int(index[:9]) < len(self._ends) - 1):
            return ""
        at = int(index[:9])
        return self._text[self._ends[at] : self._ends[at + 1]].decode()


def _rich(node: Node) -> str:
    """Plain text, or runs of formatted text; pronunciation aids (rPh) are no text."""
    runs = [node, *node.all("r")]
    return _unescaped("".join(text.text for run in runs for text in run.all("t")))


def _unescaped(value: str) -> str:
    """Text with Excel's escapes undone; half a letter finds its other half, or is no text."""
    if "_x" not in value:
        return value
    halves = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _first_sheet(archive: ZipFile) -> str:
    """The path of the sheet that stands first in the workbook."""
    names = archive.namelist()
    with archive.open(_WORKBOOK) as workbook:
        sheet = next(walk(workbook, frozenset({"sheet"})), None)
    wanted = (
        next((v for k, v in sheet.attributes.items() if k.endswith(":id")), "") if sheet else ""
    )
    with archive.open("xl/_rels/workbook.xml.rels") as relations:
        for each in walk(relations, frozenset({"Relationship"})):
            if each.attributes.get("Id") == wanted:
                path = posixpath.join("/xl", each.attributes.get("Target", ""))
                if (name := posixpath.normpath(path).lstrip("/")) in names:
                    return name
    raise ImportRefused(BROKEN, format="XLSX", detail="no sheet")
