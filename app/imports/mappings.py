"""A file of what a marketplace's words mean: rows of kind, theirs, ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.domain.assortment import ImportRefused
from app.errors import SettingsInvalid
from app.imports.csv_file import rows

#: Headers of the columns; the kind may be said once for the whole file instead.
KIND: Final = "kind"
THEIRS: Final = "theirs"
OURS: Final = "ours"
#: Mistakes named at once.
_SHOWN: Final = 20


def read(raw: bytes, kind: str | None = None) -> dict[str, dict[str, str]]:
    """Meanings by kind, theirs to ours. `kind`: of all rows, where the file has no such column.
    SettingsInvalid with a line for each mistake."""
    try:
        numbered = [(n, row) for n, row in rows(raw, _known) if any(cell.strip() for cell in row)]
    except ImportRefused as error:
        raise SettingsInvalid(f"not a CSV file: {error.values.get('detail', '')}") from None
    if not numbered:
        raise SettingsInvalid("the file is empty")
    place = {name.strip().lower(): index for index, name in enumerate(numbered[0][1])}
    needed = {THEIRS, OURS} | (set() if kind else {KIND})
    if missing := sorted(needed - place.keys()):
        raise SettingsInvalid(f"no column {', '.join(missing)}")
    found: dict[str, dict[str, str]] = {}
    mistakes: list[str] = []
    for number, row in numbered[1:]:
        cells = {n: row[i].strip() if i < len(row) else "" for n, i in place.items()}
        mistake = _take(found, cells.get(KIND) or kind or "", cells)
        mistakes += [f"row {number}: {mistake}"] if mistake else []
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes[:_SHOWN]))
    return found


def _take(found: dict[str, dict[str, str]], kind: str, cells: dict[str, str]) -> str:
    theirs, ours = cells[THEIRS], cells[OURS]
    if not (kind and theirs and ours):
        return "a cell is empty"
    if found.setdefault(kind, {}).setdefault(theirs, ours) != ours:
        return f"{theirs!r} was said to be something else above"
    return ""


def _known(headers: Iterable[str]) -> int:
    return len({KIND, THEIRS, OURS} & {header.strip().lower() for header in headers})
