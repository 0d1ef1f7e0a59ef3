"""A marketplace's report as a table, CSV or XLSX: rows of settlements, all of them or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from app.domain.assortment import ImportRefused
from app.domain.money import MAX_KOPECKS
from app.domain.settlement import Deal, Flaw, SettlementRefused, SettlementRow
from app.imports import csv_file, xlsx_file
from app.imports.columns import simple
from app.imports.formats import Format, recognise
from app.imports.table import Numbered

#: A report with more rows is to be had in parts.
MOST_ROWS: Final = 200_000
#: Rows with flaws that are told one by one.
TOLD: Final = 20
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("order", "номер заказа", "заказ", "no заказа", "заказ no", "номер отправления",
              "отправление", "order number", "order id", "order no", "shipment"),
    "deal": ("operation", "операция", "тип операции", "вид операции", "тип", "type", "deal"),
    "sku": ("sku", "артикул", "артикул продавца", "код товара", "товар id", "item code"),
    "name": ("name", "наименование", "товар", "название", "наименование товара", "product"),
    "quantity": ("quantity", "количество", "кол во", "колво", "qty"),
    "amount": ("amount", "сумма", "сумма руб", "сумма продажи", "сумма заказа", "стоимость",
               "реализовано на сумму", "total"),
    "fee": ("fee", "комиссия", "комиссия руб", "вознаграждение", "сумма вознаграждения",
            "вознаграждение комиссионера", "удержано", "commission"),
    "date": ("date", "дата", "дата операции", "дата продажи", "дата доставки"),
}  # fmt: skip
_BY_HEADER: Final = {
    simple(header): name for name, headers in _COLUMNS.items() for header in headers
}
_DEALS: Final[Mapping[str, Deal]] = {
    **dict.fromkeys(("sale", "продажа", "реализация", "доставлен", "доставка покупателю", "оплата",
                     "начисление", "sold", "payment"), Deal.SALE),
    **dict.fromkeys(("return", "возврат", "возврат покупателя", "refund", "сторно"), Deal.RETURN),
    **dict.fromkeys(("fee", "комиссия", "вознаграждение", "услуга", "услуги", "удержание",
                     "логистика", "commission", "service"), Deal.FEE),
}  # fmt: skip
#: A sum row beneath a table is no operation.
_TOTALS: Final = frozenset({"итого", "всего", "total", "итого по отчету", "sum"})
_NUMBER: Final = re.compile(r"-?\d{1,13}(?:\.\d{1,20})?", re.ASCII)
_DAY: Final = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
#: Day 0 of a spreadsheet's dates.
_EXCEL: Final = date(1899, 12, 30)


class _Flawed(ValueError):
    """A cell that says nothing: the sentence's msgid; the value is its only word."""


def read(raw: bytes) -> list[SettlementRow]:
    """All rows; SettlementRefused with the first flaws when one of them cannot be understood."""
    flaws: list[Flaw] = []
    found: list[SettlementRow] = []
    count = 0
    for number, cells in _records(raw):
        try:
            found.append(_row(number, cells))
        except _Flawed as flawed:
            count += 1
            text, value = flawed.args
            if len(flaws) < TOLD:
                flaws.append(Flaw(number, text, {"value": str(value)[:60]}))
        if len(found) + count > MOST_ROWS:
            raise SettlementRefused("settlement.too_many_rows", most=MOST_ROWS)
    if count:
        raise SettlementRefused("settlement.flawed", tuple(flaws), count=count)
    if not found:
        raise SettlementRefused("settlement.empty")
    return found


def _records(raw: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    filled = ((number, row) for number, row in _rows(raw) if any(cell.strip() for cell in row))
    columns: dict[str, int] = {}
    for number, row in filled:  # reports begin with a title and words of their own
        if not columns:
            known = _known(row)
            columns = known if {"order", "amount"} <= known.keys() else {}
            continue
        cells = {name: row[i].strip() if i < len(row) else "" for name, i in columns.items()}
        if not _is_total(row):
            yield number, cells
    if not columns:
        raise SettlementRefused("settlement.no_columns")


def _rows(raw: bytes) -> Iterator[Numbered]:
    try:
        kind = recognise(raw)
        if kind is Format.XLSX:
            yield from xlsx_file.rows(raw)
        elif kind is Format.CSV:
            yield from csv_file.rows(raw, lambda headers: len(_known(headers)))
        else:
            raise SettlementRefused("settlement.format")
    except ImportRefused as refusal:
        raise SettlementRefused(refusal.text, **refusal.values) from None


def _known(headers: Iterable[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, header in enumerate(headers):
        name = _BY_HEADER.get(simple(header.replace("№", "no ")))
        if name is not None:
            columns.setdefault(name, index)
    return columns


def _is_total(row: Sequence[str]) -> bool:
    first = next((cell for cell in row if cell.strip()), "")
    return simple(first) in _TOTALS


def _row(number: int, cells: Mapping[str, str]) -> SettlementRow:
    amount = _kopecks(cells["amount"])
    deal = _deal(cells.get("deal", ""), amount)
    order = _text(cells["order"], 100)
    if not order and deal is not Deal.FEE:
        raise _Flawed("settlement.no_order", "")
    if deal is Deal.FEE and not cells.get("fee", ""):
        amount, fee = 0, abs(amount)
    else:
        fee = _kopecks(cells.get("fee", ""))
    if deal is Deal.RETURN:
        amount = -abs(amount)
    elif amount < 0:
        raise _Flawed("settlement.negative_sale", cells["amount"])
    return SettlementRow(
        number,
        order,
        deal,
        amount,
        fee,
        _text(cells.get("sku", ""), 100),
        _text(cells.get("name", ""), 300),
        _milli(cells.get("quantity", ""), deal),
        _date(cells.get("date", "")),
    )


def _deal(word: str, amount: int) -> Deal:
    """What the row says it is; without a word the sign of the sum tells."""
    if not word:
        return Deal.RETURN if amount < 0 else Deal.SALE
    found = _DEALS.get(simple(word))
    if found is None:
        raise _Flawed("settlement.deal_unknown", word)
    return found


def _decimal(raw: str) -> Decimal | None:
    bare = re.sub(r"[\s'’\u00a0]|руб\.?|р\.|₽|rub", "", raw.casefold()).replace("−", "-")
    if not bare:
        return None
    if "," in bare:
        bare = bare.replace(",", "" if "." in bare else ".")
    if not _NUMBER.fullmatch(bare):
        raise _Flawed("settlement.no_number", raw)
    return Decimal(bare)


def _kopecks(raw: str) -> int:
    value = (_decimal(raw) or Decimal()) * 100
    whole = int(value.to_integral_value())  # a spreadsheet's 129.90000000000001 is 129.90
    if abs(value - whole) > Decimal("0.001") or abs(whole) > MAX_KOPECKS:
        raise _Flawed("settlement.no_number", raw)
    return whole


def _milli(raw: str, deal: Deal) -> int | None:
    value = _decimal(raw)
    if value is None:
        return None
    whole = int((value * 1000).to_integral_value())
    if abs(value * 1000 - whole) > Decimal("0.001"):
        raise _Flawed("settlement.no_number", raw)
    return -abs(whole) if deal is Deal.RETURN else whole


def _date(raw: str) -> date | None:
    """ISO, the Russian way, or a spreadsheet's number of days."""
    text = raw[:10].strip()
    try:
        if match := _DAY.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
        if re.fullmatch(r"\d{5}(?:\.\d+)?", raw, re.ASCII):
            return _EXCEL + timedelta(int(raw[:5]))
    except ValueError:
        raise _Flawed("settlement.no_date", raw) from None
    if text:
        raise _Flawed("settlement.no_date", raw)
    return None


def _text(raw: str, most: int) -> str:
    clean = re.sub(r"[\s\x00-\x1f\x7f]+", " ", raw).strip().encode("utf-8", "ignore").decode()
    if len(clean) > most:
        raise _Flawed("settlement.too_long", clean)
    return clean
