"""A store's day as a picture for a chat: what came and got ready by the hour, how picking went.

Drawn with an opaque ground and large letters: it is read on a phone, in light and dark chats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final, NamedTuple

from reportlab.lib.colors import HexColor

from app.render.sheet import Sheet
from app.render.typeface import Face, fit, visible, width

#: Points of the drawing.
WIDE: Final = 480.0
_LEFT: Final = 46.0
_RIGHT: Final = WIDE - 14
_BARS: Final = (106.0, 268.0)
_LINE: Final = (342.0, 416.0)
_SMALL, _TITLE = 14.0, 21.0
_INK, _GREY, _GRID = HexColor(0x212529), HexColor(0x5F6770), HexColor(0xDEE2E6)
_GOOD, _LATE, _CAME = HexColor(0x2F6FB7), HexColor(0xE8590C), HexColor(0x343A40)
#: As few hours as are drawn, and labels as fit beside each other.
_FEWEST: Final = 8
_LABELS: Final = 9


class Slot(NamedTuple):
    """One hour: its number on the clock, orders that came, got ready in time and late, minutes half
    of the picked ones took less than."""

    hour: int
    came: int
    on_time: int
    late: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A day to draw, with its words. `slots`: hours in their order, none left out; `usual`: minutes
    that picking takes on other days."""

    title: str
    subtitle: str
    on_time: str
    late: str
    came: str
    minutes: str
    usually: str
    slots: Sequence[Slot]
    usual: float | None = None


def day_png(chart: Chart) -> bytes:
    """The picture."""
    slots = _shown(chart.slots)
    picked = any(slot.minutes is not None for slot in slots)
    sheet = Sheet(WIDE, _LINE[1] + 30 if picked else _BARS[1] + 30)
    _head(sheet, chart)
    _bars(sheet, slots)
    if picked:
        _line(sheet, chart, slots)
    return sheet.png()


class _Scale(NamedTuple):
    """A plot's place on the page and its greatest value."""

    top: float
    bottom: float
    most: float

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.most


def _shown(slots: Sequence[Slot]) -> Sequence[Slot]:
    """From the first hour in which something happened to the last, and some around if few."""
    busy = [n for n, slot in enumerate(slots) if slot.came or slot.on_time or slot.late
            or slot.minutes is not None]  # fmt: skip
    first, last = (busy[0], busy[-1] + 1) if busy else (0, 0)
    last = min(len(slots), max(last, first + _FEWEST))
    return slots[max(0, min(first, last - _FEWEST)) : last]


def _head(sheet: Sheet, chart: Chart) -> None:
    room = WIDE - 28
    title = fit(visible(chart.title), Face.BOLD, _TITLE, room)
    sheet.text((14, 30), title, _TITLE, ink=_INK, bold=True)
    sheet.text((14, 51), fit(chart.subtitle, Face.REGULAR, 15, room), 15, ink=_GREY)
    x = 14.0
    for ink, word, high in ((_GOOD, chart.on_time, 12), (_LATE, chart.late, 12),
                            (_CAME, chart.came, 3)):  # fmt: skip
        middle = 76 - 5
        sheet.box(x, middle - high / 2, x + 12, middle + high / 2, ink)
        sheet.text((x + 17, 76), word, ink=_INK)
        x += 17 + width(word, Face.REGULAR, _SMALL) + 16


def _bars(sheet: Sheet, slots: Sequence[Slot]) -> None:
    most = max((max(slot.came, slot.on_time + slot.late) for slot in slots), default=0)
    scale = _Scale(*_BARS, _grid(sheet, _BARS, most))
    for slot, (left, right) in zip(slots, _columns(len(slots)), strict=True):
        inner = (right - left) * 0.14
        whole, good = scale.y(slot.on_time + slot.late), scale.y(slot.on_time)
        if slot.on_time:
            sheet.box(left + inner, good, right - inner, scale.bottom, _GOOD)
        if slot.late:
            sheet.box(left + inner, whole, right - inner, good, _LATE)
            _mark(sheet, slot.late, (left, right), min(whole, scale.y(slot.came)) - 5)
        if slot.came:
            came = scale.y(slot.came)
            sheet.stroke([(left + 2, came), (right - 2, came)], 2.5, _CAME)
    _hours(sheet, slots, _BARS[1])


def _mark(sheet: Sheet, late: int, column: tuple[float, float], bottom: float) -> None:
    """How many were late, above their bar and not wider than it."""
    text, room = _short(late), column[1] - column[0]
    size = min(_SMALL, _SMALL * room / max(1.0, width(text, Face.BOLD, _SMALL)))
    sheet.text((sum(column) / 2, bottom), text, size, ink=_LATE, bold=True, align=0.5)


def _line(sheet: Sheet, chart: Chart, slots: Sequence[Slot]) -> None:
    sheet.text((14, _LINE[0] - 18), chart.minutes, ink=_INK)
    known = [slot.minutes for slot in slots if slot.minutes is not None]
    scale = _Scale(*_LINE, _grid(sheet, _LINE, max([*known, chart.usual or 0]), ticks=2))
    if chart.usual is not None:
        y = scale.y(chart.usual)
        sheet.stroke([(_LEFT, y), (_RIGHT, y)], 2, _GREY, (5, 4))
        sheet.text((_RIGHT, _LINE[0] - 18), chart.usually, align=1)
    for run in _runs(slots, scale):
        sheet.stroke(run, 3, _GOOD)
        for at in run:
            sheet.dot(at, 4, _GOOD)
    _hours(sheet, slots, _LINE[1])


def _runs(slots: Sequence[Slot], scale: _Scale) -> Iterable[list[tuple[float, float]]]:
    """Hours in a row that have a value: over those without one no line is drawn."""
    run: list[tuple[float, float]] = []
    for slot, (left, right) in zip(slots, _columns(len(slots)), strict=True):
        if slot.minutes is not None:
            run.append(((left + right) / 2, scale.y(slot.minutes)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _columns(count: int) -> list[tuple[float, float]]:
    wide = (_RIGHT - _LEFT) / max(1, count)
    return [(_LEFT + n * wide, _LEFT + (n + 1) * wide) for n in range(count)]


def _hours(sheet: Sheet, slots: Sequence[Slot], bottom: float) -> None:
    every = -(-len(slots) // _LABELS)
    for n, (slot, (left, right)) in enumerate(zip(slots, _columns(len(slots)), strict=True)):
        if n % every == 0:
            sheet.text(((left + right) / 2, bottom + 18), f"{slot.hour}", align=0.5)


def _grid(sheet: Sheet, plot: tuple[float, float], most: float, ticks: int = 4) -> float:
    """Lines at round values; the greatest of them."""
    step = _step(most, ticks)
    lines = max(1, -(-most // step))
    for n in range(int(lines) + 1):
        y = plot[1] - (plot[1] - plot[0]) * n / lines
        sheet.stroke([(_LEFT, y), (_RIGHT, y)], 1, _GREY if n == 0 else _GRID)
        sheet.text((_LEFT - 7, y + 5), _short(n * step), align=1)
    return step * lines


def _step(most: float, ticks: int) -> float:
    """A round number of which about `ticks` make up the greatest value; whole."""
    rough = max(1.0, most / ticks)
    power = 10 ** floor(log10(rough))
    return next(float(m * power) for m in (1, 2, 5, 10) if m * power >= rough)


def _short(value: float) -> str:
    """At most four characters: 950, 12k, 3M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= 10 * unit or (value >= unit and value % unit == 0):
            return f"{value / unit:.0f}{name}"
    return f"{value:.0f}"
