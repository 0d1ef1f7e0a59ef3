"""The files that chains have, read; and any table, written in any format, reads back equal."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.assortment import Flaw, GoodsRow
from app.domain.barcode import check_digit
from app.imports.cells import vat
from app.imports.formats import Format, recognise
from tests.imports import write
from tests.imports.write import read

SAMPLES = Path(__file__).with_name("samples")
CSV = (SAMPLES / "goods.csv").read_bytes()
IMPORT, OFFERS = (SAMPLES / "import.xml").read_bytes(), (SAMPLES / "offers.xml").read_bytes()

BREAD = GoodsRow("100201", "Хлеб Бородинский, 400 г", barcodes=("4690001002019",), vat="reduced",
                 category="Хлеб", price=6490, zone="A", aisle="3", shelf="3-2",
                 substitutes=("100202", "100203"))  # fmt: skip
BANANAS = GoodsRow("200101", "Бананы", "weight", 1000, plu="00101", vat="reduced",
                   category="Фрукты", price=12990, zone="A", aisle="1", shelf="1-1")  # fmt: skip
MILK = GoodsRow("100401", "Молоко 3,2%", barcodes=("4690001004013", "4690011004010"),
                vat="reduced", marked=True, category="Молочное", temperature="chilled",
                photo_url="https://example.org/milk.jpg", price=108990, zone="B",
                aisle="7")  # fmt: skip
ENERGY = GoodsRow("100601", "Энергетик", vat="standard", marked=True, category="Напитки",
                  min_age=18, price=11990, zone="A", aisle="5", available=False)  # fmt: skip
WINE = GoodsRow("100701", "Вино столовое", vat="standard", marked=True, category="Алкоголь",
                min_age=18, restriction="blocked", price=49900, zone="A", aisle="9")  # fmt: skip
GOODS = [BREAD, BANANAS, MILK, ENERGY, WINE]


def test_a_russian_table_is_read_with_all_its_columns():
    assert read(CSV) == (GOODS, [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_excels_ways_of_writing_csv_are_all_the_same(encoding, delimiter):
    raw = write.as_csv(GOODS, encoding=encoding, delimiter=delimiter)
    assert recognise(raw) is Format.CSV
    assert read(raw) == (GOODS, [])


def test_windows_1251_is_understood():
    raw = CSV.decode().replace("₽", "руб.").encode("cp1251")
    assert read(raw) == (GOODS, [])


def test_a_workbook_is_read_from_its_first_sheet():
    assert read(write.as_xlsx(GOODS)) == (GOODS, [])


def test_numbers_in_a_workbook_may_be_numbers():
    book = openpyxl.Workbook()
    book.active.append(["sku", None, "name", "barcode", "price", "vat", "marked", "shelf"])
    book.active.append([])
    book.active.append([100201, None, "Bread", 4690001002019, 64.9, 0.1, True, "=1/0"])
    book.active.append([100202.0, None, "Loaf", 4.690001002026e12, 129.9 * 3, 22, False, "_x0041_"])
    (bread, loaf), problems = read(write.saved(book))
    assert problems == []
    assert (bread.sku, bread.price, bread.vat, bread.marked) == ("100201", 6490, "reduced", True)
    assert bread.barcodes == ("4690001002019",)
    assert (loaf.sku, loaf.price, loaf.vat) == ("100202", 38970, "standard")
    assert loaf.barcodes == ("4690001002026",)


def test_half_a_letter_in_a_workbook_is_no_text_and_two_halves_are_one():
    book = openpyxl.Workbook()
    book.active.append(["sku", "name", "_xD800_colour", "_xDC00_"])
    book.active.append(["_xD800_1", "Bread _xD83D__xDE00_ _xD83D_.", "red", "x"])
    (bread,), problems = read(write.saved(book))
    assert (bread.sku, bread.name) == ("1", "Bread 😀 .")
    assert all(str(each.values).encode() for each in problems)


def test_json_is_our_own_shape_with_prices_in_kopecks():
    assert read(write.as_json(GOODS)) == (GOODS, [])
    (one,), _ = read(b'{"products": [{"sku": "1", "name": "x", "price": "64.90"}]}')
    assert one.price == 6490


MILK_1C = GoodsRow("aaa-1", "Молоко 3,2%, 930 мл", barcodes=("4690001004013",), vat="reduced",
                   marked=True, category="Молочное", temperature="chilled", price=8990)  # fmt: skip
BANANAS_1C = GoodsRow("aaa-2", "Бананы", "weight", 1000, plu="00101", vat="none",
                      category="Фрукты", price=12990, available=False)  # fmt: skip
GONE_1C = GoodsRow("aaa-3", "Снятое с продажи", available=False)


def test_an_export_of_1c_is_read_whole():
    goods, problems = read(write.zipped({"import.xml": IMPORT, "offers.xml": OFFERS}))
    assert goods == [MILK_1C, BANANAS_1C, GONE_1C]
    (chosen,) = problems
    assert (chosen.flaw, chosen.values["value"]) == (Flaw.PRICE_TYPE_CHOSEN, "«Розничная»")


def test_the_article_number_may_be_the_sku_and_another_price_the_price():
    raw = write.zipped({"import.xml": IMPORT, "offers.xml": OFFERS})
    goods, problems = read(raw, sku="article", price_type="закупочная")
    assert [each.sku for each in goods] == ["100401", "200101", "100999"]
    assert goods[0].price == 5000
    assert problems == []


def test_a_catalogue_alone_says_nothing_of_prices_and_offers_alone_only_them():
    from app.imports.formats import Reading, rows

    assert all("price" not in each.given for each in rows(IMPORT, Reading()))
    _, *offers = rows(OFFERS, Reading())
    assert [each.goods.price for each in offers] == [8990, 12990]
    assert all(each.given <= {"sku", "name", "price", "available"} for each in offers)


def ean(digits: str) -> str:
    return digits + str(check_digit(digits))


CODES = st.integers(10**11, 10**12 - 1).map(str).map(ean)
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\ufeff"),
    min_size=1, max_size=20,
)  # fmt: skip
SKUS = st.text("aZ09_.-", min_size=1, max_size=12)
UNITS = st.sampled_from([("piece", None), ("weight", 1000), ("weight", 100), ("weight", 1)])


@st.composite
def tables(draw) -> list[GoodsRow]:
    skus = draw(st.lists(SKUS, unique=True, min_size=1, max_size=4))
    codes = draw(st.lists(CODES, unique=True, min_size=2 * len(skus), max_size=2 * len(skus)))
    return [draw(goods(sku, [codes.pop(), codes.pop()])) for sku in skus]


@st.composite
def goods(draw, sku: str, codes: list[str]) -> GoodsRow:
    unit, grams = draw(UNITS)
    place = st.just("") | LINES
    others = st.lists(SKUS.filter(lambda other: other != sku), unique=True, max_size=3)
    return GoodsRow(
        sku=sku, name=draw(LINES), unit=unit, unit_grams=grams,
        barcodes=tuple(codes[: draw(st.integers(0, 2))]),
        plu=draw(st.none() | st.text("0159", min_size=4, max_size=6)),
        vat=draw(st.sampled_from(["standard", "reduced", "zero", "none", "five", "seven"])),
        marked=draw(st.booleans()), category=draw(place),
        temperature=draw(st.sampled_from(["ambient", "chilled", "frozen", "non_food"])),
        min_age=draw(st.none() | st.integers(1, 21)),
        restriction=draw(st.sampled_from(["none", "blocked", "pickup_only"])),
        photo_url=draw(st.none() | st.just("https://example.org/a%20b.jpg?x=1,2;3")),
        price=draw(st.none() | st.integers(0, 10**9)), zone=draw(place), aisle=draw(place),
        shelf=draw(place), available=draw(st.booleans()), substitutes=tuple(draw(others)),
    )  # fmt: skip


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tables())
def test_any_table_written_as_csv_reads_back_equal(table):
    for delimiter in ",;\t":
        assert read(write.as_csv(table, delimiter=delimiter), format=Format.CSV) == (table, [])


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tables())
def test_any_table_written_as_json_reads_back_equal(table):
    assert read(write.as_json(table), format=Format.JSON) == (table, [])


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tables())
def test_any_table_written_as_a_workbook_reads_back_equal(table):
    assert read(write.as_xlsx(table), format=Format.XLSX) == (table, [])


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(tables())
def test_any_table_written_as_commerceml_reads_back_equal(table):
    raw = write.as_commerceml(table)
    assert recognise(raw) is Format.COMMERCEML
    assert read(raw) == (table, [])


@pytest.mark.parametrize(
    ("written", "rate"),
    [("22%", "standard"), ("20/120", "standard"), ("НДС 10 %", "reduced"), ("10/110", "reduced"),
     ("5%", "five"), ("НДС 5%", "five"), ("5/105", "five"), ("0.05", "five"), ("five", "five"),
     ("7 %", "seven"), ("7/107", "seven"), ("0.07", "seven"), ("seven", "seven"), ("0%", "zero"),
     ("Без НДС", "none"), ("unknown", "unknown")],
)  # fmt: skip
def test_a_rate_of_tax_is_known_however_it_is_written(written, rate):
    assert vat(written) == rate
