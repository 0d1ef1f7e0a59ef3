"""A bag's label: what it says and where each thing stands, in printer's dots; see label_print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from app.domain.goods import Temperature
from app.render.language import say
from app.render.paper import Align
from app.render.symbol import Symbol, code128
from app.render.typeface import visible

#: 58 × 40 mm at 203 dpi: eight dots to the millimetre, as label printers have them.
DOTS: Final = 8
WIDE: Final = 58 * DOTS
HIGH: Final = 40 * DOTS
_LEFT: Final = 12
_RIGHT: Final = WIDE - _LEFT
#: Ten modules of white on either side (ISO/IEC 15417).
_QUIET: Final = 20
#: Freezers wear stars, so cold is told from colder in any language.
_STARS: Final = {Temperature.CHILLED: 1, Temperature.FROZEN: 3}


@dataclass(frozen=True, slots=True)
class BagLabel:
    """One bag: `code` is its barcode, `short_code` what a courier asks for (its last four are
    shown, or the order number's), `index` of `count` bags (none while packing goes on).
    """

    code: str
    order_number: str
    marketplace: str
    store_name: str
    temperature: Temperature
    index: int
    due_at: datetime
    language: str
    timezone: str = "Europe/Moscow"
    short_code: str = ""
    count: int | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One line in a box of dots; it is made narrower, then cut, to stay inside."""

    box: tuple[int, int, int, int]
    text: str
    size: int
    bold: bool = True
    align: Align = "left"
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A frame `line` dots thick inside the box of dots; a thick one is all black."""

    box: tuple[int, int, int, int]
    line: int


@dataclass(frozen=True, slots=True)
class Star:
    """A snowflake around a point, white on black."""

    centre: tuple[int, int]
    radius: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A barcode down and right from a point, `module` dots to a module."""

    at: tuple[int, int]
    symbol: Symbol
    module: int
    height: int


Mark = Text | Box | Star | Bars


def layout(label: BagLabel) -> list[Mark]:
    """Everything on the label; texts hold only characters that can be drawn."""
    return [*_head(label), *_temperature(label), *_facts(label), *_barcode(label.code)]


def _head(label: BagLabel) -> list[Mark]:
    short = visible(label.short_code or label.order_number)[-4:].upper()
    number = str(label.index) if label.count is None else f"{label.index}/{label.count}"
    return [
        Text((_LEFT, 2, 288, 92), short, 124),
        Text((312, 8, 140, 26), say(label.language, "paper.bag"), 26, bold=False, align="right"),
        Text((312, 34, 140, 66), number, 84, align="right"),
    ]


def _temperature(label: BagLabel) -> list[Mark]:
    cold = _STARS.get(label.temperature, 0)
    top, high = 119, 48
    wide = 288 if label.place else _RIGHT - _LEFT
    word = say(label.language, f"paper.temperature.{label.temperature}")
    stars = 20 + 44 * cold if cold else 0
    marks: list[Mark] = [
        Box((_LEFT, top, wide, high), high if cold else 4),
        *(Star((_LEFT + 34 + 44 * each, top + high // 2), 17) for each in range(cold)),
        Text(
            (_LEFT + 10 + stars, top, wide - 20 - stars, high),
            word,
            50,
            align="left" if cold else "centre",
            inverse=bool(cold),
        ),
    ]
    if label.place:
        marks.append(Text((312, top, 140, high), visible(label.place), 60, align="right"))
    return marks


def _facts(label: BagLabel) -> list[Mark]:
    due = label.due_at.astimezone(ZoneInfo(label.timezone))
    by = say(label.language, "by %(time)s", time=format(due, "%H:%M"))
    day = format_datetime(due, "d MMM", locale=label.language)
    where = ", ".join(visible(text) for text in (label.marketplace, label.store_name) if text)
    return [
        Text((_LEFT, 170, 300, 36), visible(label.order_number), 36),
        Text((320, 170, 132, 36), by, 36, align="right"),
        Text((_LEFT, 204, 340, 24), where, 25, bold=False),
        Text((360, 204, 92, 24), day, 25, bold=False, align="right"),
    ]


def _barcode(code: str) -> list[Mark]:
    symbol = code128(code)
    module = min(3, (WIDE - 2 * _QUIET) // symbol.modules) if symbol else 0
    if symbol is None or module == 0:
        return [Text((_LEFT, 234, _RIGHT - _LEFT, 80), visible(code), 60, align="centre")]
    text = Text((_LEFT, 293, _RIGHT - _LEFT, 24), visible(code), 24, bold=False, align="centre")
    left = (WIDE - symbol.modules * module) // 2
    return [Bars((left, 234), symbol, module, 58), text]
