"""Marks belong to exemplars, which Ozon numbers: which gets which, and how far their check is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from app.errors import RemoteRefused

#: What the check comes to; the last two once a posting is packed, or being packed.
CHECKING: Final = "validation_in_process"
_LATE: Final = ("update_available", "update_not_available")
TAKEN: Final = ("ship_available", *_LATE)


class Exemplar(msgspec.Struct):
    """One piece, and the marks it was given."""

    exemplar_id: int
    marks: list[msgspec.Raw] | None = None


class Product(msgspec.Struct):
    """All pieces of one of Ozon's SKUs."""

    product_id: int
    exemplars: list[Exemplar] = []


class Exemplars(msgspec.Struct):
    """A posting's pieces; their check has a `status`."""

    products: list[Product] = []
    status: str = ""


def told(rows: Sequence[Mapping[str, Any]], known: Exemplars) -> list[dict[str, Any]]:
    """Marks of our rows (`product_id`, `marks`) on exemplars. Raises RemoteRefused where there are
    more marks than those."""
    pieces = {product.product_id: product.exemplars for product in known.products}
    return [_marked(row, pieces.get(row["product_id"], [])) for row in rows]


def there(rows: Sequence[Mapping[str, Any]], checked: Exemplars) -> bool:
    """Whether an earlier try set our marks: they are being checked, or shown with what came of it.
    How Ozon writes a mark is its own, so they are counted and not compared."""
    given = {p.product_id: sum(bool(x.marks) for x in p.exemplars) for p in checked.products}
    shown = all(given.get(row["product_id"], 0) >= len(row["marks"]) for row in rows)
    return shown or checked.status in (CHECKING, *_LATE)


def _marked(row: Mapping[str, Any], exemplars: list[Exemplar]) -> dict[str, Any]:
    if len(exemplars) < len(row["marks"]):
        raise RemoteRefused("Ozon knows of fewer units than there are marks")
    pairs = zip(exemplars, row["marks"], strict=False)
    return {
        "product_id": row["product_id"],
        "exemplars": [
            {
                "exemplar_id": exemplar.exemplar_id,
                "marks": [{"mark": mark, "mark_type": "mandatory_mark"}],
            }
            for exemplar, mark in pairs
        ],
    }
