"""How wide the columns of a table on paper are: as what stands in them, while there is room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.render.paper import MILLIMETRE
from app.render.typeface import Face, width

#: White at both sides of a cell; millimetres.
PAD: Final = 1.2
#: The sizes tried, in points, until everything has room.
_SIZES: Final = (8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5)
#: What rounding may take of a width.
_SLACK: Final = 0.05
#: A text that needs no more stands in one line; a wider one shares what is left, and gets at least
#: so much.
_SHORT: Final = 26.0
_LEAST: Final = 24.0
#: A text of a word or a day stays as narrow as it is.
_TIGHT: Final = 18.0
#: A text that wraps asks for no more than this, or the others would wrap too early.
_WIDEST: Final = 90.0


@dataclass(frozen=True, slots=True)
class Field:
    """A column to come: `figures` stand at the right and keep to one line; `want`: how many
    characters a text that wraps asks for, 0 for as many as its cells have."""

    head: str
    figures: bool = False
    want: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A column: where it begins and how wide it is, in millimetres."""

    field: Field
    x: float
    wide: float


@dataclass(frozen=True, slots=True)
class _Need:
    """Millimetres: of the head in two lines, and of the longest cell."""

    head: float
    cell: float

    @property
    def least(self) -> float:
        """With all of the cell in one line."""
        return max(self.head, self.cell) + 2 * PAD + _SLACK


def placed(
    fields: Sequence[Field], rows: Iterable[Sequence[str]], left: float, across: float
) -> tuple[tuple[Place, ...], float]:
    """Columns for these rows and the size of their letters: the largest with room for all."""
    needs = _needs(fields, rows)
    for size in _SIZES:
        sized = [_Need(need.head * size, need.cell * size) for need in needs]
        wide = _shared(fields, sized, across)
        if wide is not None:
            break
    else:
        size, wide = _SIZES[-1], _pressed(fields, sized, across)
    x, places = left, []
    for field, each in zip(fields, wide, strict=True):
        places.append(Place(field, x, each))
        x += each
    return tuple(places), size


def _needs(fields: Sequence[Field], rows: Iterable[Sequence[str]]) -> list[_Need]:
    """For letters of one point; any row may be a bold one."""
    cells = [0.0] * len(fields)
    for row in rows:
        for index, cell in enumerate(row):
            longest = max(width(line, Face.BOLD, 1) for line in cell.split("\n"))
            cells[index] = max(cells[index], longest)
    return [
        _Need(_in_two_lines(field.head) / MILLIMETRE, cell / MILLIMETRE)
        for field, cell in zip(fields, cells, strict=True)
    ]


def _in_two_lines(text: str) -> float:
    """How wide it is with its break where it is narrowest."""
    words = text.split(" ")
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(len(words))]
    return min(max(width(half, Face.NARROW_BOLD, 1) for half in pair) for pair in halves)


def _wraps(field: Field, need: _Need) -> bool:
    return not field.figures and need.least > _SHORT


def _shared(fields: Sequence[Field], needs: Sequence[_Need], across: float) -> list[float] | None:
    """None when it is too little for all."""
    wide = [need.least for need in needs]
    flexible = [index for index, each in enumerate(fields) if _wraps(each, needs[index])]
    for index in flexible:
        wide[index] = max(_LEAST, needs[index].head + 2 * PAD + _SLACK)
    left = across - sum(wide)
    if left < 0:
        return None
    texts = [index for index, field in enumerate(fields) if not field.figures]
    roomy = [index for index in texts if fields[index].want or needs[index].least > _TIGHT]
    asked = flexible or roomy or list(range(len(fields)))
    wants = {index: _wanted(fields[index], needs[index]) for index in asked}
    wants = wants if texts else dict.fromkeys(asked, 1.0)
    for index in asked:
        wide[index] += left * wants[index] / sum(wants.values())
    return wide


def _wanted(field: Field, need: _Need) -> float:
    """What a column asks for beyond its least."""
    least = _LEAST if _wraps(field, need) else _TIGHT
    return max(1.0, field.want * 1.6 if field.want else min(need.least, _WIDEST) - least)


def _pressed(fields: Sequence[Field], needs: Sequence[_Need], across: float) -> list[float]:
    """Too much for any paper: everything shrinks alike."""
    wide = [
        _LEAST if _wraps(field, need) else need.least
        for field, need in zip(fields, needs, strict=True)
    ]
    return [each * across / sum(wide) for each in wide]
