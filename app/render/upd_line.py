"""The rows of УПД 5.03 (ТаблСчФакт): what was sold, how much, what it costs without VAT and with.

Приказ ФНС России от 19.12.2023 № ЕД-7-26/970@; rates as of ON_NSCHFDOPPR_1_997_01_05_03_05, which
knows 22 %. A row's cost without VAT and its VAT make its cost exactly; its price times its
quantity, rounded to kopecks, makes its cost without VAT, discounts and all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from xml.etree import ElementTree as ET

from app.domain.document import DocumentLine
from app.domain.gs1 import is_number, proves
from app.domain.marks import identity
from app.domain.money import roubles
from app.render.upd_text import add, clean, decimal

#: НалСт by percent.
RATES: Final[Mapping[int | None, str]] = {
    None: "без НДС",
    **{percent: f"{percent}%" for percent in (0, 5, 7, 10, 18, 20, 22)},
}
#: Codes and national signs of ОКЕИ: pieces, kilograms, and what a service is counted in.
_PIECES: Final = ("796", "шт")
_KILOGRAMS: Final = ("166", "кг")
_UNITS: Final = ("876", "усл. ед")
#: ПрТовРаб.
_GOODS: Final = "1"
_SERVICE: Final = "3"
#: Prices have at most eleven places.
_PRICE: Final = Decimal("1e-11")


def unknown_rates(lines: Iterable[DocumentLine]) -> tuple[str, ...]:
    """Rates of VAT that the format has no word for."""
    rates = {line.vat_percent for line in lines} - RATES.keys()
    return tuple(f"{percent}%" for percent in sorted(filter(None, rates)))


def table(parent: ET.Element, lines: Sequence[DocumentLine], *, invoice: bool) -> None:
    """ТаблСчФакт with its sum."""
    node = add(parent, "ТаблСчФакт")
    for number, line in enumerate(lines, start=1):
        _row(node, number, line, invoice=invoice)
    total, vat = sum(line.total for line in lines), sum(line.vat for line in lines)
    whole = add(
        node, "ВсегоОпл", СтТовБезНДСВсего=roubles(total - vat), СтТовУчНалВсего=roubles(total)
    )
    taxed = any(line.vat_percent is not None for line in lines)
    _vat(add(whole, "СумНалВсего"), vat if taxed else None)


def _row(table: ET.Element, number: int, line: DocumentLine, *, invoice: bool) -> None:
    net = line.total - line.vat
    row = add(
        table, "СведТов", НомСтр=str(number), НаимТов=_name(line),
        **_measured(line, net, free=not (invoice and net == 0)),
        СтТовБезНДС=roubles(net), НалСт=RATES[line.vat_percent], СтТовУчНал=roubles(line.total),
    )  # fmt: skip
    _goods(row, line)
    if invoice:
        add(add(row, "Акциз"), "БезАкциз").text = "без акциза"
    _vat(add(row, "СумНал"), None if line.vat_percent is None else line.vat)
    if invoice and net == 0:
        value = f"{_quantity(line)} {_measure(line)[1]}"
        add(row, "ИнфПолФХЖ2", Идентиф="Количество", Значен=value)


def _name(line: DocumentLine) -> str:
    return clean(line.name, 2000) or clean(line.sku, 2000) or "Товар"


def _measured(line: DocumentLine, net: int, *, free: bool) -> dict[str, str]:
    """Unit, quantity and price. An invoice takes no price of zero (a check of the schema's), and no
    quantity without a price, and no unit's code without a quantity: what is given away in one has
    its quantity among the information, `not free`."""
    code, sign = _measure(line)
    if not free:
        return {"НаимЕдИзм": sign}
    quantity = _quantity(line)
    price = (Decimal(net) / 100 / quantity).quantize(_PRICE, ROUND_HALF_UP)
    return {
        "ОКЕИ_Тов": code, "НаимЕдИзм": sign, "КолТов": str(quantity), "ЦенаТов": decimal(price),
    }  # fmt: skip


def _quantity(line: DocumentLine) -> Decimal:
    if line.grams is None:
        return Decimal(line.pieces)
    return Decimal(line.grams).scaleb(-3)


def _measure(line: DocumentLine) -> tuple[str, str]:
    if line.kind != "goods":
        return _UNITS
    return _PIECES if line.grams is None else _KILOGRAMS


def _vat(parent: ET.Element, vat: int | None) -> None:
    if vat is None:
        add(parent, "БезНДС").text = "без НДС"
    else:
        add(parent, "СумНал").text = roubles(vat)


def _goods(row: ET.Element, line: DocumentLine) -> None:
    """ДопСведТов: whether goods or a service, our code, the GTIN, the units' marks."""
    sku = clean(line.sku, 101)
    node = add(
        row, "ДопСведТов", ПрТовРаб=_GOODS if line.kind == "goods" else _SERVICE,
        АртикулТов=sku if len(sku) <= 50 else None, КодТов=sku if len(sku) <= 100 else None,
        ГТИН=_gtin(line),
    )  # fmt: skip
    marks = list(_identities(line))
    if marks:
        numbers = add(node, "НомСредИдентТов")
        for mark in marks:
            add(numbers, "КИЗ").text = mark


def _identities(line: DocumentLine) -> Iterator[str]:
    """The units' codes without crypto tails: 01, GTIN, 21, serial."""
    for mark in line.marks:
        if found := clean(identity(mark), 255):
            yield found


def _gtin(line: DocumentLine) -> str | None:
    """Of the marks, or else of the barcode, fourteen digits; None for numbers that are none, or
    only this shop's own (GS1 General Specifications, 1.4.5: prefixes 02, 04, 20 to 29)."""
    for mark in line.marks:
        if mark.startswith("01") and is_number(mark[2:16]) and proves(mark[2:16]):
            return mark[2:16]
    code = (line.barcode or "").strip()
    if len(code) not in (8, 12, 13, 14) or not is_number(code) or not proves(code):
        return None
    own = code[0] in "02" if len(code) == 8 else code.zfill(14)[1:3] in _OWN
    return None if own else code.zfill(14)


_OWN: Final = frozenset({"02", "04", *(str(prefix) for prefix in range(20, 30))})
