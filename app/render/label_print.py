"""A bag's label for a printer of labels (ZPL), for any printer (PDF) and for a screen (PNG)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from math import cos, pi, sin
from typing import Any, Final

import pypdfium2
from PIL.Image import Image

from app.render.bag_label import DOTS, HIGH, WIDE, BagLabel, Bars, Box, Mark, Star, Text, layout
from app.render.paper import CAPITAL, MILLIMETRE, Align, Paper, Style
from app.render.pdfium import PDFIUM
from app.render.typeface import Face, fit, width

_POINTS: Final = MILLIMETRE / DOTS
#: A text too long for its box becomes narrower, then smaller, and is cut only then.
_SQUEEZE: Final = 0.7
_SMALLER: Final = 0.5
#: The printers' own typefaces are wider than ours by at most this.
_WIDER: Final = 1.15
#: And their capitals are taller: set this much smaller they are as high as ours.
_LOWER: Final = 0.92
#: Swiss 721 comes with printers and has Cyrillic; font 0 is bolder, but not everywhere has it.
UNICODE_FONT: Final = "E:TT0003M_.FNT"
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .:/-+#")
#: Lighter than this is white: a printer's head has no grey.
_THRESHOLD: Final = 150


def label_pdf(label: BagLabel) -> bytes:
    """One page of 58 × 40 mm."""
    paper = Paper((WIDE, HIGH), _POINTS, f"{label.order_number} {label.index}", label.language)
    for mark in layout(label):
        _DRAWN[type(mark)](paper, mark)
    return paper.finish()


def label_png(label: BagLabel) -> bytes:
    """The same page as 464 × 320 black and white dots, 203 to the inch."""
    written = BytesIO()
    _picture(label).save(written, "PNG", dpi=(203, 203), optimize=True)
    return written.getvalue()


def label_zpl_picture(label: BagLabel) -> str:
    """The same dots in ZPL, for a printer with no Cyrillic of its own: 37 kB instead of one."""
    row = WIDE // 8
    dots = bytes(255 - eight for eight in _picture(label).tobytes()).hex().upper()
    size = row * HIGH
    return f"^XA^PW{WIDE}^LL{HIGH}^LH0,0^FO0,0^GFA,{size},{size},{row},{dots}^FS^PQ1^XZ\n"


def _picture(label: BagLabel) -> Image:
    with PDFIUM, pypdfium2.PdfDocument(label_pdf(label)) as document:
        page = document[0]
        picture: Image = page.render(scale=DOTS / MILLIMETRE, grayscale=True).to_pil()
        page.close()
    dots = picture.crop((0, 0, WIDE, HIGH)).point(lambda grey: 255 if grey > _THRESHOLD else 0)
    return dots.convert("1")


def label_zpl(label: BagLabel, font: str = UNICODE_FONT) -> str:
    """One label in ZPL II, all ASCII; `font` is the printer's with Cyrillic, "0" its built-in."""
    marks = [_WRITTEN[type(mark)](mark, font) for mark in layout(label)]
    head = f"^XA^CI28^PW{WIDE}^LL{HIGH}^LH0,0^FWN"
    return "\n".join([head, *marks, "^PQ1^XZ", ""])


def _face(mark: Text) -> Face:
    return Face.NARROW_BOLD if mark.bold else Face.NARROW


def _baseline(mark: Text, size: float) -> int:
    return round(mark.box[1] + (mark.box[3] + CAPITAL * size) / 2)


def _anchor(mark: Text) -> int:
    left, _, wide, _ = mark.box
    across: dict[Align, int] = {"left": 0, "centre": wide // 2, "right": wide}
    return left + across[mark.align]


def _fitted(mark: Text, face: Face, wider: float = 1) -> tuple[str, float, float]:
    """The text as it fits its box, its size, and how much narrower than usual it is set."""
    room = mark.box[2] / wider
    least = mark.size * _SMALLER
    text = fit(mark.text, face, least, room / _SQUEEZE)
    across = max(1.0, width(text, face, mark.size))
    size = max(least, mark.size * min(1.0, room / _SQUEEZE / across))
    return text, size, min(1.0, room / (across * size / mark.size))


def _draw_text(paper: Paper, mark: Text) -> None:
    face = _face(mark)
    text, size, squeeze = _fitted(mark, face)
    style = Style(face, size * _POINTS, 1.0 if mark.inverse else 0.0, squeeze)
    paper.text((_anchor(mark), _baseline(mark, size)), text, style, mark.align)


def _draw_box(paper: Paper, mark: Box) -> None:
    left, top, wide, high = mark.box
    black = 2 * mark.line >= min(wide, high)
    paper.box((left, top), (wide, high), fill=0 if black else None, line=0 if black else mark.line)


def _draw_star(paper: Paper, mark: Star) -> None:
    x, y = mark.centre
    for third in range(3):
        away = mark.radius * sin(third * pi / 3), mark.radius * cos(third * pi / 3)
        paper.stroke((x - away[0], y - away[1]), (x + away[0], y + away[1]), 5, grey=1)


def _draw_bars(paper: Paper, mark: Bars) -> None:
    paper.bars(mark.symbol, mark.at, mark.module, mark.height)


def _write_text(mark: Text, font: str) -> str:
    plain = mark.text.isascii() or font == "0"
    text, high, squeeze = _fitted(mark, _face(mark) if plain else Face.REGULAR, _WIDER)
    size, across = (max(1, round(high * _LOWER * part)) for part in (1, squeeze))
    cut = f"^A0N,{size},{across}" if plain else f"^A@N,{size},{across},{font}"
    left, _, wide, _ = mark.box
    y = _baseline(mark, high)
    field = {
        "left": f"^FT{left},{y}",
        "centre": f"^FT{left},{y}^FB{wide},1,0,C",
        "right": f"^FT{left + wide},{y},1",
    }[mark.align]
    return f"{field}{cut}{'^FR' if mark.inverse else ''}^FH_^FD{_escaped(text)}^FS"


def _escaped(text: str) -> str:
    """Every byte that is not plainly harmless, in hexadecimal: no name can speak to the printer."""
    return "".join(
        each if each in _PLAIN else "".join(f"_{byte:02X}" for byte in each.encode())
        for each in text.replace("\\", "/")  # a backslash breaks lines in a field block
    )


def _write_box(mark: Box, _font: str) -> str:
    left, top, wide, high = mark.box
    return f"^FO{left},{top}^GB{wide},{high},{mark.line}^FS"


def _write_star(mark: Star, _font: str) -> str:
    x, y = mark.centre
    long, across, up = mark.radius, round(mark.radius * sin(pi / 3)), mark.radius // 2
    return (
        f"^FO{x - 2},{y - long}^GB5,{2 * long},5,W^FS"
        f"^FO{x - across},{y - up}^GD{2 * across},{2 * up},5,W,L^FS"
        f"^FO{x - across},{y - up}^GD{2 * across},{2 * up},5,W,R^FS"
    )


def _write_bars(mark: Bars, _font: str) -> str:
    return (
        f"^FO{mark.at[0]},{mark.at[1]}^BY{mark.module}^BCN,{mark.height},N,N,N,A"
        f"^FD{mark.symbol.text}^FS"
    )


_DRAWN: Final[dict[type[Mark], Callable[[Paper, Any], None]]] = {
    Text: _draw_text,
    Box: _draw_box,
    Star: _draw_star,
    Bars: _draw_bars,
}
_WRITTEN: Final[dict[type[Mark], Callable[[Any, str], str]]] = {
    Text: _write_text,
    Box: _write_box,
    Star: _write_star,
    Bars: _write_bars,
}
