"""The end of a document on paper: rates and totals side by side, the sum in words, signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

from app.domain.document import Document, Kind
from app.domain.party import Party
from app.render.document_totals import in_words, summing, vat_fields, vat_rows
from app.render.figures import count
from app.render.grid import grid
from app.render.language import say
from app.render.pages import Block, print_all
from app.render.paper import MILLIMETRE, Paper, Style
from app.render.typeface import Face, visible, width, wrap

_GAP: Final = 5.0
#: What of the width the table of rates has.
_RATES: Final = 0.46
_PLAIN: Final = Style(Face.REGULAR, 9)
_DUE: Final = Style(Face.BOLD, 12)
_WORDS: Final = Style(Face.BOLD, 9)
_DOWN: Final = 4.2
_DUE_DOWN: Final = 6.4
_LABEL: Final = Style(Face.NARROW, 8, grey=0.3)
_SIGNED: Final = Style(Face.REGULAR, 9)
_SIGN_HIGH: Final = 30.0
_LINE: Final = 0.25
_ENDLESS: Final = 10**6
#: Who signs what, seller first.
_SIGNERS: Final = {
    Kind.SALE: ("handed", "received"),
    Kind.RETURN: ("taken_back", "given_back"),
    Kind.CORRECTION: ("seller", "buyer"),
    Kind.COMMISSION: ("principal", "agent"),
}


def end_blocks(document: Document, language: str, left: float, across: float) -> Iterator[Block]:
    """Totals and signatures, in two blocks that keep together."""
    signs = Block(_SIGN_HIGH, partial(_signatures, document, language, (left, across)))
    sums = _sums(document, language, left, across)
    yield Block(sums.height, sums.print, with_next=signs.height)
    yield signs


def _sums(document: Document, language: str, left: float, across: float) -> Block:
    rows = vat_rows(document, language)
    wide = across * _RATES
    rates = grid(vat_fields(language), rows, left + across - wide, wide)
    blocks = [rates.head(), *(block for row in rows for block in rates.row(row))] if rows else []
    texts = list(_texts(document, language, across - wide - _GAP))
    high = max(sum(block.height for block in blocks), sum(down for _, _, down in texts))
    return Block(_GAP + high + _GAP, partial(_sums_print, blocks, texts, left))


def _sums_print(
    blocks: list[Block], texts: list[tuple[str, Style, float]], left: float, paper: Paper, y: float
) -> None:
    print_all(paper, blocks, y + _GAP)
    down = y + _GAP
    for text, style, high in texts:
        down += high
        paper.text((left, down - 1.0), text, style)


def _texts(document: Document, language: str, room: float) -> Iterator[tuple[str, Style, float]]:
    """Lines with their style and how far down each goes."""
    lines = say(language, "document.lines", lines=count(len(document.lines), language))
    yield lines, _PLAIN, _DOWN
    *others, (label, due) = summing(document, language)
    for name, value in others:
        yield f"{name}: {value}", _PLAIN, _DOWN
    for line in _wrap(f"{label}: {due}", _DUE, room):
        yield line, _DUE, _DUE_DOWN
    for line in _wrap(in_words(document, language), _WORDS, room):
        yield line, _WORDS, _DOWN


def _wrap(text: str, style: Style, room: float) -> list[str]:
    return wrap(text, style.face, style.size / MILLIMETRE, room, lines=_ENDLESS)


def _signatures(
    document: Document, language: str, span: tuple[float, float], paper: Paper, y: float
) -> None:
    left, across = span
    half = (across - 2 * _GAP) / 2
    sides = zip(_SIGNERS[document.kind], (document.seller, document.buyer), strict=True)
    for index, (word, who) in enumerate(sides):
        x = left + index * (half + 2 * _GAP)
        paper.text((x, y + 4), say(language, f"document.signs.{word}"), Style(Face.BOLD, 9))
        _signature(who, language, (x, half), paper, y + 14)


def _signature(
    who: Party, language: str, span: tuple[float, float], paper: Paper, y: float
) -> None:
    """A line each for post, signature and name."""
    x, room = span
    for name, part, text in (
        ("post", 0.32, visible(who.signer_post)),
        ("signature", 0.24, ""),
        ("name", 0.44, visible(who.signer)),
    ):
        wide = room * part - 2
        natural = max(wide, width(text, _SIGNED.face, _SIGNED.size / MILLIMETRE))
        paper.text((x, y - 1), text, replace(_SIGNED, squeeze=wide / natural))
        paper.stroke((x, y), (x + wide, y), _LINE)
        label = say(language, f"document.signs.{name}")
        paper.text((x + wide / 2, y + 3.2), label, _LABEL, "centre")
        x += room * part
