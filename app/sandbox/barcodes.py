"""Codes on goods: EAN-13, in-store weight labels and «Честный ЗНАК» DataMatrix texts. Pure."""

from __future__ import annotations

import string
from random import Random
from typing import Final

GS: Final = "\x1d"  #: FNC1 as scanners send it: ends a field of variable length
FNC1_PREFIX: Final = "]d2"  #: AIM identifier some scanners put before a GS1 DataMatrix
SERIAL_ALPHABET: Final = string.ascii_letters + string.digits + "!\"%&'*+-./_,:;=<>?"


def with_check_digit(twelve: str) -> str:
    """Append the EAN-13 check digit to 12 digits."""
    if len(twelve) != 12 or not twelve.isdecimal():
        raise ValueError(f"12 digits expected, got {twelve!r}")
    odd = sum(int(digit) for digit in twelve[0::2])
    even = sum(int(digit) for digit in twelve[1::2])
    return f"{twelve}{-(odd + 3 * even) % 10}"


def weight_label(plu: str, grams: int) -> str:
    """Make the EAN-13 a shop's scales print: 21, five digits of PLU, five of grams, check digit."""
    if not 0 < grams < 100_000:
        raise ValueError(f"a label holds 1 to 99999 grams, not {grams}")
    return with_check_digit(f"21{plu}{grams:05d}")


def price_label(plu: str, kopecks: int) -> str:
    """Make the label of a pack that says what it costs: 23 instead of 21, kopecks for grams."""
    if not 0 < kopecks < 100_000:
        raise ValueError(f"a label holds 1 to 99999 kopecks, not {kopecks}")
    return with_check_digit(f"23{plu}{kopecks:05d}")


def marking_code(ean: str, rng: Random) -> str:
    """Make a unit's GS1 text: 01 GTIN, 21 serial (13 characters), GS, 93 crypto tail (4).

    The shape is that of dairy and water (three blocks 01/21/93); the tail is random, so no
    register would know the code.
    """
    serial = "".join(rng.choices(SERIAL_ALPHABET, k=13))
    tail = "".join(rng.choices(string.ascii_letters + string.digits, k=4))
    return f"010{ean}21{serial}{GS}93{tail}"
