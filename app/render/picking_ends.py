"""The head of a picking list (whose order, by when, what the customer wants) and its end."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from app.render.language import say
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.picking_list import PickingList, sums
from app.render.picking_row import ACROSS, LEFT
from app.render.symbol import code128
from app.render.typeface import Face, fit, visible, width, wrap

#: What a following page gives its head.
DOWN: Final = 7.0
_TITLE: Final = 25.0
#: By when: read from afar.
_DUE: Final = Style(Face.BOLD, 19)
_DUE_DOWN: Final = 9.0
_FACT: Final = 6.2
_LABEL: Final = Style(Face.NARROW, 10, grey=0.25)
_VALUE: Final = Style(Face.BOLD, 12)
_COMMENT: Final = Style(Face.REGULAR, 12)
_COMMENT_DOWN: Final = 5.2
_MOST_COMMENT: Final = 1000
_REASON: Final = Style(Face.REGULAR, 11)
_REASON_DOWN: Final = 5.6
_SIGNING: Final = 24.0
_VALUES_AT: Final = 34.0
_CODE_WIDE: Final = 78.0


def head_height(sheet: PickingList) -> float:
    """Millimetres of the first page's head."""
    comment = _comment(sheet)
    noted = 7 + _COMMENT_DOWN * len(comment) + 2 if comment else 0
    return _TITLE + _DUE_DOWN + _FACT * len(_facts(sheet)) + noted + 3


def head_print(sheet: PickingList, paper: Paper, y: float) -> None:
    """The first page's head below `y`."""
    paper.text((LEFT, y + 4), say(sheet.language, "paper.title"), Style(Face.NARROW, 12))
    _number(sheet, paper, y)
    y += _TITLE
    paper.text((LEFT, y + 5), say(sheet.language, "paper.ready_by"), _LABEL)
    paper.text((LEFT + _VALUES_AT, y + 5), _when(sheet), _DUE)
    y += _DUE_DOWN
    for label, value in _facts(sheet):
        paper.text((LEFT, y + 3.6), label, _LABEL)
        room = ACROSS - _VALUES_AT
        text = fit(value, _VALUE.face, _VALUE.size / MILLIMETRE, room)
        paper.text((LEFT + _VALUES_AT, y + 3.6), text, _VALUE)
        y += _FACT
    _comment_print(sheet, paper, y)


def tail_height(sheet: PickingList) -> float:
    """Millimetres of the end: reasons and signature."""
    return (10 + _REASON_DOWN * _reason_rows(sheet) if sheet.reasons else 0) + _SIGNING


def tail_print(sheet: PickingList, paper: Paper, y: float) -> None:
    """Numbered reasons in two columns, then where the picker signs."""
    if sheet.reasons:
        heading = say(sheet.language, "paper.reasons")
        paper.text((LEFT, y + 7), heading, Style(Face.NARROW_BOLD, 11))
        deep, y = _reason_rows(sheet), y + 10
        for index, reason in enumerate(sheet.reasons):
            _reason(paper, (index + 1, reason), (index // deep, y + _REASON_DOWN * (index % deep)))
        y += _REASON_DOWN * deep
    _signature(sheet.language, paper, y)


def _number(sheet: PickingList, paper: Paper, y: float) -> None:
    number = visible(sheet.order_number) or "—"
    symbol = code128(sheet.order_number)
    room = ACROSS - (_CODE_WIDE + 4 if symbol else 0)
    size = 34.0
    while size > 14 and width(number, Face.NARROW_BOLD, size) > room * MILLIMETRE:
        size -= 1
    text = fit(number, Face.NARROW_BOLD, size / MILLIMETRE, room)
    paper.text((LEFT, y + 17), text, Style(Face.NARROW_BOLD, size))
    if symbol:
        module = min(0.4, _CODE_WIDE / (symbol.modules + 20))
        across = symbol.modules * module
        paper.bars(symbol, (LEFT + ACROSS - across - 10 * module, y), module, 18)


def _facts(sheet: PickingList) -> list[tuple[str, str]]:
    speak = sheet.language
    channel = " · ".join(visible(text) for text in (sheet.marketplace, sheet.account) if text)
    facts = [
        ("paper.amount", sums(sheet)),
        ("paper.missing", say(speak, f"paper.policy.{sheet.policy}")),
        ("paper.store", visible(sheet.store_name)),
        ("paper.channel", channel),
    ]
    return [(say(speak, label), value) for label, value in facts if value]


def _when(sheet: PickingList) -> str:
    due = sheet.due_at.astimezone(ZoneInfo(sheet.timezone))
    return f"{due:%H:%M}, {format_datetime(due, 'EEEE, d MMMM', locale=sheet.language)}"


def _comment(sheet: PickingList) -> list[str]:
    text = visible(sheet.comment[:_MOST_COMMENT])
    room = ACROSS - 6
    return wrap(text, _COMMENT.face, _COMMENT.size / MILLIMETRE, room, lines=8)


def _comment_print(sheet: PickingList, paper: Paper, y: float) -> None:
    lines = _comment(sheet)
    if not lines:
        return
    paper.box((LEFT, y), (ACROSS, 7 + _COMMENT_DOWN * len(lines)), line=0.5)
    paper.text((LEFT + 3, y + 4.6), say(sheet.language, "paper.comment"), _LABEL)
    for index, line in enumerate(lines, 1):
        paper.text((LEFT + 3, y + 4.6 + _COMMENT_DOWN * index), line, _COMMENT)


def _reason_rows(sheet: PickingList) -> int:
    return (len(sheet.reasons) + 1) // 2


def _reason(paper: Paper, reason: tuple[int, str], place: tuple[int, float]) -> None:
    number, text = reason
    column, y = place
    x = LEFT + column * ACROSS / 2
    paper.text((x + 6, y + 3.6), str(number), Style(Face.NARROW_BOLD, 13), "right")
    fitted = fit(visible(text), _REASON.face, _REASON.size / MILLIMETRE, ACROSS / 2 - 12)
    paper.text((x + 9, y + 3.6), fitted, _REASON)


def _signature(language: str, paper: Paper, y: float) -> None:
    line = y + 17
    for name, left, room in (
        ("picker", 0.0, 60.0),
        ("signature", 64.0, 42.0),
        ("begun", 110.0, 24.0),
        ("ended", 138.0, 24.0),
        ("bags", 166.0, 24.0),
    ):
        paper.stroke((LEFT + left, line), (LEFT + left + room, line), 0.3)
        paper.text((LEFT + left, line + 4), say(language, f"paper.{name}"), _LABEL)
