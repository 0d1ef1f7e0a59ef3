"""A marketplace's report is read whole or not at all, whatever its columns are called."""

import io
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.assortment import BROKEN
from app.domain.settlement import Deal, SettlementRefused, SettlementRow
from app.imports.settlement import read

RUSSIAN = """Отчёт о продажах за ноябрь;;;;;;;
;;;;;;;
№ заказа;Тип операции;Артикул;Наименование;Количество;Сумма, руб.;Комиссия;Дата
H1;Продажа;100;Молоко;2;1 159,80;115,98;01.11.2026
H1;Возврат;100;Молоко;1;579,90;-57,99;05.11.2026
;Услуги;;;;300,00;;30.11.2026
Итого;;;;;1 039,80;;
"""


def test_titles_above_and_totals_below_the_table_are_no_rows():
    assert read(RUSSIAN.encode("cp1251")) == [
        SettlementRow(4, "H1", Deal.SALE, 115980, 11598, "100", "Молоко", 2000, date(2026, 11, 1)),
        SettlementRow(5, "H1", Deal.RETURN, -57990, -5799, "100", "Молоко", -1000,
                      date(2026, 11, 5)),
        SettlementRow(6, "", Deal.FEE, 0, 30000, at=date(2026, 11, 30)),
    ]  # fmt: skip


def test_an_english_table_in_excel_reads_the_same():
    book = openpyxl.Workbook()
    for row in (
        ["Order number", "Qty", "SKU", "Amount", "Date"],
        ["H1", 1.04, "200101", 135.1, date(2026, 11, 2)],
        ["H2", 1, "300901", -54.5, None],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    first, second = read(file.getvalue())
    assert (first.milli, first.amount, first.at) == (1040, 13510, date(2026, 11, 2))
    assert (second.deal, second.amount, second.milli) == (Deal.RETURN, -5450, -1000)


def csv(*rows: str) -> bytes:
    return "\n".join(("order;operation;amount;quantity;date", *rows)).encode()


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("H1;sale;12,345;;", "settlement.no_number"),
        ("H1;sale;many;;", "settlement.no_number"),
        ("H1;barter;10;;", "settlement.deal_unknown"),
        (";sale;10;;", "settlement.no_order"),
        ("H1;sale;-10;;", "settlement.negative_sale"),
        ("H1;sale;10;;31.02.2026", "settlement.no_date"),
        ("H1;sale;10;;yesterday", "settlement.no_date"),
        ("H1;sale;10;0,0005;", "settlement.no_number"),
        ("H" * 101 + ";sale;10;;", "settlement.too_long"),
        ("H1;sale;99999999999999;;", "settlement.no_number"),
    ],
)
def test_one_row_that_says_nothing_refuses_the_report_and_is_named(row, text):
    with pytest.raises(SettlementRefused) as refused:
        read(csv("H1;sale;10;1;2026-11-01", row))
    assert refused.value.text == "settlement.flawed"
    assert [(flaw.row, flaw.text) for flaw in refused.value.flaws] == [(3, text)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", "The file is empty"),
        (b"name;price\nmilk;10\n", "settlement.no_columns"),
        (csv(), "settlement.empty"),
        (b'[{"order": 1}]', "settlement.format"),
        (b"<xml/>", "settlement.format"),
        (b"PK\x03\x04xl/workbook.xml", BROKEN),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_its_reason(raw, text):
    with pytest.raises(SettlementRefused) as refused:
        read(raw)
    assert refused.value.text == text


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_anything_but_rows_or_a_refusal(raw):
    for whole in (raw, csv() + b"\n" + raw):
        try:
            assert read(whole)
        except SettlementRefused:
            continue
