"""The lines of a document as a ruled table: marks under their line, what a correction changed in
three rows, totals that never stand alone on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.domain.document import Document, DocumentLine, Kind
from app.render.document_rows import cells, counted, fields, marks, name, names
from app.render.document_totals import total_rows
from app.render.grid import GROUND, Grid, Look, grid
from app.render.language import say
from app.render.pages import Block
from app.render.typeface import Face, visible

#: Codes are small, in comparison to the lines they belong to.
_MARK: Final = 0.85
_PALE: Final = 0.97
_STAGES: Final = ("before", "after", "difference")
_Texts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinesTable:
    """All rows as texts, and the grid they fit in."""

    document: Document
    language: str
    grid: Grid
    rows: Sequence[Sequence[_Texts]]
    sums: Sequence[_Texts]

    @property
    def size(self) -> float:
        """Of its letters, in points."""
        return self.grid.size

    def blocks(self, after: float) -> Iterator[Block]:
        """Heads (again on every page), lines, totals; the last line keeps with the totals and with
        what is `after` them, millimetres."""
        head = self.grid.head()
        lines = [
            block
            for line, texts in zip(self.document.lines, self.rows, strict=True)
            for block in self._line(line, texts)
        ]
        ends = [block for row in self.sums for block in self.grid.row(row, _SUM)]
        yield replace(head, with_next=lines[0].height + lines[0].with_next)
        yield from (replace(block, again=head) for block in lines[:-1])
        yield replace(lines[-1], again=head, with_next=sum(block.height for block in ends) + after)
        yield from ends

    def _line(self, line: DocumentLine, texts: Sequence[_Texts]) -> list[Block]:
        blocks = [block for row in texts for block in self.grid.row(row)]
        if self.document.kind is Kind.CORRECTION:
            changed = self.grid.row(texts[-1], Look(Face.BOLD))
            blocks = _together([*self._name(line), *blocks[:-1], *changed])
        codes = ", ".join(marks(line))
        if not codes:
            return blocks
        # A correction tells the units that are not sold after all.
        gone = self.document.kind is Kind.CORRECTION
        text = say(self.language, "document.marks_gone" if gone else "document.marks", marks=codes)
        under = self.grid.spread(text, Look(Face.NARROW, shrink=_MARK), 1)
        return [*blocks[:-1], replace(blocks[-1], with_next=under[0].height), *under]

    def _name(self, line: DocumentLine) -> list[Block]:
        """A corrected line's number, name and item number."""
        sku = f" · {visible(line.sku)}" if line.kind == "goods" else ""
        text = name(line, self.language) + sku
        return self.grid.spread(text, Look(fill=_PALE), 1, str(line.position))


_SUM: Final = Look(Face.BOLD, GROUND)


def lines_table(document: Document, language: str, left: float, across: float) -> LinesTable:
    """The table for a place on paper, in millimetres."""
    columns = names(document)
    rows = [_rows(line, document, columns, language) for line in document.lines]
    sums = total_rows(document, columns, language)
    numbers = [(str(line.position), *("",) * (len(columns) - 1)) for line in document.lines]
    every = [*(row for each in rows for row in each), *sums, *numbers]
    return LinesTable(
        document, language, grid(fields(columns, language), every, left, across), rows, sums
    )


def _rows(
    line: DocumentLine, document: Document, columns: Sequence[str], language: str
) -> list[_Texts]:
    """As the grid takes them: one, or three of a correction, whose name stands above them."""
    rows = []
    for stage, amounts in zip(_STAGES, counted(line, document), strict=False):
        texts = cells(line, amounts, columns, language)
        if document.kind is Kind.CORRECTION:
            stages = {"position": "", "change": say(language, f"document.stage.{stage}")}
            texts = texts | stages
        rows.append(tuple(texts[column] for column in columns))
    return rows


def _together(blocks: Sequence[Block]) -> list[Block]:
    """Blocks that no page parts: each needs room for all that follow it."""
    heights = [block.height for block in blocks]
    return [
        replace(block, with_next=sum(heights[index + 1 :])) for index, block in enumerate(blocks)
    ]
