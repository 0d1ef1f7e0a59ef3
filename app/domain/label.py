"""In-store labels by the shop's own table: a prefix, and where item and value stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.gs1 import is_number, proves
from app.domain.money import half_up
from app.domain.shop import Label


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a label says: the item number, and grams, kopecks or pieces. A value of zero is none:
    the label is printed for the shelf, or the scale was empty."""

    plu: str
    grams: int | None = None
    kopecks: int | None = None
    pieces: int | None = None


def read_label(code: str, labels: Iterable[Label]) -> Labelled | None:
    """The code by the first row it fits; None when it fits none, or its check digit is wrong."""
    row = next((row for row in labels if fits(row, code)), None)
    if row is None or (row.check_digit and not proves(code)):
        return None
    amount = half_up(int(_part(code, row.value_at)) * row.multiplier, row.divisor) or None
    return Labelled(
        _part(code, row.item),
        grams=amount if row.value == "weight" else None,
        kopecks=amount if row.value == "price" else None,
        pieces=amount if row.value == "count" else None,
    )


def fits(row: Label, code: str) -> bool:
    """Whether a code has this row's form. A row that makes no sense fits nothing."""
    return (
        is_number(code)
        and len(code) == row.length
        and bool(row.prefix)
        and code.startswith(row.prefix)
        and _inside(row, row.item)
        and _inside(row, row.value_at)
        and row.divisor > 0
        and row.multiplier > 0
    )


def _inside(row: Label, span: tuple[int, int]) -> bool:
    return 0 <= span[0] < span[1] <= row.length - row.check_digit


def _part(code: str, span: tuple[int, int]) -> str:
    return code[span[0] : span[1]]
