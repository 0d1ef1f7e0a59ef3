"""One cell to one value: every field's converter, and the flaw it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from app.domain.assortment import Flaw
from app.domain.barcode import check_digit
from app.domain.money import MAX_KOPECKS
from app.imports.columns import CHOICES, FLAGS, UNITS, VATS

_LONGEST: Final = {"sku": 100, "name": 500, "category": 200, "plu": 20, "photo_url": 1000}
_SHORT: Final = 50
_SPACES: Final = re.compile(r"[\s\x00-\x1f\x7f]+")
_LIST: Final = re.compile(r"[\s,;|]+")
_MONEY: Final = re.compile(r"-?\d{1,12}(?:\.\d{1,20})?", re.ASCII)
_RANGES: Final = {"min_age": (1, 21), "unit_grams": (1, 1_000_000)}


class Flawed(Exception):
    """A cell that gives no value: which flaw, and the words of its sentence."""

    def __init__(self, flaw: Flaw, **values: object) -> None:
        super().__init__(flaw)
        self.flaw = flaw
        self.values = values


def text(raw: str, field: str) -> str:
    """One line of text without odd spaces; PostgreSQL keeps no NUL and no lone surrogates."""
    clean = _SPACES.sub(" ", raw).strip().encode("utf-8", "ignore").decode()
    most = _LONGEST.get(field, _SHORT)
    if len(clean) > most:
        raise Flawed(Flaw.TEXT_TOO_LONG, field=field, most=most)
    return clean


def price(raw: str, _field: str = "price") -> int | None:
    """Kopecks from roubles as people and spreadsheets write them; None when the cell is empty."""
    bare = re.sub(r"[\s'’]|руб\.?|р\.|₽|rub", "", raw.strip().casefold())
    if not bare:
        return None
    if "," in bare:  # 1,299.90 has thousands, 1299,90 has kopecks
        bare = bare.replace(",", "" if "." in bare else ".")
    if not _MONEY.fullmatch(bare):
        raise Flawed(Flaw.PRICE_IMPOSSIBLE, value=_shown(raw))
    kopecks = Decimal(bare) * 100
    if kopecks < 0:
        raise Flawed(Flaw.PRICE_NEGATIVE, value=_shown(raw))
    whole = int(kopecks.to_integral_value())  # a spreadsheet's 129.90000000000001 is 129.90
    if abs(kopecks - whole) > Decimal("0.001") or whole > MAX_KOPECKS:
        raise Flawed(Flaw.PRICE_IMPOSSIBLE, value=_shown(raw))
    return whole


def vat(raw: str, _field: str = "vat") -> str:
    """The hub's word for a VAT rate."""
    word = re.sub(r"^ндс\s*|\s*%", "", _word(raw))
    found = VATS.get(word)
    if found is None:
        raise Flawed(Flaw.VAT_UNKNOWN, value=_shown(raw))
    return found


def unit(raw: str, _field: str = "unit") -> tuple[str, int | None]:
    """What goods are sold by, and the grams of the unit when by weight."""
    found = UNITS.get(_word(raw).rstrip("."))
    if found is None:
        raise Flawed(Flaw.UNIT_UNKNOWN, value=_shown(raw))
    return found


def flag(raw: str, field: str) -> bool:
    """Yes or no."""
    word = _word(raw)
    if word == "" and field == "available":
        return True
    if word not in FLAGS:
        raise Flawed(Flaw.FLAG_UNKNOWN, field=field, value=_shown(raw))
    return FLAGS[word]


def choice(raw: str, field: str) -> str:
    """One of the hub's words for this field."""
    found = CHOICES[field].get(_word(raw))
    if found is None:
        allowed = ", ".join(sorted(set(CHOICES[field].values())))
        raise Flawed(Flaw.CHOICE_UNKNOWN, field=field, value=_shown(raw), allowed=allowed)
    return found


def number(raw: str, field: str) -> int | None:
    """A whole number in the field's range; None when the cell is empty or, for an age, 0."""
    bare = _word(raw).removesuffix("+").strip()
    if bare == "" or (bare == "0" and field == "min_age"):
        return None
    least, most = _RANGES[field]
    if not (bare.isascii() and bare.isdecimal() and len(bare) < 10 and least <= int(bare) <= most):
        values = {"field": field, "value": _shown(raw), "least": least, "most": most}
        raise Flawed(Flaw.NUMBER_IMPOSSIBLE, **values)
    return int(bare)


def optional_text(raw: str, field: str) -> str | None:
    """Text, or None when the cell is empty."""
    return text(raw, field) or None


def photo(raw: str, field: str = "photo_url") -> str | None:
    """An http address; None when the cell is empty."""
    address = text(raw, field)
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in address
    except ValueError:  # brackets that are no IPv6 address
        good = False
    if address and not good:
        raise Flawed(Flaw.PHOTO_WRONG, value=_shown(raw))
    return address or None


def words(raw: str, _field: str = "") -> tuple[str, ...]:
    """The parts of a list, each once, in their order."""
    return tuple(dict.fromkeys(part for part in _LIST.split(raw) if part))


def is_barcode(code: str) -> bool:
    """EAN-8, UPC, EAN-13 or GTIN-14 with the right check digit."""
    digits = code.isascii() and code.isdecimal() and len(code) in (8, 12, 13, 14)
    return digits and check_digit(code[:-1]) == int(code[-1])


def _word(raw: str) -> str:
    return _SPACES.sub(" ", raw).strip().casefold()


def _shown(raw: str) -> str:
    """What is put into a sentence: short, and on one line."""
    clean = _SPACES.sub(" ", raw).strip().encode("utf-8", "ignore").decode()
    return f"«{clean[:40]}…»" if len(clean) > 40 else f"«{clean}»"


CONVERT: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "sku": text,
    "name": text,
    "unit_grams": number,
    "plu": optional_text,
    "vat": vat,
    "marked": flag,
    "category": text,
    "temperature": choice,
    "min_age": number,
    "restriction": choice,
    "price": price,
    "zone": text,
    "aisle": text,
    "shelf": text,
    "available": flag,
}
