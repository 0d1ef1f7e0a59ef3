"""A fiscal receipt's rows from a document's lines: what a cash register can multiply and add up.

A register checks that price times quantity is the row's sum, to a kopeck, and takes one product
mark in a row of one piece (ФФД 1.2, приказ ФНС от 14.09.2020 № ЕД-7-20/662@, реквизит «предмет
расчёта», тег 1059). So a line becomes as many rows as it takes; they add up to the line exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from app.domain.document import DocumentLine
from app.domain.money import by_weight, half_up, vat_inside

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


#: A row before its VAT: price, sum, pieces, grams, mark.
_Part: TypeAlias = tuple[int, int, int, int | None, str | None]


def rows(line: DocumentLine) -> tuple[Row, ...]:
    """The rows of one line, in the order in which it names its marks."""
    return _taxed(line, _by_piece(line) if line.grams is None else _by_weight(line))


def _by_piece(line: DocumentLine) -> list[_Part]:
    pieces = abs(line.pieces)
    if not pieces:
        return []
    prices = _even(abs(line.total), pieces)
    if len(line.marks) == pieces:
        return [
            (price, price, 1, None, mark) for price, mark in zip(prices, line.marks, strict=True)
        ]
    counts = [(price, len(list(same))) for price, same in groupby(prices)]
    return [(price, price * count, count, None, None) for price, count in counts]


def _by_weight(line: DocumentLine) -> list[_Part]:
    """One row when its price for a kilogram gives the sum, else two whose prices are a kopeck
    apart; a marked unit is one in any case."""
    grams, total = abs(line.grams or 0), abs(line.total)
    if not grams:
        return []
    price = half_up(total * KILOGRAM, grams)
    mark = line.marks[0] if len(line.marks) == 1 else None
    if mark or by_weight(price, grams, KILOGRAM) == total:
        return [(price, total, 0, grams, mark)]
    price = total * KILOGRAM // grams
    dearer = total * KILOGRAM - price * grams  # so many grams for a kopeck more
    more = by_weight(price + 1, dearer, KILOGRAM)
    return [(price, total - more, 0, grams - dearer, None), (price + 1, more, 0, dearer, None)]


def _even(total: int, parts: int) -> list[int]:
    """A sum in parts that differ by a kopeck at most, the larger ones first."""
    least, more = divmod(total, parts)
    return [least + 1] * more + [least] * (parts - more)


def _taxed(line: DocumentLine, parts: Sequence[_Part]) -> tuple[Row, ...]:
    """VAT of each row such that all rows have the line's: that of the sum so far, less what the
    rows before have; the last one takes what is left."""
    made: list[Row] = []
    so_far, given = 0, 0
    for place, (price, total, pieces, grams, mark) in enumerate(parts, 1):
        so_far += total
        whole = abs(line.vat)
        if place < len(parts):  # a return may give back a kopeck less VAT than its sum alone has
            whole = min(vat_inside(so_far, line.vat_percent), whole)
        vat, given = whole - given, whole
        made.append(
            Row(line.name, line.kind, price, total, line.vat_percent, vat, pieces, grams, mark)
        )
    return tuple(made)
