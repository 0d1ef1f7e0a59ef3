"""The formats by name, and which one a file is when nobody says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.assortment import EMPTY, FORMAT_UNKNOWN, ImportRefused, Problem
from app.imports import commerceml, csv_file, json_file, xlsx_file
from app.imports.commerceml import Sku
from app.imports.rows import Record, Rows


class Format(StrEnum):
    """What an import may be."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    COMMERCEML = "commerceml"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be understood; the last two are for CommerceML."""

    format: Format | None = None  #: None: it is told from the file
    sku: Sku = "id"
    price_type: str = ""


_READERS: Final[Mapping[Format, Callable[[bytes, Reading], Iterator[Record | Problem]]]] = {
    Format.CSV: lambda raw, _how: csv_file.read(raw),
    Format.XLSX: lambda raw, _how: xlsx_file.read(raw),
    Format.JSON: lambda raw, _how: json_file.read(raw),
    Format.COMMERCEML: lambda raw, how: commerceml.read(raw, how.sku, how.price_type),
}


def rows(raw: bytes, how: Reading) -> Rows:
    """Entries and problems of a file, one at a time; ImportRefused when it is none of ours."""
    return Rows(_READERS[how.format or recognise(raw)](raw, how))


def recognise(raw: bytes) -> Format:
    """The format a file looks like."""
    start = raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise ImportRefused(EMPTY)
    if start.startswith(b"PK"):  # an archive lists its members by name
        return Format.XLSX if b"xl/workbook.xml" in raw else Format.COMMERCEML
    if start[:1] in b"[{":
        return Format.JSON
    if start.startswith(b"<") or raw.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        return Format.COMMERCEML
    if b"\0" in raw[:1000] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(FORMAT_UNKNOWN)
    return Format.CSV
