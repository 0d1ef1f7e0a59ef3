"""Tables of reports leave as CSV, XLSX and PDF with the same figures."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import msgspec
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Unprintable
from app.render.figures import written
from app.render.language import LANGUAGES
from app.render.press import PRINTS, typeset
from app.render.table import Column, Group, Kind, Sheet
from app.render.table_csv import table_csv
from app.render.table_pdf import table_pdf
from app.render.table_xlsx import MOST_ROWS, table_xlsx
from app.render.typeface import visible
from app.render.workbook_text import label, tab_names
from tests.render.paper_samples import text_of
from tests.render.tables import REPORT, sheets

PARTS = {Kind.MONEY: 100, Kind.KILOGRAMS: 1000, Kind.COUNT: 1, Kind.PERCENT: 100}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows_of_csv(file, language):
    text = file.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if language == "ru" else ","))


def plain(column, value, language):
    """What a program reads from a CSV, as the value it was."""
    if value == "" or column.kind in (Kind.TEXT, Kind.DATE):
        return value
    figure = Decimal(value.replace(",", "."))
    return float(figure) if column.kind is Kind.PERCENT else int(figure * PARTS[column.kind])


def grouped(sheet):
    return int(bool(sheet.groups))


@settings(max_examples=40, deadline=None)
@given(sheets(), st.sampled_from(LANGUAGES))
def test_a_csv_has_every_row_with_its_figures_and_no_formula(sheet, language):
    heads, *rows = rows_of_csv(table_csv([sheet], language), language)
    assert len(heads) == len(sheet.columns) + grouped(sheet)
    for cells, row in zip(rows, sheet.rows, strict=False):
        for column, cell, value in zip(
            sheet.columns, cells[grouped(sheet) :], row, strict=True
        ):  # fmt: skip
            if column.kind is Kind.TEXT:
                assert not cell.startswith(FORMULA)
            elif column.kind is not Kind.DATE:
                assert plain(column, cell, language) == ("" if value is None else value)
    assert len(rows) == len(sheet.rows) + sheet.summed()


@settings(max_examples=40, deadline=None)
@given(sheets())
def test_a_workbook_has_every_cell_as_what_it_is_and_nothing_else_is_a_formula(sheet):
    (tab,) = openpyxl.load_workbook(io.BytesIO(table_xlsx([sheet], "ru")))
    first = int(tab.freeze_panes.removeprefix("A"))
    for at, row in enumerate(sheet.rows, first):
        for index, (column, value) in enumerate(
            zip(sheet.columns, row, strict=True), 1 + grouped(sheet)
        ):  # fmt: skip
            cell = tab.cell(at, index)
            assert same(column.kind, cell.value, value), (column, cell.value, value)
            assert cell.data_type != "f"
    formulas = [cell.value for row in tab.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) == sum(column.total for column in sheet.columns)
    assert all(formula.startswith("=SUBTOTAL(109,") for formula in formulas)


def same(kind, cell, value):
    if value is None or value == "":
        return cell is None
    if kind is Kind.TEXT:
        return cell == label(value) or cell is None
    if kind is Kind.DATE:
        return cell == datetime.fromisoformat(value) or date.fromisoformat(value).year < 1900
    return round(Decimal(str(cell)) * PARTS[kind], 1) == Decimal(str(value))


@settings(max_examples=40, deadline=None)
@given(sheets(), st.sampled_from(LANGUAGES))
def test_paper_has_every_figure_and_equal_calls_make_equal_bytes(sheet, language):
    pdf = table_pdf([sheet], language)
    assert pdf == table_pdf([sheet], language)
    text = "".join(text_of(pdf))
    for row in sheet.rows:
        for column, value in zip(sheet.columns, row, strict=True):
            if column.kind not in (Kind.TEXT, Kind.DATE):
                assert "".join(written(column.kind, value, language).split()) in text
    totals = zip(sheet.columns, sheet.all_together() if sheet.rows else (), strict=False)
    assert all("".join(written(each.kind, sum_, language).split()) in text for each, sum_ in totals)


def test_sums_stand_under_groups_and_under_all():
    (first, _) = text_of(table_pdf(REPORT, "ru"))
    assert "Итого:ООО«Чайныйгость»41,2341235,56" in first
    assert "Итого:@ИПОбразцов1−0,234−0,50" in first
    assert "Итого51,000100%1235,06" in first


def test_hundreds_of_pages_repeat_their_heads_and_group_and_count_themselves():
    columns = (Column("Что"), Column("Сумма", Kind.MONEY, total=True))
    rows = [(f"строка {n}", n) for n in range(4000)]
    pages = text_of(
        table_pdf([Sheet("т", "Длинная", columns, rows, groups=(Group("Все вместе", 0),))], "ru")
    )
    assert len(pages) > 100
    for number, page in enumerate(pages, 1):
        assert f"стр.{number}из{len(pages)}" in page
    assert all("ЧтоСумма" in page and "Всевместе" in page for page in pages[:-1])
    whole = "".join(pages)
    assert all(f"строка{n}" in whole for n in range(0, 4000, 7))
    assert "79980,00" in pages[-1]


def test_a_table_of_more_columns_than_paper_is_wide_is_still_printed_whole():
    columns = tuple(Column(f"Ставка {n} %", Kind.MONEY, total=True) for n in range(40))
    (text,) = text_of(table_pdf([Sheet("ш", "Широкая", columns, [tuple(range(40))])], "ru"))
    assert all(f"0,{n:02d}" in text for n in range(40))


def test_what_a_spreadsheet_would_calculate_is_a_text_in_csv_and_in_the_workbook():
    evil = ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "=cmd|' /C calc'!A0"]
    sheet = Sheet(
        "=x", "=1", (Column("=2"),), [(text,) for text in evil], ("=3",), footnotes=("=4",)
    )
    cells = [cell for row in rows_of_csv(table_csv([sheet], "en"), "en") for cell in row]
    assert all(cell.startswith("'") for cell in cells)
    (tab,) = openpyxl.load_workbook(io.BytesIO(table_xlsx([sheet], "en")))
    assert all(cell.data_type in "sn" for row in tab.iter_rows() for cell in row)
    assert tab["A5"].value == "=1+1"


def test_the_sum_above_the_heads_knows_its_value_and_looks_at_all_rows():
    book = table_xlsx(REPORT, "ru")
    calculated = openpyxl.load_workbook(io.BytesIO(book), data_only=True)["Реестр"]
    assert [calculated[f"{column}4"].value for column in "EFGH"] == [5, 1.0, 1, 1235.06]
    asked = openpyxl.load_workbook(io.BytesIO(book))["Реестр"]
    assert asked["H4"].value == "=SUBTOTAL(109,H6:H8)"
    assert asked.auto_filter.ref == "A5:H8"
    assert asked.freeze_panes == "A6"


def test_equal_tables_make_equal_workbooks():
    one, two = (hashlib.sha256(table_xlsx(REPORT, "ru")).hexdigest() for _ in range(2))
    assert one == two


def test_tabs_have_names_that_excel_takes_each_its_own():
    long = "Реестр документов за ноябрь 2026 года"
    names = [long, long, long.upper(), "[a]:*?/\\", "'", "", "История\x01"]
    found = list(tab_names(names))
    assert len({name.lower() for name in found}) == len(names)
    assert all(0 < len(name) <= 31 for name in found)
    assert not any(set(name) & set("[]:*?/\\") for name in found)


@pytest.mark.parametrize("letter", ["я", "😀", "\ufffe", "\x00"])
def test_no_text_is_too_long_or_too_strange_for_a_cell(letter):
    sheet = Sheet("т", letter, (Column(letter),), [(letter * 40_000,)])
    (tab,) = openpyxl.load_workbook(io.BytesIO(table_xlsx([sheet], "ru")))
    assert len(label(letter * 40_000).encode("utf-16-le")) // 2 <= 32_767
    assert tab["A1"].value in (letter, "\ufffd", " ", None)


def test_more_rows_than_excel_has_are_refused_before_they_are_written():
    class Endless(list):
        def __len__(self):
            return MOST_ROWS

    with pytest.raises(Unprintable, match="rows"):
        table_xlsx([replace(REPORT[1], rows=Endless())], "ru")


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
def test_the_press_prints_a_report_from_json(form):
    printed = typeset(f"table.{form}", msgspec.json.encode(REPORT), "ru")
    assert printed == PRINTS[f"table.{form}"].write(REPORT, "ru")


def test_a_report_survives_its_way_to_the_press():
    again = msgspec.json.decode(msgspec.json.encode(REPORT), type=list[Sheet])
    assert again == REPORT
    assert visible(again[0].title) == "Реестр документов"
