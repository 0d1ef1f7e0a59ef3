"""Pages to draw on: the origin at the top left, one unit, equal calls make equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal

from reportlab.pdfgen.canvas import Canvas

from app.render.symbol import Symbol
from app.render.typeface import Face, font, width

MILLIMETRE: Final = 72 / 25.4
#: Height of a capital letter for a size of 1.
CAPITAL: Final = 0.7
#: Bars end this part of a module early: a renderer that rounds outwards keeps to their dots.
_SHY: Final = 0.04
Align = Literal["left", "centre", "right"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks; `size` in points, `grey` from 0 (black) to 1 (white), `squeeze` ≤ 1."""

    face: Face = Face.REGULAR
    size: float = 10
    grey: float = 0
    squeeze: float = 1


class Paper:
    """One document being drawn, page by page; lengths in `unit` points, sizes of text in points."""

    def __init__(self, size: tuple[float, float], unit: float, title: str, language: str) -> None:
        self._height = size[1] * unit
        self._unit = unit
        self._bytes = BytesIO()
        self._canvas = Canvas(
            self._bytes, (size[0] * unit, self._height), invariant=1, lang=language
        )
        self._canvas.setTitle(title)
        self._canvas.setCreator("order-hub")

    def text(self, at: tuple[float, float], text: str, style: Style, align: Align = "left") -> None:
        """One line, its baseline at `at`; align says which end (or the middle) stands there."""
        x, y = self._point(at)
        across = width(text, style.face, style.size) * style.squeeze
        x -= {"left": 0.0, "centre": across / 2, "right": across}[align]
        font(style.face)
        line = self._canvas.beginText(x, y)
        line.setFont(style.face.value, style.size)
        line.setFillGray(style.grey)
        line.setHorizScale(style.squeeze * 100)
        line.textOut(text)
        self._canvas.drawText(line)

    def box(
        self,
        at: tuple[float, float],
        size: tuple[float, float],
        *,
        fill: float | None = None,
        line: float = 0,
    ) -> None:
        """A rectangle down and right from `at`: filled with a grey, framed by a line inside it."""
        half = line / 2
        x, y = self._point((at[0] + half, at[1] + size[1] - half))
        across, down = ((length - line) * self._unit for length in size)
        self._canvas.setLineWidth(line * self._unit)
        self._canvas.setStrokeGray(0)
        self._canvas.setFillGray(fill or 0)
        self._canvas.rect(x, y, across, down, stroke=int(line > 0), fill=int(fill is not None))

    def stroke(
        self, at: tuple[float, float], to: tuple[float, float], line: float, grey: float = 0
    ) -> None:
        """A straight line."""
        self._canvas.setLineWidth(line * self._unit)
        self._canvas.setStrokeGray(grey)
        self._canvas.line(*self._point(at), *self._point(to))

    def uprights(
        self, places: Sequence[float], y: float, to: float, ink: tuple[float, float]
    ) -> None:
        """Straight lines down from `y`, one at each place; `ink`: how thick, and which grey."""
        self._canvas.setLineWidth(ink[0] * self._unit)
        self._canvas.setStrokeGray(ink[1])
        self._canvas.lines([(*self._point((x, y)), *self._point((x, to))) for x in places])

    def bars(self, symbol: Symbol, at: tuple[float, float], module: float, height: float) -> None:
        """A barcode down and right from `at`; the caller leaves its quiet zones empty."""
        self._canvas.setFillGray(0)
        for start, modules in symbol.bars:
            x, y = self._point((at[0] + (start + _SHY) * module, at[1] + height))
            across = (modules - 2 * _SHY) * module * self._unit
            self._canvas.rect(x, y, across, height * self._unit, stroke=0, fill=1)

    def resize(self, size: tuple[float, float]) -> None:
        """The size of this page and of those that follow; nothing is drawn on it yet."""
        self._height = size[1] * self._unit
        self._canvas.setPageSize((size[0] * self._unit, self._height))

    def turn(self) -> None:
        """Ends this page and begins the next."""
        self._canvas.showPage()

    def finish(self) -> bytes:
        """Ends the last page; the whole document."""
        self._canvas.showPage()
        self._canvas.save()
        return self._bytes.getvalue()

    def _point(self, at: tuple[float, float]) -> tuple[float, float]:
        return at[0] * self._unit, self._height - at[1] * self._unit
