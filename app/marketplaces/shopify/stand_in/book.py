"""An order of the stand-in's as Shopify counts it."""

from __future__ import annotations

from typing import Final

from app.sandbox.stall import Entry, Goods

#: Ids are numbers that only grow.
FIRST: Final = 5_000_000_000_000


def line_id(entry: Entry, n: int) -> str:
    """The id of a line."""
    return f"{int(entry.ref) - FIRST}{n:03d}"


def current(entry: Entry, goods: Goods) -> int:
    """Pieces as they are after edits."""
    return entry.found.get(goods.sku, 0) if entry.found else goods.pieces
