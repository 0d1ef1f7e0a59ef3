"""A line of a document as CommerceML's «Товар» of a document."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from app.domain.document import DocumentLine, Kind
from app.domain.marks import identity
from app.domain.money import roubles
from app.render.elements import branch, leaf
from app.render.exchange import Figures, before, figures

#: Longest id of goods (ИдентификаторТип80).
_LONGEST_ID: Final = 80
#: A barcode has eight to fourteen digits.
_BARCODE: Final = range(8, 15)
#: A kind of goods as 1C makes one by itself when it meets goods it does not know.
_GOODS, _SERVICE = "Товар", "Услуга"
#: A correction tells the units that are not sold after all.
_MARKS: Final = {Kind.CORRECTION: "КодыМаркировкиСняты"}
NO_VAT: Final = "Без НДС"


def article(line: DocumentLine, kind: Kind) -> str:
    """Goods, their price and quantity, what they come to, the VAT in it, discounts and marks."""
    told = figures(line, kind)
    return branch(
        "Товар",
        leaf("Ид", _id(line.sku)),
        leaf("Штрихкод", _barcode(line)),
        leaf("Артикул", line.sku),
        leaf("Наименование", line.name or line.sku),
        _unit(told),
        branch("СтавкиНалогов", branch(
            "СтавкаНалога", leaf("Наименование", "НДС"), leaf("Ставка", rate(line.vat_percent)))),
        requisites(*_requisites(line, kind, told)),
        leaf("ЦенаЗаЕдиницу", roubles(told.price_each)),
        leaf("Количество", told.quantity),
        leaf("Сумма", roubles(told.total)),
        leaf("Единица", told.unit.short),
        leaf("Коэффициент", "1"),
        branch("Налоги", tax(line.vat_percent, told.vat)),
        branch("Скидки", *discounts(told)),
    )  # fmt: skip


def rate(percent: int | None) -> str:
    """A rate as 1C writes it."""
    return NO_VAT if percent is None else str(percent)


def tax(percent: int | None, kopecks: int) -> str:
    """VAT of one rate, which is inside the sums."""
    return branch(
        "Налог",
        leaf("Наименование", "НДС"),
        leaf("УчтеноВСумме", "true"),
        leaf("Сумма", roubles(kopecks)),
        leaf("Ставка", rate(percent)),
    )


def discounts(told: Figures) -> tuple[str, str]:
    """What the price holds already, and what comes off price times quantity; together they are the
    line's discount, and all of it is inside the sum."""
    return (
        _discount("Скидка в цене", told.discount - told.off_price),
        _discount("Скидка на заказ", told.off_price),
    )


def _discount(name: str, kopecks: int) -> str:
    if not kopecks:
        return ""
    return branch(
        "Скидка",
        leaf("Наименование", name),
        leaf("Сумма", roubles(kopecks)),
        leaf("УчтеноВСумме", "true"),
    )


def requisites(*said: tuple[str, str | tuple[str, ...]]) -> str:
    """Named values; a name may have several, and one that has none is not said."""
    return branch("ЗначенияРеквизитов", *(
        branch("ЗначениеРеквизита", leaf("Наименование", name), *_values(values))
        for name, values in said if any(_values(values))
    ))  # fmt: skip


def _values(values: str | tuple[str, ...]) -> list[str]:
    each = (values,) if isinstance(values, str) else values
    return [leaf("Значение", value) for value in each]


def _requisites(
    line: DocumentLine, kind: Kind, told: Figures
) -> list[tuple[str, str | tuple[str, ...]]]:
    sort = _GOODS if line.kind == "goods" else _SERVICE
    said: list[tuple[str, str | tuple[str, ...]]] = [
        ("ВидНоменклатуры", sort),
        ("ТипНоменклатуры", sort),
        (_MARKS.get(kind, "КодыМаркировки"), tuple(identity(code) for code in line.marks)),
    ]
    if not told.exact and line.unit_grams:
        said += [
            ("ЦенаЗаВес", roubles(line.price)),
            ("ВесЦены", f"{line.unit_grams // 1000}.{line.unit_grams % 1000:03d}"),
        ]
    if kind is Kind.CORRECTION:
        said += _as_it_was(before(line))
    return said


def _as_it_was(was: Figures) -> list[tuple[str, str | tuple[str, ...]]]:
    return [
        ("КоличествоДоКорректировки", was.quantity),
        ("ЦенаДоКорректировки", roubles(was.price_each)),
        ("СуммаДоКорректировки", roubles(was.total)),
        ("СуммаНДСДоКорректировки", roubles(was.vat)),
    ]


def _id(sku: str) -> str:
    """The SKU; of one that is too long as much as fits, and a sum that tells it from others."""
    if len(sku) <= _LONGEST_ID:
        return sku
    return sku[: _LONGEST_ID - 17] + "~" + sha256(sku.encode()).hexdigest()[:16]


def _barcode(line: DocumentLine) -> str:
    code = line.barcode or ""
    return code if code.isascii() and code.isdigit() and len(code) in _BARCODE else ""


def _unit(told: Figures) -> str:
    unit = told.unit
    return leaf(
        "БазоваяЕдиница",
        unit.short,
        Код=unit.code,
        НаименованиеПолное=unit.name,
        МеждународноеСокращение=unit.letters,
    )
