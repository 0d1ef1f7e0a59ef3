"""СМ's arithmetic: kopecks and grams inside, decimal roubles and grams as text on the wire. Pure.

For goods by weight the weight wins and the quantity sent is ignored; for pieces the weight is
ignored (the marketplace's published notification tests, 2023).
"""

from __future__ import annotations

from app.sandbox.catalogue import Product


def roubles(kopecks: int) -> str:
    """Write kopecks as СМ does: 12990 becomes "129.90"."""
    return f"{kopecks // 100}.{kopecks % 100:02d}"


def by_weight(price: int, grams: int, unit_grams: int) -> int:
    """Price `grams` of goods that cost `price` kopecks per `unit_grams`, halves up."""
    return (2 * price * grams + unit_grams) // (2 * unit_grams)


def line_sum(product: Product, price: int, quantity: float, grams: int) -> int:
    """Sum of one line in kopecks; `price` may be a discounted one."""
    if product.unit_grams is not None:
        return by_weight(price, grams, product.unit_grams)
    return round(price * quantity)


def billed_quantity(product: Product, quantity: float, grams: int) -> float:
    """Return the quantity СМ computes: whole units of weight, or the pieces as sent."""
    if product.unit_grams is not None:
        return grams // product.unit_grams
    return quantity
