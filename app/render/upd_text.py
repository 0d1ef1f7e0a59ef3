"""Text as the tax service's XML takes it: windows-1251, no control characters, not too long.

What windows-1251 has no sign for stays itself as a character reference: every reader of XML gives
it back whole. What XML 1.0 cannot hold at all is left out.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Final
from xml.etree import ElementTree as ET

#: The first line as the format prescribes it (Приказ ФНС России № ЕД-7-26/970@).
_PROLOGUE: Final = b'<?xml version="1.0" encoding="windows-1251"?>\n'
_ENCODING: Final = "windows-1251"
#: Not in XML 1.0 (2.2), or nobody's character.
_IMPOSSIBLE: Final = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ELLIPSIS: Final = "…"


def clean(text: str, most: int) -> str:
    """One line of at most `most` characters, cut with an ellipsis; '' when nothing is left."""
    seen = "".join(map(_seen, unicodedata.normalize("NFC", _IMPOSSIBLE.sub("", text))))
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + _ELLIPSIS


def _seen(character: str) -> str:
    """Control characters part words; joiners and direction marks have no place on paper."""
    kind = unicodedata.category(character)
    if kind == "Cc":
        return " "
    return "" if kind == "Cf" or ord(character) & 0xFFFE == 0xFFFE else character


def day(moment: date) -> str:
    """ДД.ММ.ГГГГ."""
    return f"{moment:%d.%m.%Y}"


def decimal(value: Decimal) -> str:
    """All its digits and no zeros after them, but two places at least: 100.00, 8.17272727273."""
    whole, _, places = f"{value:f}".partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"


def add(parent: ET.Element, name: str, **attributes: str | None) -> ET.Element:
    """A child with these attributes, those that say nothing left out."""
    given = {key: value for key, value in attributes.items() if value}
    return ET.SubElement(parent, name, given)


def written(root: ET.Element) -> bytes:
    """The file: windows-1251, indented, the same bytes for the same tree."""
    ET.indent(root, space="\t")
    body: bytes = ET.tostring(root, _ENCODING, xml_declaration=False)
    return _PROLOGUE + body + b"\n"
