"""Tables of a report as a PDF on A4 across: heads on every page, groups with their sums, page
numbers through all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from app.render.columns import Field
from app.render.figures import written
from app.render.grid import GROUND, Grid, Look, grid
from app.render.language import say
from app.render.pages import Block, paginated, print_all
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.table import Kind, Row, Sheet
from app.render.typeface import Face, fit, visible, wrap

_SIZE: Final = (297.0, 210.0)
_LEFT: Final = 12.0
_ACROSS: Final = 273.0
_TOP: Final = 12.0
_ROOM: Final = 184.0
_FOOT: Final = 203.0
_TITLE: Final = Style(Face.BOLD, 14)
_TITLE_DOWN: Final = 6.6
_LINE: Final = Style(Face.REGULAR, 9, grey=0.2)
_LINE_DOWN: Final = 4.4
_NOTE: Final = Style(Face.REGULAR, 8, grey=0.2)
_NOTE_DOWN: Final = 3.8
_SMALL: Final = Style(Face.NARROW, 8.5, grey=0.2)
_TEXTS: Final = frozenset({Kind.TEXT, Kind.DATE})
_GROUP: Final = Look(Face.BOLD, 0.97)
_SUMS: Final = Look(Face.BOLD, GROUND)
_ENDLESS: Final = 10**6


def table_pdf(sheets: Sequence[Sheet], language: str) -> bytes:
    """Each table begins on a page of its own."""
    pages = [
        (visible(sheet.title), page)
        for sheet in sheets
        for page in paginated(_blocks(sheet, language), _ROOM, _ROOM)
    ]
    heading = "; ".join(visible(sheet.title) for sheet in sheets)
    paper = Paper(_SIZE, MILLIMETRE, heading, language)
    for number, (title, blocks) in enumerate(pages, 1):
        if number > 1:
            paper.turn()
        print_all(paper, blocks, _TOP)
        page = say(language, "page %(page)s of %(pages)s", page=number, pages=len(pages))
        paper.text((_LEFT + _ACROSS, _FOOT), page, _SMALL, "right")
        text = fit(title, _SMALL.face, _SMALL.size / MILLIMETRE, _ACROSS - 40)
        paper.text((_LEFT, _FOOT), text, _SMALL)
    return paper.finish()


def _blocks(sheet: Sheet, language: str) -> Iterator[Block]:
    yield from _lines(sheet.title, _TITLE, _TITLE_DOWN)
    for line in sheet.subtitle:
        yield from _lines(line, _LINE, _LINE_DOWN)
    yield Block(2, lambda _paper, _y: None)
    if sheet.rows:
        yield from _table(sheet, language)
    else:
        yield from _lines(say(language, "table.nothing"), _LINE, 8)
    yield Block(2, lambda _paper, _y: None)
    for note in sheet.footnotes:
        yield from _lines(note, _NOTE, _NOTE_DOWN)


def _lines(text: str, style: Style, down: float) -> Iterator[Block]:
    for line in wrap(visible(text), style.face, style.size / MILLIMETRE, _ACROSS, lines=_ENDLESS):
        yield Block(down, partial(_line, line, style, down))


def _line(text: str, style: Style, down: float, paper: Paper, y: float) -> None:
    paper.text((_LEFT, y + 0.76 * down), text, style)


def _table(sheet: Sheet, language: str) -> Iterator[Block]:
    parts = [
        (visible(title), [_cells(sheet, row, language) for row in rows], rows)
        for title, rows in sheet.parts()
    ]
    summed = [_cells(sheet, sheet.all_together(), language)] if sheet.summed() else []
    every = [*(row for _, rows, _ in parts for row in rows), *summed]
    fields = [_field(sheet, index) for index in range(len(sheet.columns))]
    table = grid(fields, every, _LEFT, _ACROSS)
    head = table.head()
    word = say(language, "table.total")
    ends = [block for row in summed for block in table.sums(word, row, _SUMS)]
    blocks: list[Block] = []
    for title, rows, values in parts:
        blocks += _part(table, head, title, rows)
        if title and any(column.total for column in sheet.columns):
            word = say(language, "table.group_total", title=title)
            sums = _cells(sheet, sheet.sums(values), language)
            last = table.sums(word, sums, Look(Face.BOLD, again=head))
            blocks[-1] = replace(blocks[-1], with_next=last[0].height)
            blocks += last
    yield replace(head, with_next=blocks[0].height + blocks[0].with_next)
    yield from blocks[:-1]
    yield replace(blocks[-1], with_next=sum(block.height for block in ends))
    yield from ends


def _part(table: Grid, head: Block, title: str, rows: Sequence[tuple[str, ...]]) -> Iterator[Block]:
    """A group: its title, again with the heads when it goes on over a page, and its rows."""
    again = head
    if title:
        named = table.spread(title, _GROUP)
        first = table.row(rows[0])[0].height
        yield from named[:-1]
        yield replace(named[-1], again=head, with_next=first)
        again = _both(head, named[-1])
    for row in rows:
        yield from table.row(row, Look(again=again))


def _both(head: Block, title: Block) -> Block:
    def print_both(paper: Paper, y: float) -> None:
        head.print(paper, y)
        title.print(paper, y + head.height)

    return Block(head.height + title.height, print_both)


def _field(sheet: Sheet, index: int) -> Field:
    column = sheet.columns[index]
    return Field(visible(column.head), column.kind not in _TEXTS, column.width)


def _cells(sheet: Sheet, row: Row, language: str) -> tuple[str, ...]:
    return tuple(
        visible(text) if column.kind is Kind.TEXT else text
        for column, value in zip(sheet.columns, row, strict=True)
        for text in (written(column.kind, value, language),)
    )
