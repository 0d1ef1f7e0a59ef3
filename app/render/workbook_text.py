"""What may be written into a cell of a workbook, and what a tab may be called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

#: Characters of a cell, counted as Excel counts (UTF-16).
_LONGEST: Final = 32_767
_TAB: Final = 31
_NO_TAB: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
#: What XML 1.0 has no way to say, and lone halves of pairs.
_UNSAID: Final = re.compile("[\ufffe\uffff\ud800-\udfff]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


def label(text: str) -> str:
    """A text for a cell: one line, and no longer than a cell takes."""
    if text.isprintable() and len(text) * 2 <= _LONGEST:
        return text
    line = _CONTROL.sub(" ", _UNSAID.sub("\ufffd", text))
    return line if _units(line) <= _LONGEST else _cut(line, _LONGEST - 1) + "…"


def _cut(text: str, most: int) -> str:
    """As much of its beginning as has so many units; no pair is cut in halves."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def tab_names(names: Sequence[str]) -> Iterator[str]:
    """Names as tabs may have them: short, without signs of their own meaning, each its own."""
    taken: set[str] = set()
    for index, given in enumerate(names, 1):
        name = _cut(_NO_TAB.sub(" ", label(given)).strip(" '"), _TAB).strip(" '") or f"{index}"
        if name.lower() in taken:
            name = f"{_cut(name, _TAB - 4)} {index}"
        taken.add(name.lower())
        yield name
