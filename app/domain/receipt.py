"""A fiscal receipt's rows from a document's lines: what a cash register can multiply and add up.

A register checks that price times quantity is the row's sum, to a kopeck, and takes one product
mark in a row of one piece (ФФД 1.2, приказ ФНС от 14.09.2020 № ЕД-7-20/662@, реквизит «предмет
расчёта», тег 1059). So a line becomes as many rows as it takes; they add up to the line exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from app.domain.document import DocumentLine
from app.domain.money import half_up, vat_inside

#: Grams for which a receipt says the price of weighed goods.
KILOGRAM: Final = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Never negative: what a receipt gives back is said once, in its head. Kopecks; the
    price is for a piece or a kilogram. `vat` is None for goods without VAT."""

    name: str
    kind: str
    price: int
    total: int
    vat_percent: int | None
    vat: int
    pieces: int = 0
    grams: int | None = None
    mark: str | None = None


def rows(line: DocumentLine) -> tuple[Row, ...]:
    """The rows of one line, in the order in which it names its marks."""
    if line.grams is not None:
        return _by_weight(line)
    pieces = abs(line.pieces)
    if not pieces:
        return ()
    sums = _even(abs(line.total), pieces)
    marks = line.marks if len(line.marks) == pieces else ()
    parts = (
        [(total, 1, mark) for total, mark in zip(sums, marks, strict=True)]
        if marks
        else [(total, len(list(same)), None) for total, same in groupby(sums)]
    )
    return _taxed(line, [(total, count, None, mark) for total, count, mark in parts])


def _by_weight(line: DocumentLine) -> tuple[Row, ...]:
    """Whole goods by weight, one row; with marks, a row for each would need to know its weight."""
    grams = abs(line.grams or 0)
    if not grams:
        return ()
    mark = line.marks[0] if len(line.marks) == 1 else None
    return _taxed(line, [(abs(line.total), 0, grams, mark)])


def _even(total: int, parts: int) -> list[int]:
    """A sum in parts that differ by a kopeck at most, the larger ones first."""
    least, more = divmod(total, parts)
    return [least + 1] * more + [least] * (parts - more)


def _taxed(
    line: DocumentLine, parts: Sequence[tuple[int, int, int | None, str | None]]
) -> tuple[Row, ...]:
    """VAT of each row such that all rows have the line's: that of the sum so far, less what the
    rows before have; the last one takes what is left."""
    made: list[Row] = []
    so_far, given = 0, 0
    for place, (price, pieces, grams, mark) in enumerate(parts, 1):
        total = price if grams is not None else price * pieces
        so_far += total
        last = place == len(parts)
        whole = abs(line.vat)
        if not last:  # what a return gives back may have a kopeck less VAT than its sum alone has
            whole = min(vat_inside(so_far, line.vat_percent), whole)
        vat, given = whole - given, whole
        cost = price if grams is None else half_up(total * KILOGRAM, grams)
        made.append(
            Row(line.name, line.kind, cost, total, line.vat_percent, vat, pieces, grams, mark)
        )
    return tuple(made)
