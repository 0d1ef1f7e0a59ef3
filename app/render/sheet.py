"""A white page to draw on in colours, made into a picture for a screen."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

import pypdfium2
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from app.render.pdfium import PDFIUM
from app.render.typeface import Face, font, width

#: Dots for each point: sharp on a phone, small enough to send.
DOTS: Final = 2.5
SMALL: Final = 14.0
GREY: Final = HexColor(0x5F6770)


class Sheet:
    """A page; the origin at the top left."""

    def __init__(self, wide: float, high: float) -> None:
        self._high = high
        self._bytes = BytesIO()
        self._canvas = Canvas(self._bytes, (wide, high), invariant=1)
        self._canvas.setFillColor(HexColor(0xFFFFFF))
        self._canvas.rect(0, 0, wide, high, stroke=0, fill=1)

    def text(
        self, at: tuple[float, float], text: str, size: float = SMALL,
        *, ink: Color = GREY, bold: bool = False, align: float = 0,
    ) -> None:  # fmt: skip
        """One line; align 0 begins at `at`, 0.5 is centred there, 1 ends there."""
        face = Face.BOLD if bold else Face.REGULAR
        font(face)
        self._canvas.setFont(face.value, size)
        self._canvas.setFillColor(ink)
        x = at[0] - align * width(text, face, size)
        self._canvas.drawString(x, self._high - at[1], text)

    def box(self, left: float, top: float, right: float, bottom: float, ink: Color) -> None:
        """A filled rectangle."""
        self._canvas.setFillColor(ink)
        self._canvas.rect(left, self._high - bottom, right - left, bottom - top, stroke=0, fill=1)

    def stroke(
        self, points: Sequence[tuple[float, float]], thick: float, ink: Color,
        dash: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """A line through points."""
        self._canvas.setStrokeColor(ink)
        self._canvas.setLineWidth(thick)
        self._canvas.setLineCap(0 if dash else 1)
        self._canvas.setDash(list(dash))
        path = self._canvas.beginPath()
        path.moveTo(points[0][0], self._high - points[0][1])
        for x, y in points[1:]:
            path.lineTo(x, self._high - y)
        self._canvas.drawPath(path)

    def dot(self, at: tuple[float, float], radius: float, ink: Color) -> None:
        """A filled circle."""
        self._canvas.setFillColor(ink)
        self._canvas.circle(at[0], self._high - at[1], radius, stroke=0, fill=1)

    def png(self) -> bytes:
        """The page as a picture; equal calls make equal bytes."""
        self._canvas.showPage()
        self._canvas.save()
        written = BytesIO()
        with PDFIUM, pypdfium2.PdfDocument(self._bytes.getvalue()) as document:
            page = document[0]
            picture = page.render(scale=DOTS).to_pil().convert("P", palette=1, colors=64)
            page.close()
        picture.save(written, "PNG", optimize=True)
        return written.getvalue()
