"""CSV as a spreadsheet opens it where a language is spoken: semicolons and decimal commas in
Russian, UTF-8 with its mark, and no text that would be run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_MARK: Final = b"\xef\xbb\xbf"
#: What begins a formula for a spreadsheet, signs of full width among it; a text that does is given
#: an apostrophe before it.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_bytes(rows: Iterable[Sequence[str]], language: str) -> bytes:
    """A file of these rows; their texts went through `text`, their figures through `decimal`."""
    written = io.StringIO(newline="")
    delimiter = ";" if language == "ru" else ","
    csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return _MARK + written.getvalue().encode("utf-8", "replace")


def text(given: str) -> str:
    """A text that stays one."""
    return f"'{given}" if given.startswith(_FORMULA) else given


def decimal(figure: str, language: str) -> str:
    """A figure with a decimal point, as this language writes it."""
    return figure.replace(".", ",") if language == "ru" else figure
