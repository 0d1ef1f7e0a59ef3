"""A picking list on paper: what it says, grouped as the picker walks; see picking_print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Final

from babel.numbers import format_decimal, get_currency_symbol

from app.domain.goods import Place, Temperature
from app.domain.order import Replacement, Unit
from app.render.language import say
from app.render.typeface import visible


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `grams` and `unit_grams` for weighed goods, `price` only if it may be seen."""

    position: int
    name: str
    sku: str
    unit: Unit
    pieces: int
    grams: int | None = None
    place: Place = Place()
    barcode: str | None = None
    plu: str | None = None
    marked: bool = False
    min_age: int | None = None
    temperature: Temperature = Temperature.AMBIENT
    wish: Replacement | None = None
    price: int | None = None
    unit_grams: int | None = None


@dataclass(frozen=True, slots=True)
class PickingList:
    """One order for one picker. `rows` stand in the order of the path; `reasons` are in words;
    `total` (kopecks) only if it may be seen.
    """

    order_number: str
    store_name: str
    marketplace: str
    account: str
    due_at: datetime
    timezone: str
    policy: Replacement
    rows: tuple[Row, ...]
    language: str
    comment: str = ""
    reasons: tuple[str, ...] = ()
    total: int | None = None
    currency: str = "RUB"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand together; `title` is for people."""

    title: str
    rows: tuple[Row, ...]


_COLD: Final = {
    Temperature.CHILLED: "paper.temperature.chilled",
    Temperature.FROZEN: "paper.temperature.frozen",
}


def groups(sheet: PickingList) -> list[Group]:
    """What has no known place comes first, so that its place is asked for; then the path."""
    lost = tuple(row for row in sheet.rows if row.place.rank is None)
    path = [row for row in sheet.rows if row.place.rank is not None]
    nowhere = [Group(say(sheet.language, "paper.no_place"), lost)] if lost else []
    walked = groupby(path, lambda row: (row.place.zone, row.place.aisle))
    return nowhere + [Group(_title(sheet, *where), tuple(rows)) for where, rows in walked]


def _title(sheet: PickingList, zone: str, aisle: str) -> str:
    row = say(sheet.language, "aisle %(aisle)s", aisle=visible(aisle)) if aisle else ""
    return " · ".join(part for part in (visible(zone), row) if part) or say(
        sheet.language, "paper.path"
    )


def quantity(row: Row, language: str) -> str:
    """How much to pick: "2 шт", "1,000 кг"."""
    if row.unit is Unit.PIECE or row.grams is None:
        return say(language, "%(pieces)s pcs", pieces=row.pieces)
    return say(language, "%(weight)s kg", weight=_kilograms(row.grams, language))


def pieces_of_weight(row: Row, language: str) -> str:
    """How many pieces a weighed line was ordered as, if more than one."""
    if row.unit is Unit.PIECE or row.pieces < 2:
        return ""
    return say(language, "≈ %(pieces)s pcs", pieces=row.pieces)


def flags(row: Row, language: str) -> list[str]:
    """What the picker must heed: product mark, age, cold."""
    cold = _COLD.get(row.temperature)
    return [
        *([say(language, "paper.mark")] if row.marked else []),
        *([f"{row.min_age}+"] if row.min_age else []),
        *([say(language, cold)] if cold else []),
    ]


def details(row: Row, sheet: PickingList) -> str:
    """The small print under a name: item number, price if given, this line's own wish."""
    speak, parts = sheet.language, [visible(row.sku)]
    if row.price is not None:
        price = money(row.price, sheet)
        each = "%(price)s per %(weight)s kg" if row.unit_grams else "%(price)s each"
        weight = _kilograms(row.unit_grams or 0, speak)
        parts.append(say(speak, each, price=price, weight=weight))
    if row.wish is not None:
        parts.append(
            say(speak, "if missing: %(wish)s", wish=say(speak, f"paper.policy.{row.wish}"))
        )
    return " · ".join(part for part in parts if part)


def sums(sheet: PickingList) -> str:
    """How much work it is: lines, pieces, kilograms; the total if it may be seen."""
    speak = sheet.language
    pieces = sum(row.pieces for row in sheet.rows if row.unit is Unit.PIECE)
    grams = sum(row.grams or 0 for row in sheet.rows if row.unit is Unit.WEIGHT)
    parts = [say(speak, "lines: %(lines)s", lines=len(sheet.rows))]
    parts += [say(speak, "pieces: %(pieces)s", pieces=pieces)] if pieces else []
    parts += [say(speak, "weight: %(weight)s kg", weight=_kilograms(grams, speak))] if grams else []
    if sheet.total is not None:
        parts.append(say(speak, "total: %(total)s", total=money(sheet.total, sheet)))
    return " · ".join(parts)


def money(kopecks: int, sheet: PickingList) -> str:
    """A sum as the language writes it, exactly."""
    sign = get_currency_symbol(sheet.currency, locale="ru")
    number = format_decimal(_shifted(kopecks, 2), "#,##0.00", locale=sheet.language)
    return visible(f"{number} {sign}")


def _kilograms(grams: int, language: str) -> str:
    return visible(format_decimal(_shifted(grams, 3), "#,##0.000", locale=language))


def _shifted(number: int, places: int) -> Decimal:
    return Decimal(number).scaleb(-places)
