"""GS1's own codes: the check digit, GTINs of every length, and messages of identified elements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from app.domain.gs1_elements import GS, Element, bracketed, elements, written

#: What scanners, keyboards and programs make of it on the way, longest first. None of these is in
#: the character set of GS1 elements (General Specifications, 7.11), so nothing is taken for one.
SUBSTITUTES: Final = ("\\u001d", "\\x1d", "~d029", "{GS}", "[GS]", "^]", "\u241d", "~", "|")
#: Longer than any message a retail code carries.
MOST: Final = 200
_SUBSTITUTE: Final = re.compile("|".join(map(re.escape, SUBSTITUTES)))
_MARK: Final = re.compile(r"01(\d{14})21[!-~\x1d]+", re.ASCII)
_UPC_E: Final = re.compile(r"([01])(\d{6})(\d)", re.ASCII)
_POUND: Final = Decimal("453.59237")
#: Roubles in ISO 4217: other money says nothing of our prices.
_ROUBLES: Final = "643"


@dataclass(frozen=True, slots=True)
class Message:
    """What a GS1-128 or DataMatrix says: goods, how much of them, until when they are good.

    `mark` is the whole text with its separators when it names one single unit (AI 01 and 21).
    """

    gtin: str
    grams: int | None = None
    kopecks: int | None = None
    pieces: int | None = None
    expires: date | None = None
    mark: str | None = None


def check_digit(digits: str) -> int:
    """The GS1 check digit of the digits before it (General Specifications, 7.9)."""
    weighted = (int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -sum(weighted) % 10


def is_number(text: str) -> bool:
    """ASCII digits and nothing else: `isdecimal` alone takes other alphabets' too."""
    return text.isascii() and text.isdecimal()


def proves(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    return check_digit(digits[:-1]) == int(digits[-1])


def gtins(digits: str) -> tuple[str, ...]:
    """The GTINs that 8, 12, 13 or 14 digits are, without leading zeros; none when the check digit
    is wrong. Eight digits may be an EAN-8 and a UPC-E at once."""
    found = [digits] if proves(digits) else []
    long = _upc_a(digits)
    if long and proves(long):
        found.append(long)
    return tuple(dict.fromkeys(plain for each in found if (plain := each.lstrip("0"))))


def _upc_a(digits: str) -> str | None:
    """The UPC-A that a UPC-E of eight digits is short for (General Specifications, 5.2.2.4)."""
    parts = _UPC_E.fullmatch(digits)
    if parts is None:
        return None
    system, d, check = parts.groups()
    if d[5] in "012":
        body = d[:2] + d[5] + "0000" + d[2:5]
    elif d[5] == "3":
        body = d[:3] + "00000" + d[3:5]
    elif d[5] == "4":
        body = d[:4] + "00000" + d[4]
    else:
        body = d[:5] + "0000" + d[5]
    return system + body + check


def separated(text: str) -> str:
    """The text with every stand-in for a separator put right, and none at its ends."""
    return _SUBSTITUTE.sub(GS, text).strip(GS)


def message(text: str) -> Message | None:
    """A message that names goods; None when it is none, or the GTIN's check digit is wrong."""
    text = separated(text)
    if not text.isascii() or len(text) > MOST:
        return None
    said = bracketed(text) if text.startswith("(") else elements(text)
    if said is None:
        return _broken_mark(text)
    goods = _first(said, "01") or _first(said, "02")
    if goods is None or not proves(goods.value) or not goods.value.strip("0"):
        return None
    serial = _first(said, "01") and _first(said, "21")
    count = _first(said, "37") or _first(said, "30")
    expiry = _first(said, "17")
    return Message(
        goods.value.lstrip("0"),
        _grams(said),
        _kopecks(said),
        (int(count.value) or None) if count else None,
        expiry.day() if expiry else None,
        _plain(text, said) if serial else None,
    )


def _plain(text: str, said: tuple[Element, ...]) -> str:
    """Typed with brackets, as printed under a code, it is the same code without them."""
    return written(said) if text.startswith("(") else text


def _broken_mark(text: str) -> Message | None:
    """A mark whose separators the scanner lost cannot be taken apart, but it still names goods."""
    found = _MARK.fullmatch(text)
    if found is None or not proves(found[1]) or not found[1].strip("0"):
        return None
    return Message(found[1].lstrip("0"), mark=text)


def _grams(said: tuple[Element, ...]) -> int | None:
    """Net weight: AI 310n in kilograms, 320n in pounds."""
    for prefix, unit in (("310", Decimal(1000)), ("320", _POUND)):
        found = _first(said, prefix)
        if found is not None and found.decimal():
            return _whole(found.decimal() * unit)
    return None


def _kopecks(said: tuple[Element, ...]) -> int | None:
    """The price of this very pack: AI 392n in local money, 393n in roubles."""
    found = _first(said, "392") or _first(said, "393")
    if found is None or not found.decimal():
        return None
    if found.ai.startswith("393") and found.groups[0] != _ROUBLES:
        return None
    return _whole(found.decimal() * 100)


def _first(said: tuple[Element, ...], prefix: str) -> Element | None:
    return next((each for each in said if each.ai.startswith(prefix)), None)


def _whole(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))
