"""The letters paper is set in: PT Sans from its package, with what it cannot draw made visible."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import fontpkg_pt_sans
import fontpkg_pt_sans_narrow
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

#: Stands for a character the typeface has no picture of: seen, not silently gone.
MISSING: Final = "◊"
#: Two threads at once would read a cut twice: a page begun with one and ended with the other.
_READING: Final = Lock()
#: A cut is one file with one place to read at: two threads at once would move it for each other,
#: and a document got wrong letters or none.
_EMBEDDING: Final = Lock()
_ELLIPSIS: Final = "…"
#: Joiners, direction marks, variation selectors and loose accents: nothing is missed without them.
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me"})
_BLANK: Final = frozenset({"Cc", "Zs", "Zl", "Zp"})


class Face(StrEnum):
    """The cuts we use; the value is the name inside a PDF."""

    REGULAR = "PTSans"
    BOLD = "PTSans-Bold"
    NARROW = "PTSans-Narrow"
    NARROW_BOLD = "PTSans-NarrowBold"


_FILES: Final[dict[Face, Path]] = {
    Face.REGULAR: fontpkg_pt_sans.ROOT / "files/PT_Sans-Web-Regular.ttf",
    Face.BOLD: fontpkg_pt_sans.ROOT / "files/PT_Sans-Web-Bold.ttf",
    Face.NARROW: fontpkg_pt_sans_narrow.ROOT / "files/PT_Sans-Narrow-Web-Regular.ttf",
    Face.NARROW_BOLD: fontpkg_pt_sans_narrow.ROOT / "files/PT_Sans-Narrow-Web-Bold.ttf",
}


class _Cut(TTFont):
    """A typeface whose letters go into one document at a time."""

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - their name
        with _EMBEDDING:
            super().addObjects(doc)


def font(face: Face) -> TTFont:
    """The cut's outlines, read once and made known to the PDF writer."""
    with _READING:
        return _read(face)


@cache
def _read(face: Face) -> TTFont:
    loaded = _Cut(face.value, str(_FILES[face]))
    registerFont(loaded)
    return loaded


def visible(text: str) -> str:
    """One line of characters that all have a picture; white space is one space."""
    seen = (_seen(character) for character in unicodedata.normalize("NFC", text))
    return " ".join("".join(seen).split())


@cache
def _drawn() -> frozenset[int]:
    """Code points that every cut has."""
    return frozenset.intersection(*(frozenset(font(face).face.charToGlyph) for face in Face))


def _seen(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in _BLANK:
        return " "
    if kind == "Cf":
        return ""
    if ord(character) in _drawn():
        return character
    return "" if kind in _UNSEEN else MISSING


def width(text: str, face: Face, size: float) -> float:
    """How wide the text is, in the unit of `size`."""
    return float(font(face).stringWidth(text, size))


def fit(text: str, face: Face, size: float, most: float) -> str:
    """The text, or as much of its beginning as `most` holds, with an ellipsis."""
    if width(text, face, size) <= most:
        return text
    return text[: _taken(text, face, size, most - width(_ELLIPSIS, face, size))] + _ELLIPSIS


def wrap(text: str, face: Face, size: float, most: float, *, lines: int) -> list[str]:
    """The text in lines no wider than `most`; a long word is broken, the last line may be cut."""
    wrapped: list[str] = []
    rest = text
    while rest and len(wrapped) < lines - 1:
        taken = _line(rest, face, size, most)
        wrapped.append(rest[:taken].rstrip())
        rest = rest[taken:].lstrip()
    return [*wrapped, fit(rest, face, size, most)] if rest else wrapped


def _line(text: str, face: Face, size: float, most: float) -> int:
    taken = max(1, _taken(text, face, size, most))
    if taken == len(text):
        return taken
    space = text.rfind(" ", 1, taken + 1)
    return space if space > 0 else taken


def _taken(text: str, face: Face, size: float, most: float) -> int:
    """How many characters fit."""
    widths = font(face).face.charWidths  # in thousandths of the size
    room = most * 1000 / size
    for index, character in enumerate(text):
        room -= widths[ord(character)]
        if room < 0:
            return index
    return len(text)
