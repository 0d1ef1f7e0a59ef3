"""What a scanned code says: goods, an in-store weight label, or a product mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.order import Line

GS: Final = "\x1d"


class Outcome(StrEnum):
    """What a scan meant for this order."""

    MATCHED = "MATCHED"
    OTHER_LINE = "OTHER_LINE"
    NOT_IN_ORDER = "NOT_IN_ORDER"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    ALREADY_DONE = "ALREADY_DONE"


@dataclass(frozen=True, slots=True)
class WeightLabel:
    """A layout of in-store labels: EAN-13 = prefix, item number, grams, check digit."""

    prefix: str
    item: slice
    grams: slice


#: The default layout (21 + 5 digits item + 5 digits grams + check), first match wins.
LABELS: Final = (WeightLabel("21", slice(2, 7), slice(7, 12)),)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code taken apart; `mark` is the full product mark with its separators."""

    gtin: str | None = None
    plu: str | None = None
    grams: int | None = None
    mark: str | None = None


def check_digit(digits: str) -> int:
    """The GS1 check digit of the digits before it (GS1 General Specifications, 7.9)."""
    weighted = (int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -sum(weighted) % 10


def read(raw: str) -> Scanned | None:
    """Take a code apart; None when it is no code we know or its check digit is wrong."""
    code = raw.strip(" \r\n\t").removeprefix("]d2").removeprefix("]C1").lstrip(GS)
    if code.startswith("01") and len(code) > 18 and code[2:16].isdecimal() and code[16:18] == "21":
        return Scanned(gtin=code[2:16].lstrip("0"), mark=code)
    if not (code.isascii() and code.isdecimal() and len(code) in (8, 12, 13, 14)):
        return None
    if check_digit(code[:-1]) != int(code[-1]):
        return None
    for label in LABELS:
        if len(code) == 13 and code.startswith(label.prefix):
            return Scanned(plu=code[label.item], grams=int(code[label.grams]))
    return Scanned(gtin=code.lstrip("0"))


def find_line(scanned: Scanned, lines: Iterable[Line]) -> Line | None:
    """The line a code belongs to: an open one first, if goods stand on several."""
    found = [line for line in lines if _belongs(scanned, line)]
    found.sort(key=lambda line: line.state != "todo")
    return found[0] if found else None


def _belongs(scanned: Scanned, line: Line) -> bool:
    if scanned.plu is not None:
        return line.plu == scanned.plu
    return any(code.lstrip("0") == scanned.gtin for code in line.barcodes)
