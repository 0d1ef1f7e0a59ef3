"""A line of ours may be several rows at a marketplace: their names, with how much of each was
ordered, are in the line's `ref`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from app.domain.money import MAX_KOPECKS
from app.domain.order import DraftLine, Line, LineState
from app.domain.quantity import MAX_GRAMS
from app.errors import Malformed
from app.marketplaces.reading import refs

_FOUND: Final = (LineState.PICKED, LineState.SHORT)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what the marketplace calls it, and pieces of it, or grams of weighed goods."""

    name: str
    amount: int


def ref(name: str, ordered: int) -> str:
    """A row in a `ref`; `reading.lines` joins several."""
    return f"{name}*{ordered}"


def ordered(line: Line) -> list[Row]:
    """The rows of a line. What is no row of ours is one row of all that was ordered."""
    whole = (line.requested_grams if line.unit_grams else line.requested_pieces) or 0
    found = []
    for each in refs(line.ref):
        name, star, amount = each.rpartition("*")
        known = star and name and amount.isascii() and amount.isdecimal() and len(amount) < 10
        found.append(Row(name, int(amount)) if known else Row(each, whole))
    return found or [Row(line.external_id, whole)]


def amount(line: Line) -> int:
    """Pieces, or grams of weighed goods, that were found."""
    if line.state not in _FOUND:
        return 0
    return (line.picked_grams if line.unit_grams else line.picked_pieces) or 0


def found(line: Line) -> list[tuple[Row, int]]:
    """What was found of each row: they are filled one after another, and the last one takes what
    there is beyond."""
    rest, rows = amount(line), ordered(line)
    filled = []
    for row in rows[:-1]:
        part = min(row.amount, rest)
        filled.append((row, part))
        rest -= part
    return [*filled, (rows[-1], rest)]


def by_weight(lines: Iterable[DraftLine]) -> list[DraftLine]:
    """Weighed rows that are priced by their own weight (`unit_grams` is all of `grams`), one for
    each SKU; what is counted is left as it is. Raises Malformed for what cannot be kept."""
    kept: list[DraftLine] = []
    first: dict[str, int] = {}
    for line in lines:
        if line.grams is None or line.external_id not in first:
            if line.grams is not None:
                first[line.external_id] = len(kept)
            kept.append(line)
            continue
        at = first[line.external_id]
        kept[at] = _both(kept[at], line)
    return kept


def _both(one: DraftLine, other: DraftLine) -> DraftLine:
    grams, price = (one.grams or 0) + (other.grams or 0), one.price + other.price
    if grams > MAX_GRAMS or price > MAX_KOPECKS:
        raise Malformed(f"{one.external_id}: too much of it")
    names = "\n".join([*refs(one.ref), *refs(other.ref)])
    pieces = one.pieces + other.pieces
    return replace(one, grams=grams, unit_grams=grams, price=price, pieces=pieces, ref=names)
