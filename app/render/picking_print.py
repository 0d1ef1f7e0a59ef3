"""A picking list as a PDF on A4: blocks are measured first, so that every page knows its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from app.render.language import say
from app.render.pages import Block, paginated, print_all
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.picking_ends import DOWN, head_height, head_print, tail_height, tail_print
from app.render.picking_list import Group, PickingList, groups
from app.render.picking_row import ACROSS, COLUMNS, LEFT, row_height, row_print
from app.render.typeface import Face, fit, visible

A4: Final = (210.0, 297.0)
_TOP: Final = 10.0
_BOTTOM: Final = 285.0
_COLUMNS_HIGH: Final = 6.5
_GROUP_HIGH: Final = 8.0
_RUNNING: Final = Style(Face.NARROW_BOLD, 12)
_SMALL: Final = Style(Face.NARROW, 9)


def picking_list_pdf(sheet: PickingList) -> bytes:
    """The whole list on as many A4 pages as it takes; equal lists make equal bytes."""
    pages = _paginated(sheet, [*_body(sheet), _tail(sheet)])
    title = say(sheet.language, "Order %(number)s", number=visible(sheet.order_number))
    paper = Paper(A4, MILLIMETRE, title, sheet.language)
    for number, blocks in enumerate(pages, 1):
        _page(paper, sheet, blocks, (number, len(pages)))
    return paper.finish()


def _body(sheet: PickingList) -> Iterator[Block]:
    for group in groups(sheet):
        heights = [row_height(row, sheet) for row in group.rows]
        title = say(sheet.language, "%(title)s, continued", title=group.title)
        again = _group(Group(title, group.rows))
        yield _group(group, with_next=heights[0])
        for row, height in zip(group.rows, heights, strict=True):
            yield Block(height, partial(row_print, row, sheet), again)
    if not sheet.rows:
        text = say(sheet.language, "paper.nothing")
        yield Block(14, lambda paper, y: paper.text((LEFT, y + 9), text, Style(Face.BOLD, 13)))


def _group(group: Group, with_next: float = 0) -> Block:
    return Block(_GROUP_HIGH, partial(_group_print, group), with_next=with_next)


def _tail(sheet: PickingList) -> Block:
    return Block(tail_height(sheet), partial(tail_print, sheet))


def _paginated(sheet: PickingList, blocks: Sequence[Block]) -> list[list[Block]]:
    room = _BOTTOM - _TOP - _COLUMNS_HIGH
    return paginated(blocks, room - head_height(sheet), room - DOWN)


def _page(
    paper: Paper, sheet: PickingList, blocks: Sequence[Block], place: tuple[int, int]
) -> None:
    number, count = place
    if number == 1:
        head_print(sheet, paper, _TOP)
    else:
        paper.turn()
        order = fit(visible(sheet.order_number), _RUNNING.face, _RUNNING.size / MILLIMETRE, 120)
        paper.text((LEFT, _TOP + 4.5), order, _RUNNING)
    y = _TOP + (head_height(sheet) if number == 1 else DOWN)
    _columns(paper, sheet.language, y)
    y += _COLUMNS_HIGH
    print_all(paper, blocks, y)
    page = say(sheet.language, "page %(page)s of %(pages)s", page=number, pages=count)
    paper.text((LEFT + ACROSS, 291), page, _SMALL, "right")
    running = " · ".join((visible(sheet.order_number), visible(sheet.store_name)))
    paper.text((LEFT, 291), fit(running, _SMALL.face, _SMALL.size / MILLIMETRE, 150), _SMALL)


def _columns(paper: Paper, language: str, y: float) -> None:
    paper.box((LEFT, y), (ACROSS, _COLUMNS_HIGH - 0.5), fill=0)
    for name, (x, _) in COLUMNS.items():
        text = say(language, f"paper.column.{name}")
        paper.text((x + 1, y + 4.3), text, Style(Face.NARROW_BOLD, 10, grey=1))


def _group_print(group: Group, paper: Paper, y: float) -> None:
    paper.box((LEFT, y), (ACROSS, _GROUP_HIGH), fill=0.88)
    title = fit(group.title, Face.BOLD, 12.5 / MILLIMETRE, ACROSS - 25)
    paper.text((LEFT + 1.5, y + 5.6), title, Style(Face.BOLD, 12.5))
    count = str(len(group.rows))
    paper.text((LEFT + ACROSS - 2, y + 5.6), count, Style(Face.NARROW_BOLD, 12.5), "right")
