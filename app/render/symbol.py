"""Barcodes as bars: which symbol a code is printed as, and its bars in modules; no drawing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.eanbc import Ean8BarcodeWidget, Ean13BarcodeWidget
from reportlab.graphics.shapes import Rect

from app.domain.barcode import check_digit

#: What every scanner gives back unchanged and no printer language takes for a command.
_SCANNABLE: Final = re.compile(r"[0-9A-Za-z._/+-][0-9A-Za-z ._/+-]{0,30}[0-9A-Za-z._/+-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A barcode: black bars as (start, width) and the whole width, in modules, no quiet zones."""

    kind: Literal["ean13", "ean8", "code128"]
    text: str
    bars: tuple[tuple[int, int], ...]
    modules: int


def code128(code: str) -> Symbol | None:
    """The code as Code 128; None when a scanner or a printer could make something else of it."""
    return _code128(code) if _SCANNABLE.fullmatch(code) else None


def goods_code(code: str) -> Symbol | None:
    """A retail code as it stands on the goods (EAN-13, EAN-8), any other as Code 128."""
    if not (code.isascii() and code.isdecimal() and len(code) in (8, 12, 13, 14)):
        return code128(code)
    if check_digit(code[:-1]) != int(code[-1]):
        return code128(code)
    if len(code) == 8:
        return _ean(Ean8BarcodeWidget, "ean8", code)
    thirteen = code.zfill(14)
    return _ean(Ean13BarcodeWidget, "ean13", thirteen[1:]) if thirteen[0] == "0" else code128(code)


@lru_cache(4096)
def _code128(code: str) -> Symbol:
    encoded = Code128(code, quiet=0)
    encoded.validate()
    encoded.encode()
    encoded.decompose()
    bars, at = [], 0
    for letter in encoded.decomposed:  # "B" is a bar of two modules, "a" a space of one
        modules = ord(letter.upper()) - ord("A") + 1
        if letter.isupper():
            bars.append((at, modules))
        at += modules
    return Symbol("code128", code, tuple(bars), at)


@lru_cache(4096)
def _ean(widget: type[Ean13BarcodeWidget], kind: Literal["ean13", "ean8"], code: str) -> Symbol:
    drawn = widget(code[:-1], barWidth=1, barHeight=1, quiet=0, humanReadable=0).draw()
    shapes = [each for each in drawn.contents if isinstance(each, Rect) and each.fillColor]
    bars = tuple((round(each.x), round(each.width)) for each in shapes)
    return Symbol(kind, code, bars, bars[-1][0] + bars[-1][1])
