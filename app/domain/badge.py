"""What people and handhelds prove themselves with: badges, PINs, a device's own code."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

#: What a badge's printed barcode begins with, so that no product's code is taken for a person's.
PREFIX: Final = "BADGE-"
#: The same as a scanner types it on a device that is set to a Russian keyboard.
_AS_TYPED: Final = (PREFIX, "ИФВПУ-")
#: Fits on a barcode, and a scanner types it alike on every keyboard when it is digits.
_BADGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}")
PIN_DIGITS: Final = 6
#: Crockford's Base32: no letter looks like another or like a digit.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKS_LIKE: Final = str.maketrans("OIL", "011", " -")
_GROUPS: Final = 5


def badge_of(text: str) -> str:
    """The badge in what was typed or scanned: `1001` and `BADGE-1001` are the same person."""
    text = text.strip()
    for prefix in _AS_TYPED:
        if text.upper().startswith(prefix) and len(text) > len(prefix):
            return text[len(prefix) :]
    return text


def is_badge_code(text: str) -> bool:
    """Whether a scanned code is a person's."""
    return badge_of(text) != text.strip()


def new_badge(text: str) -> str | None:
    """The badge of somebody new, from what was typed or scanned; None for what is no badge, or
    would be read as another's."""
    badge = badge_of(text)
    prefixed = badge.upper().startswith(PREFIX)
    return badge if _BADGE.fullmatch(badge) and not prefixed else None


def badge_code(badge: str) -> str:
    """What to print on a badge, as Code 128 or QR."""
    return PREFIX + badge


def new_pin(below: Callable[[int], int]) -> str:
    """A PIN nobody guesses first; `below(n)` is a random number from 0 to n - 1."""
    while True:
        pin = f"{below(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if not is_weak(pin):
            return pin


def is_weak(pin: str) -> bool:
    """Whether a PIN is among those everybody tries: one digit only, or a run up or down."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def new_device_code(below: Callable[[int], int]) -> str:
    """100 random bits for a handheld, in groups of four that can be typed by hand."""
    groups = ("".join(_ALPHABET[below(32)] for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)


def plain_device_code(text: str) -> str:
    """A device's code without what typing adds: case, spaces, hyphens, letters like digits."""
    return text.upper().translate(_LOOKS_LIKE)
