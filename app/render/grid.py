"""A ruled table on paper: rows that wrap and are never cut, over as many pages as it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from app.render.columns import PAD, Field, Place, placed
from app.render.pages import Block
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.typeface import Face, width, wrap

#: White above and below a row's lines; millimetres.
_ABOVE: Final = 0.9
#: From line to line, for a size of one point.
_LEADING: Final = 0.43
_RULE: Final = 0.12
_INK: Final = 0.5
#: A row's lines that stay together: a longer row goes on over the page.
_TOGETHER: Final = 12
_ENDLESS: Final = 10**6
#: The ground of heads.
GROUND: Final = 0.93


@dataclass(frozen=True, slots=True)
class Look:
    """How a row is set; `fill` is the grey of its ground; `again`: what comes first on the page
    that it goes on to; `shrink`: letters smaller than the grid's."""

    face: Face = Face.REGULAR
    fill: float | None = None
    again: Block | None = None
    shrink: float = 1


@dataclass(frozen=True, slots=True)
class _Part:
    """Some lines of a row: for each column its own."""

    cells: tuple[tuple[str, ...], ...]
    high: float
    first: bool
    last: bool


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns with their places. Texts given to it are drawable (`typeface.visible`, and figures);
    a line break breaks the line."""

    places: tuple[Place, ...]
    size: float

    @property
    def across(self) -> float:
        """How wide it is."""
        return sum(place.wide for place in self.places)

    def style(self, look: Look) -> Style:
        """The letters of a row."""
        return Style(look.face, self.size * look.shrink)

    def head(self) -> Block:
        """The columns' heads, a block to be printed on every page."""
        style = Style(Face.NARROW_BOLD, self.size)
        cells = tuple(tuple(_wrapped(each.field.head, style, each)) for each in self.places)
        part = _Part(
            cells, max(map(len, cells)) * _leading(style) + 2 * _ABOVE, first=True, last=True
        )
        return Block(part.high, partial(_head_print, self, part, style))

    def row(self, cells: Sequence[str], look: Look = Look()) -> list[Block]:
        """One row: a block, or several when a text is long."""
        style = self.style(look)
        lines = [
            cell.split("\n") if place.field.figures else _wrapped(cell, style, place)
            for cell, place in zip(cells, self.places, strict=True)
        ]
        parts = _parts(lines, _leading(style))
        return [
            Block(part.high, partial(_row_print, self, part, look), look.again) for part in parts
        ]

    def sums(self, text: str, cells: Sequence[str], look: Look) -> list[Block]:
        """A row of totals: `text` has the room of all columns before the first figure."""
        free = next((index for index, cell in enumerate(cells) if cell), len(cells))
        if not free:
            return self.row(cells, look)
        wide = sum(place.wide for place in self.places[:free])
        named = replace(self.places[0], wide=wide, field=Field(""))
        return Grid((named, *self.places[free:]), self.size).row((text, *cells[free:]), look)

    def spread(self, text: str, look: Look, skip: int = 0, first: str = "") -> list[Block]:
        """A row of one text, from column number `skip` to the end; `first` stands in the first
        column when that is not among them."""
        start = self.places[skip]
        wide = sum(place.wide for place in self.places[skip:])
        one = replace(start, wide=wide, field=Field(""))
        cells = (first, *("",) * (skip - 1)) if skip else ()
        return Grid((*self.places[:skip], one), self.size).row((*cells, text), look)


def grid(
    fields: Sequence[Field], rows: Iterable[Sequence[str]], left: float, across: float
) -> Grid:
    """A grid for these rows, `left` and `across` in millimetres."""
    return Grid(*placed(fields, rows, left, across))


def _leading(style: Style) -> float:
    return style.size * _LEADING


def _wrapped(text: str, style: Style, place: Place) -> list[str]:
    room = place.wide - 2 * PAD
    size = style.size / MILLIMETRE
    return [
        line
        for given in text.split("\n")
        for line in wrap(given, style.face, size, room, lines=_ENDLESS) or [""]
    ]


def _parts(lines: Sequence[Sequence[str]], leading: float) -> Iterator[_Part]:
    deep = max(map(len, lines))
    for first in range(0, deep, _TOGETHER):
        end = min(first + _TOGETHER, deep)
        cells = tuple(tuple(each[first:end]) for each in lines)
        begins, ends = first == 0, end == deep
        high = (end - first) * leading + _ABOVE * (begins + ends)
        yield _Part(cells, high, begins, ends)


def _head_print(grid: Grid, part: _Part, style: Style, paper: Paper, y: float) -> None:
    paper.box((grid.places[0].x, y), (grid.across, part.high), fill=GROUND)
    paper.stroke((grid.places[0].x, y), (grid.places[0].x + grid.across, y), _RULE, _INK)
    _rules(grid, part, paper, y)
    for place, lines in zip(grid.places, part.cells, strict=True):
        down = y + (part.high - len(lines) * _leading(style)) / 2
        for line in lines:
            down += _leading(style)
            at = (place.x + place.wide / 2, down - _sink(style))
            paper.text(at, line, _squeezed(line, style, place), "centre")


def _row_print(grid: Grid, part: _Part, look: Look, paper: Paper, y: float) -> None:
    style = grid.style(look)
    if look.fill is not None:
        paper.box((grid.places[0].x, y), (grid.across, part.high), fill=look.fill)
        paper.stroke((grid.places[0].x, y), (grid.places[0].x + grid.across, y), _RULE, _INK)
    _rules(grid, part, paper, y)
    for place, lines in zip(grid.places, part.cells, strict=True):
        down = y + _ABOVE * part.first
        for line in lines:
            down += _leading(style)
            right = place.field.figures
            x = place.x + (place.wide - PAD if right else PAD)
            set_ = _squeezed(line, style, place)
            paper.text((x, down - _sink(style)), line, set_, "right" if right else "left")


def _sink(style: Style) -> float:
    """From a line's foot up to its baseline."""
    return 0.24 * _leading(style)


def _squeezed(text: str, style: Style, place: Place) -> Style:
    """What is too wide for its column is set narrower: a figure is never cut."""
    across = width(text, style.face, style.size) / MILLIMETRE
    room = place.wide - 2 * PAD
    return style if across <= room else replace(style, squeeze=max(room, 0.1) / across)


def _rules(grid: Grid, part: _Part, paper: Paper, y: float) -> None:
    foot = y + part.high
    left, right = grid.places[0].x, grid.places[0].x + grid.across
    paper.uprights([*(place.x for place in grid.places), right], y, foot, (_RULE, _INK))
    if part.last:
        paper.stroke((left, foot), (right, foot), _RULE, _INK)
