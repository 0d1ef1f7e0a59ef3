"""The lines of a document as rows of figures: as sold, given back, or before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.document import Before, Document, DocumentLine, Kind
from app.domain.marks import identity
from app.domain.money import by_weight
from app.render.columns import Field
from app.render.figures import count, kilograms, money, percent
from app.render.language import say
from app.render.typeface import visible

_KILO: Final = 1000
#: Kinds whose figures are negative in the ledger and stand on paper without the sign: its title
#: says which way goods and money go.
TURNED: Final = frozenset({Kind.RETURN})
_TRADE: Final = (
    "position", "sku", "name", "unit", "quantity", "price", "off", "rate", "net", "vat", "total",
)  # fmt: skip
_CHANGE: Final = (
    "position", "change", "unit", "quantity", "price", "off", "rate", "net", "vat", "total",
)  # fmt: skip
_TEXTS: Final = frozenset({"sku", "name", "unit", "change"})
#: Characters that texts ask for when they wrap.
_WANTS: Final = {"sku": 6, "name": 60, "change": 40}


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one row counts; kopecks, pieces, grams (None: sold by the piece). `off`: what came off
    price × quantity."""

    pieces: int
    grams: int | None
    price: int
    total: int
    vat: int
    off: int


def names(document: Document) -> tuple[str, ...]:
    """The columns a document needs: one for discounts only when there are any."""
    columns = _CHANGE if document.kind is Kind.CORRECTION else _TRADE
    shown = document.kind is not Kind.COMMISSION and any(
        amounts.off for line in document.lines for amounts in counted(line, document)
    )
    return tuple(name for name in columns if name != "off" or shown)


def fields(columns: Sequence[str], language: str) -> list[Field]:
    """Their heads."""
    return [
        Field(say(language, f"document.column.{name}"), name not in _TEXTS, _WANTS.get(name, 0))
        for name in columns
    ]


def counted(line: DocumentLine, document: Document) -> tuple[Amounts, ...]:
    """A line as its paper counts it: once, or as it was, as it is, and the difference."""
    if document.kind is Kind.CORRECTION:
        return _changes(line)
    sign = -1 if document.kind in TURNED else 1
    grams = None if line.grams is None else sign * line.grams
    money = sign * line.total, sign * line.vat
    return (_amounts(line, sign * line.pieces, grams, line.price, money),)


def _changes(line: DocumentLine) -> tuple[Amounts, Amounts, Amounts]:
    weighed = line.grams is not None
    was = line.before or Before(0, 0 if weighed else None, 0, 0, 0)
    grams = (was.grams or 0) if weighed else None
    now_grams = None if grams is None else grams + (line.grams or 0)
    now_money = was.total + line.total, was.vat + line.vat
    before = _amounts(line, was.pieces, grams, was.price, (was.total, was.vat))
    after = _amounts(line, was.pieces + line.pieces, now_grams, line.price, now_money)
    price, off = after.price - before.price, after.off - before.off
    return before, after, Amounts(line.pieces, line.grams, price, line.total, line.vat, off)


def _amounts(
    line: DocumentLine, pieces: int, grams: int | None, price: int, money: tuple[int, int]
) -> Amounts:
    if grams is None:
        full = price * abs(pieces)
    else:
        full = by_weight(price, abs(grams), line.unit_grams or _KILO)
    return Amounts(pieces, grams, price, *money, full - abs(money[0]))


def cells(
    line: DocumentLine, amounts: Amounts, columns: Sequence[str], language: str
) -> dict[str, str]:
    """A row's texts, by column."""
    return {name: _CELLS[name](line, amounts, language) for name in columns if name in _CELLS}


def name(line: DocumentLine, language: str) -> str:
    """What was sold, drawable; a delivery without a name has one of ours."""
    return visible(line.name) or say(language, f"document.line.{line.kind}")


def marks(line: DocumentLine) -> list[str]:
    """Codes without their crypto tails, drawable."""
    return [visible(identity(mark)) for mark in line.marks]


def rate(vat_percent: int | None, language: str) -> str:
    """«22 %», or «без НДС»."""
    if vat_percent is None:
        return say(language, "document.no_vat")
    return percent(vat_percent, language)


def _unit(line: DocumentLine, _amounts: Amounts, language: str) -> str:
    if line.kind != "goods":
        return say(language, "document.unit.service")
    return say(language, f"document.unit.{'piece' if line.grams is None else 'weight'}")


def _quantity(_line: DocumentLine, amounts: Amounts, language: str) -> str:
    if amounts.grams is None:
        return count(amounts.pieces, language)
    return kilograms(amounts.grams, language)


def _price(line: DocumentLine, amounts: Amounts, language: str) -> str:
    """For one of its unit. A price for 7 g that is none for a kilogram says what it is for."""
    if line.grams is None:
        return money(amounts.price, language)
    unit = line.unit_grams or _KILO
    each, rest = divmod(amounts.price * _KILO, unit)
    if not rest:
        return money(each, language)
    price, weight = money(amounts.price, language), kilograms(unit, language)
    return say(language, "document.price_for", price=price, weight=weight).replace(" ", "\u00a0")


def _vat(line: DocumentLine, amounts: Amounts, language: str) -> str:
    return "—" if line.vat_percent is None else money(amounts.vat, language)


_CELLS: Final[Mapping[str, Callable[[DocumentLine, Amounts, str], str]]] = {
    "position": lambda line, _amounts, _language: str(line.position),
    "sku": lambda line, _amounts, _language: visible(line.sku) if line.kind == "goods" else "—",
    "name": lambda line, _amounts, language: name(line, language),
    "unit": _unit,
    "quantity": _quantity,
    "price": _price,
    "off": lambda _line, amounts, language: money(amounts.off, language) if amounts.off else "—",
    "rate": lambda line, _amounts, language: rate(line.vat_percent, language),
    "net": lambda _line, amounts, language: money(amounts.total - amounts.vat, language),
    "vat": _vat,
    "total": lambda _line, amounts, language: money(amounts.total, language),
}
