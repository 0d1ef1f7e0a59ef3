"""What a scanned code says: goods, an in-store label, a product mark, a bag, a place, a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.domain.badge import badge_of, is_badge_code
from app.domain.gs1 import Message, check_digit, gtins, is_number, message
from app.domain.gs1_elements import GS
from app.domain.label import fits, read_label
from app.domain.refusals import Code, Refused
from app.domain.shop import LABELS, Label

__all__ = [
    "BAG_PREFIX",
    "GS",
    "Kind",
    "Outcome",
    "Scanned",
    "check_digit",
    "misread",
    "must_read",
    "read",
]


class Outcome(StrEnum):
    """What a scan meant for this order."""

    MATCHED = "MATCHED"
    OTHER_LINE = "OTHER_LINE"
    NOT_IN_ORDER = "NOT_IN_ORDER"  #: goods of ours, but nobody ordered them here
    UNKNOWN_CODE = "UNKNOWN_CODE"  #: nobody knows it
    ALREADY_DONE = "ALREADY_DONE"
    SUBSTITUTE_OF = "SUBSTITUTE_OF"  #: goods that may stand for a line that is still open
    BAG = "BAG"
    LOCATION = "LOCATION"
    PERSON = "PERSON"


class Kind(StrEnum):
    """What a code is the code of."""

    GOODS = "goods"
    BAG = "bag"
    PLACE = "place"
    PERSON = "person"


BAG_PREFIX: Final = "B-"
PLACE_PREFIX: Final = "L-"
#: What our own codes begin with, and the same as a scanner types it on a Russian keyboard; a badge
#: has its own in app/domain/badge.py.
_OWN: Final = (
    (BAG_PREFIX, Kind.BAG),
    ("И-", Kind.BAG),
    (PLACE_PREFIX, Kind.PLACE),
    ("Д-", Kind.PLACE),
)
_LATIN: Final = str.maketrans("ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ", "QWERTYUIOPASDFGHJKLZXCVBNM")
#: AIM symbology identifiers (ISO/IEC 15424), which some scanners put before every code.
_SYMBOLOGY: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
#: Codes that begin with FNC1: always a message, never a number of the shop's own.
_MESSAGES: Final = ("]C1", "]d2", "]Q3", "]e0", "]J1")
#: EAN-13 with a supplement of two or five digits, as magazines have it.
_WITH_SUPPLEMENT: Final = "]E3"
_GTIN_LENGTHS: Final = (8, 12, 13, 14)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code taken apart. Goods are named by `gtin` without leading zeros (`also`: what the same
    digits are as UPC-E), or by `plu`, the item number of an in-store label; `gtin` is then
    the whole label. `mark` is the full product mark with its separators; `code` names a bag, a
    place or a person."""

    kind: Kind = Kind.GOODS
    gtin: str | None = None
    also: str | None = None
    plu: str | None = None
    grams: int | None = None
    kopecks: int | None = None
    pieces: int | None = None
    expires: date | None = None
    mark: str | None = None
    code: str = ""

    def spellings(self) -> list[str]:
        """The GTIN as a catalogue may hold it: with any number of leading zeros."""
        lengths = (0, *_GTIN_LENGTHS)
        numbers = [number for number in (self.gtin, self.also) if number]
        return list(dict.fromkeys(number.zfill(n) for number in numbers for n in lengths))


def read(raw: str, labels: Iterable[Label] = LABELS) -> Scanned | None:
    """Take a code apart, in-store labels by the shop's table; None when it is none that anybody
    could know, or its check digit is wrong. It takes any text."""
    own = _own(raw)
    if own is not None:
        return own
    symbology, code = _bare(raw)
    if is_number(code) and symbology not in _MESSAGES:
        number = _number(code, labels)
        if number is not None or len(code) in _GTIN_LENGTHS:
            return number
    found = message(code)
    return _from_message(found) if found else None


def must_read(raw: str, labels: Iterable[Label] = LABELS) -> Scanned:
    """The code taken apart, for who cannot go on without one."""
    scanned = read(raw, labels)
    if scanned is None or scanned.kind is not Kind.GOODS:
        raise Refused(Code.INVALID_BARCODE, scanned=raw)
    return scanned


def misread(raw: str, labels: Iterable[Label] = LABELS) -> bool:
    """Whether it has the form of a code but its check digit is wrong."""
    code = _bare(raw)[1]
    if not is_number(code) or read(raw, labels) is not None:
        return False
    return len(code) in _GTIN_LENGTHS or any(fits(row, code) for row in labels)


def _own(raw: str) -> Scanned | None:
    text = raw.strip()
    if is_badge_code(text):
        return Scanned(Kind.PERSON, code=badge_of(text))
    upper = text.upper()
    for prefix, kind in _OWN:
        if upper.startswith(prefix) and len(text) > len(prefix):
            return Scanned(kind, code=text if text.isascii() else upper.translate(_LATIN))
    return None


def _bare(raw: str) -> tuple[str, str]:
    """The symbology, if the scanner says it, and the code without it."""
    text = raw.strip(" \r\n\t")
    symbology = _SYMBOLOGY.match(text)
    if symbology is None:
        return "", text.lstrip(GS)
    code = text[3:].lstrip(GS)
    return symbology[0], code[:13] if symbology[0] == _WITH_SUPPLEMENT else code


def _number(code: str, labels: Iterable[Label]) -> Scanned | None:
    labels = tuple(labels)
    found = read_label(code, labels)
    if found is not None:
        return Scanned(gtin=code.lstrip("0"), **asdict(found))
    if len(code) not in _GTIN_LENGTHS or any(fits(row, code) for row in labels):
        return None
    numbers = gtins(code)
    return Scanned(gtin=numbers[0], also=(*numbers, None)[1]) if numbers else None


def _from_message(found: Message) -> Scanned:
    return Scanned(**asdict(found))
