"""Money in integer kopecks, and the one rounding rule: half up, away from no one's pocket."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

#: Above any order a shop will ever pack; keeps every sum inside 64 bits.
MAX_KOPECKS: Final = 10**12
_ROUBLES: Final = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?", re.ASCII)


def parse_roubles(text: str) -> int:
    """Kopecks from decimal roubles such as "129.90"; ValueError when it is no sum we can keep."""
    if not _ROUBLES.fullmatch(text):
        raise ValueError(f"not an amount of roubles: {text[:40]!r}")
    kopecks = Decimal(text) * 100
    if kopecks != kopecks.to_integral_value():
        raise ValueError(f"parts of a kopeck: {text[:40]!r}")
    if not 0 <= kopecks <= MAX_KOPECKS:
        raise ValueError(f"amount out of range: {text[:40]!r}")
    return int(kopecks)


def roubles(kopecks: int) -> str:
    """Decimal roubles with two places, also below zero, as documents and marketplaces write."""
    sign, kopecks = ("-" if kopecks < 0 else ""), abs(kopecks)
    return f"{sign}{kopecks // 100}.{kopecks % 100:02d}"


def half_up(numerator: int, denominator: int) -> int:
    """Divide two non-negative integers and round half up, with no float in between."""
    return (2 * numerator + denominator) // (2 * denominator)


def by_weight(price: int, grams: int, unit_grams: int) -> int:
    """Kopecks for `grams` of goods that cost `price` for every `unit_grams`."""
    return half_up(price * grams, unit_grams)


def vat_inside(total: int, percent: int | None) -> int:
    """The tax contained in a total: total × r / (100 + r); goods without VAT contain none."""
    return 0 if percent is None else half_up(total * percent, 100 + percent)
