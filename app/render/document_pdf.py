"""A document as a PDF on A4, as accountants file it: parties, a ruled table, totals, signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from app.domain.document import Document
from app.domain.paper import FORMS
from app.errors import Unprintable
from app.render.document_ends import end_blocks
from app.render.document_table import LinesTable, lines_table
from app.render.document_words import facts, running, title
from app.render.language import say
from app.render.pages import Block, paginated, print_all
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.typeface import Face, fit, wrap

_TOP: Final = 12.0
#: What a following page gives its running head.
_RUNNING: Final = 7.0
#: With letters smaller than this, figures ask for the broad side of the paper.
_READABLE: Final = 7.5
_TITLE: Final = Style(Face.BOLD, 15)
_TITLE_DOWN: Final = 7.0
_LABEL: Final = Style(Face.NARROW, 9, grey=0.25)
_FACT: Final = Style(Face.REGULAR, 9)
_FACT_DOWN: Final = 4.0
_VALUES_AT: Final = 30.0
_SMALL: Final = Style(Face.NARROW, 8.5, grey=0.2)
_AGAIN: Final = Style(Face.NARROW_BOLD, 10)
_ENDLESS: Final = 10**6


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A4 one way or the other, in millimetres; the margin of filing is the wider one."""

    size: tuple[float, float]
    left: float = 15.0

    @property
    def across(self) -> float:
        """Between the margins."""
        return self.size[0] - self.left - 10

    @property
    def foot(self) -> float:
        """Where the page's number stands; blocks end above."""
        return self.size[1] - 7.5


_PORTRAIT: Final = _Sheet((210.0, 297.0))
_LANDSCAPE: Final = _Sheet((297.0, 210.0))


def document_pdf(documents: Sequence[Document], language: str) -> bytes:
    """Documents one after another, each with page numbers of its own. What is given back stands
    without minus, for the title says it; a correction is signed. Unprintable("kind", …) for what
    has no paper."""
    for document in documents:
        if document.kind not in FORMS["pdf"].kinds:
            raise Unprintable("kind", document.kind)
    heading = "; ".join(title(document, language) for document in documents)
    paper = Paper(_PORTRAIT.size, MILLIMETRE, heading, language)
    for index, document in enumerate(documents):
        if index:
            paper.turn()
        _document(paper, document, language)
    return paper.finish()


def _document(paper: Paper, document: Document, language: str) -> None:
    sheet, blocks = _laid_out(document, language)
    paper.resize(sheet.size)
    room = sheet.foot - 6 - _TOP
    pages = paginated(blocks, room, room - _RUNNING)
    for number, filling in enumerate(pages, 1):
        y = _TOP
        if number > 1:
            paper.turn()
            _line(paper, sheet, _TOP + 3.5, running(document, language), _AGAIN)
            y += _RUNNING
        print_all(paper, filling, y)
        page = say(language, "page %(page)s of %(pages)s", page=number, pages=len(pages))
        paper.text((sheet.left + sheet.across, sheet.foot), page, _SMALL, "right")
        _line(paper, sheet, sheet.foot, running(document, language), _SMALL)


def _line(paper: Paper, sheet: _Sheet, y: float, text: str, style: Style) -> None:
    """As much of a text as one line has room for, a page's number beside it."""
    fitted = fit(text, style.face, style.size / MILLIMETRE, sheet.across - 35)
    paper.text((sheet.left, y), fitted, style)


def _laid_out(document: Document, language: str) -> tuple[_Sheet, list[Block]]:
    """Upright unless the figures are too long for it."""
    table = lines_table(document, language, _PORTRAIT.left, _PORTRAIT.across)
    sheet = _PORTRAIT
    if table.size < _READABLE:
        sheet = _LANDSCAPE
        table = lines_table(document, language, sheet.left, sheet.across)
    return sheet, list(_blocks(document, sheet, table, language))


def _blocks(document: Document, sheet: _Sheet, table: LinesTable, language: str) -> Iterator[Block]:
    yield from _title_blocks(title(document, language), sheet)
    for label, text in facts(document, language):
        yield from _fact_blocks(label, text, sheet)
    yield Block(4, lambda _paper, _y: None)
    ends = list(end_blocks(document, language, sheet.left, sheet.across))
    if document.lines:
        yield from table.blocks(sum(block.height for block in ends))
    else:
        nothing = say(language, "document.nothing")
        yield Block(10, partial(_text, nothing, Style(Face.REGULAR, 10), (sheet.left, 5)))
    yield from ends


def _title_blocks(text: str, sheet: _Sheet) -> Iterator[Block]:
    for line in wrap(text, _TITLE.face, _TITLE.size / MILLIMETRE, sheet.across, lines=_ENDLESS):
        yield Block(_TITLE_DOWN, partial(_text, line, _TITLE, (sheet.left, 5.4)))
    yield Block(3.5, partial(_ruled, sheet))


def _ruled(sheet: _Sheet, paper: Paper, y: float) -> None:
    paper.stroke((sheet.left, y + 0.8), (sheet.left + sheet.across, y + 0.8), 0.5)


def _fact_blocks(label: str, text: str, sheet: _Sheet) -> Iterator[Block]:
    room = sheet.across - _VALUES_AT
    lines = wrap(text, _FACT.face, _FACT.size / MILLIMETRE, room, lines=_ENDLESS)
    for index, line in enumerate(lines):
        high = _FACT_DOWN + (1.1 if index == len(lines) - 1 else 0)
        yield Block(high, partial(_fact, "" if index else label, line, sheet.left))


def _fact(label: str, text: str, left: float, paper: Paper, y: float) -> None:
    paper.text((left, y + 3.2), label, _LABEL)
    paper.text((left + _VALUES_AT, y + 3.2), text, _FACT)


def _text(text: str, style: Style, at: tuple[float, float], paper: Paper, y: float) -> None:
    paper.text((at[0], y + at[1]), text, style)
