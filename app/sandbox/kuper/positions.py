"""Positions as СМ writes them: money as text in roubles, weight as text in grams. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Final

from app.sandbox.catalogue import ORDERED, Product
from app.sandbox.kuper.money import line_sum, roubles

#: Lines of an order and how likely each number is; a family's weekly shop is rare.
LINES: Final = (1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 28)
LINE_WEIGHTS: Final = (6, 10, 14, 14, 12, 10, 8, 6, 4, 2, 1)
PIECES: Final = (1, 2, 3, 4, 6, 12)
PIECE_WEIGHTS: Final = (60, 22, 8, 5, 4, 1)
PORTIONS: Final = (1, 2, 3, 4, 5, 6, 8)
DISCOUNTS: Final = (5, 7, 10, 15, 20, 30)


def basket(rng: Random, discounted: float) -> list[dict[str, Any]]:
    """Fill a basket with different articles; `discounted` is the share of them on offer."""
    size = rng.choices(LINES, LINE_WEIGHTS)[0]
    return [_random_position(product, rng, discounted) for product in rng.sample(ORDERED, k=size)]


def position(
    product: Product, quantity: float, grams: int, *, percent_off: int = 0
) -> dict[str, Any]:
    """Write one position; `grams` is the weight of the whole position, 0 for pieces."""
    discounted = product.price * (100 - percent_off) // 100
    wire = {
        "id": product.sku,
        "name": product.name,
        "originalQuantity": quantity,
        "quantity": quantity,
        "price": roubles(product.price),
        "discountPrice": roubles(discounted),
        "totalPrice": roubles(line_sum(product, product.price, quantity, grams)),
        "totalDiscountPrice": roubles(line_sum(product, discounted, quantity, grams)),
    }
    return wire | ({"weight": str(grams)} if grams else {})


def ordered_units(product: Product, grams: int) -> float:
    """Quantity of a weighed position: kilograms, or hundreds of grams; whole numbers as int."""
    assert product.unit_grams is not None
    units = grams / product.unit_grams
    return int(units) if units.is_integer() else round(units, 3)


def totals(positions: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Add up an order: `totalPrice` and `discountTotalPrice` as roubles."""
    rows = list(positions)
    return {
        "totalPrice": roubles(sum(kopecks(row["totalPrice"]) for row in rows)),
        "discountTotalPrice": roubles(sum(kopecks(row["totalDiscountPrice"]) for row in rows)),
    }


def kopecks(text: str) -> int:
    """Read СМ's roubles back: "129.90" becomes 12990."""
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(f"{part:0<2}")


def change_basket(
    rng: Random, positions: Sequence[dict[str, Any]], discounted: float
) -> list[dict[str, Any]]:
    """Let the customer think again: one position more, and one fewer where there are several."""
    kept = list(positions)
    if len(kept) > 1:
        kept.pop(rng.randrange(len(kept)))
    taken = {row["id"] for row in positions}
    product = rng.choice([product for product in ORDERED if product.sku not in taken])
    return [*kept, _random_position(product, rng, discounted)]


def _random_position(product: Product, rng: Random, discounted: float) -> dict[str, Any]:
    percent_off = rng.choice(DISCOUNTS) if rng.random() < discounted else 0
    if product.unit_grams is None:
        pieces = rng.choices(PIECES, PIECE_WEIGHTS)[0]
        wire = position(product, pieces, 0, percent_off=percent_off)
        return wire | ({"weight": "0"} if rng.random() < 0.3 else {})
    grams = _ordered_grams(product, rng)
    return position(product, ordered_units(product, grams), grams, percent_off=percent_off)


def _ordered_grams(product: Product, rng: Random) -> int:
    """Customers order round weights: whole trays, or steps of 100 g."""
    assert product.portion_grams is not None
    if product.prepacked:
        return product.portion_grams * rng.choice((1, 1, 1, 2))
    portions = PORTIONS if product.unit_grams == 1000 else PORTIONS[:2]
    grams = product.portion_grams * rng.choice(portions)
    return max(100, round(grams / 100) * 100)
