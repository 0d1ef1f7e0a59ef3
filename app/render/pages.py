"""Blocks that fill pages from the top: they are measured first, so every page knows its number."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from app.render.paper import Paper

#: Draws below a height from the top of the page, in the paper's unit.
Print: TypeAlias = Callable[[Paper, float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """Something that is not cut by the end of a page; `again` is printed first on the next page,
    `with_next` keeps it from being the last on its own.
    """

    height: float
    print: Print
    again: Block | None = None
    with_next: float = 0


def paginated(blocks: Iterable[Block], first: float, later: float) -> list[list[Block]]:
    """Blocks page by page; `first` and `later`: the room on the first page and on all others. A
    block higher than a page has a page of its own."""
    pages: list[list[Block]] = [[]]
    room = first
    for block in blocks:
        if block.height + block.with_next > room and (pages[-1] or room < later):
            pages.append([block.again] if block.again else [])
            room = later - sum(each.height for each in pages[-1])
        pages[-1].append(block)
        room -= block.height
    return pages


def print_all(paper: Paper, blocks: Iterable[Block], y: float) -> None:
    """One page's blocks below `y`."""
    for block in blocks:
        block.print(paper, y)
        y += block.height
