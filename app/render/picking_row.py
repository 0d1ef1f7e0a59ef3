"""One line of a picking list as it is drawn: what to find on the left, boxes to write in right."""

from __future__ import annotations

from typing import Final

from app.domain.order import Unit
from app.render.language import say
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.picking_list import PickingList, Row, details, flags, pieces_of_weight, quantity
from app.render.symbol import Symbol, goods_code
from app.render.typeface import Face, fit, visible, width, wrap

LEFT: Final = 10.0
ACROSS: Final = 190.0
#: Where each column begins and how wide it is, in millimetres.
COLUMNS: Final = {
    "position": (10.0, 9.0),
    "shelf": (19.0, 20.0),
    "goods": (39.0, 62.0),
    "quantity": (101.0, 24.0),
    "barcode": (125.0, 36.0),
    "picked": (161.0, 25.0),
    "reason": (186.0, 14.0),
}
#: Longer names are cut: nobody reads them, and a row must fit on a page.
_LONGEST: Final = 400
_MOST_LINES: Final = 14
_NAME: Final = Style(Face.REGULAR, 11)
_NAME_DOWN: Final = 4.7
_SMALL: Final = Style(Face.NARROW, 9)
_SMALL_DOWN: Final = 3.8
_FLAG: Final = Style(Face.NARROW_BOLD, 10, grey=1)
_FLAG_DOWN: Final = 5.6
_LEAST: Final = 16.0
#: 85 % of the nominal size of EAN-13 (0.33 mm a module); quiet zones stay within the column.
_MODULE: Final = 0.28
_BARS_HIGH: Final = 9.5


def row_height(row: Row, sheet: PickingList) -> float:
    """Millimetres, its white space included."""
    return max(_LEAST, 3.4 + _NAME_DOWN * len(_name(row)) + _under(row, sheet))


def row_print(row: Row, sheet: PickingList, paper: Paper, y: float) -> None:
    """The row below `y`."""
    high = row_height(row, sheet)
    _cell(paper, "position", str(row.position), Style(Face.NARROW, 12), y)
    _shelf(row, paper, y)
    _goods(row, sheet, paper, y)
    _cell(paper, "quantity", quantity(row, sheet.language), Style(Face.BOLD, 16), y)
    about = pieces_of_weight(row, sheet.language)
    _cell(paper, "quantity", about, Style(Face.NARROW, 10), y + 5)
    _code(row, sheet.language, paper, y)
    _boxes(row, sheet.language, paper, y)
    paper.stroke((LEFT, y + high), (LEFT + ACROSS, y + high), 0.2, grey=0.4)


def _cell(paper: Paper, column: str, text: str, style: Style, y: float) -> None:
    x, room = COLUMNS[column]
    across = width(text, style.face, style.size) / MILLIMETRE
    squeeze = max(0.55, min(1.0, (room - 2) / max(across, 0.1)))
    fitted = fit(text, style.face, style.size / MILLIMETRE, (room - 2) / squeeze + 0.01)
    paper.text((x + 1, y + 6.6), fitted, Style(style.face, style.size, style.grey, squeeze))


def _shelf(row: Row, paper: Paper, y: float) -> None:
    x, room = COLUMNS["shelf"]
    size = 14 if len(row.place.shelf) < 8 else 11
    for line in wrap(visible(row.place.shelf), Face.NARROW_BOLD, size / MILLIMETRE, room - 2,
                     lines=2):  # fmt: skip
        paper.text((x + 1, y + 6.6), line, Style(Face.NARROW_BOLD, size))
        y += 5


def _name(row: Row) -> list[str]:
    room = COLUMNS["goods"][1] - 2
    text = visible(row.name[:_LONGEST]) or "—"
    return wrap(text, _NAME.face, _NAME.size / MILLIMETRE, room, lines=_MOST_LINES)


def _flag_wide(flag: str) -> float:
    return width(flag, _FLAG.face, _FLAG.size) / MILLIMETRE + 2.4


def _flags_wide(row: Row, sheet: PickingList) -> float:
    """Millimetres of the flags side by side, the gap after each included."""
    return sum(_flag_wide(flag) + 1.2 for flag in flags(row, sheet.language))


def _beside(row: Row, sheet: PickingList) -> bool:
    """Whether the small print has room on the line of the flags."""
    across = width(details(row, sheet), _SMALL.face, _SMALL.size / MILLIMETRE)
    return 0 < _flags_wide(row, sheet) <= COLUMNS["goods"][1] - 2 - across


def _details(row: Row, sheet: PickingList) -> list[str]:
    room = COLUMNS["goods"][1] - 2
    return wrap(details(row, sheet), _SMALL.face, _SMALL.size / MILLIMETRE, room, lines=4)


def _under(row: Row, sheet: PickingList) -> float:
    """Millimetres below the name."""
    flagged = _FLAG_DOWN if flags(row, sheet.language) else 0.0
    return flagged + (0 if _beside(row, sheet) else _SMALL_DOWN * len(_details(row, sheet)))


def _goods(row: Row, sheet: PickingList, paper: Paper, y: float) -> None:
    x = COLUMNS["goods"][0] + 1
    y += 1.4
    for line in _name(row):
        y += _NAME_DOWN
        paper.text((x, y), line, _NAME)
    if _beside(row, sheet):
        paper.text((x + _flags_wide(row, sheet), y + 4.7), details(row, sheet), _SMALL)
    else:
        for line in _details(row, sheet):
            y += _SMALL_DOWN
            paper.text((x, y), line, _SMALL)
    for flag in flags(row, sheet.language):
        paper.box((x, y + 1.3), (_flag_wide(flag), 4.6), fill=0)
        paper.text((x + 1.2, y + 4.8), flag, _FLAG)
        x += _flag_wide(flag) + 1.2


def _code(row: Row, language: str, paper: Paper, y: float) -> None:
    symbol = goods_code(row.barcode) if row.barcode else None
    if symbol and not row.plu:
        _bars(symbol, paper, y)
    else:
        plu = say(language, "PLU %(plu)s", plu=visible(row.plu)) if row.plu else ""
        _code_text(plu or visible(row.barcode or ""), paper, y)


def _code_text(text: str, paper: Paper, y: float) -> None:
    x, room = COLUMNS["barcode"]
    style = Style(Face.NARROW_BOLD, 15)
    fitted = fit(text, style.face, style.size / MILLIMETRE, room - 4)
    paper.text((x + room / 2, y + 6.6), fitted, style, "centre")


def _bars(symbol: Symbol, paper: Paper, y: float) -> None:
    left, room = COLUMNS["barcode"]
    module = min(_MODULE, room / (symbol.modules + 20))
    across = symbol.modules * module
    x = left + (room - across) / 2
    paper.bars(symbol, (x, y + 1.4), module, _BARS_HIGH)
    text = fit(symbol.text, _SMALL.face, _SMALL.size / MILLIMETRE, room)
    paper.text((left + room / 2, y + _BARS_HIGH + 4.4), text, _SMALL, "centre")


def _boxes(row: Row, language: str, paper: Paper, y: float) -> None:
    weighed = row.unit is Unit.WEIGHT
    unit = say(language, "paper.unit.weight" if weighed else "paper.unit.piece")
    x, room = COLUMNS["picked"]
    paper.box((x + 1, y + 2), (room - 2, 11.5), line=0.35)
    paper.text((x + room - 2, y + 12.2), unit, Style(Face.NARROW, 9, grey=0.35), "right")
    x, room = COLUMNS["reason"]
    paper.box((x + 1, y + 2), (room - 2, 11.5), line=0.35)
