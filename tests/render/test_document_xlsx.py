"""A register in a workbook has the ledger's figures, line by line, and they add up."""

import io
from decimal import Decimal

import msgspec
import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.marks import identity
from app.render.document_xlsx import document_xlsx
from app.render.press import typeset
from app.render.workbook_text import label
from tests.render.documents import CORRECTION, RETURN, SALE, THOUSAND, documents

HEADS_AT = 4


def tabs(book):
    """Both tabs as lists of {head: value}, and the tabs."""
    found = openpyxl.load_workbook(io.BytesIO(book))
    return [(table(tab), tab) for tab in found]


def table(tab):
    rows = list(tab.iter_rows(min_row=HEADS_AT, values_only=True))
    count = int(tab.auto_filter.ref.rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1 : count - HEADS_AT + 1]]


def kopecks(value):
    return round(Decimal(str(value or 0)) * 100)


@settings(max_examples=40, deadline=None)
@given(st.lists(documents(named=False), min_size=1, max_size=3))
def test_every_document_and_every_line_stands_there_with_its_figures(given_):
    (heads, _), (lines, _) = tabs(document_xlsx(given_, "ru"))
    for document, row in zip(given_, heads, strict=True):
        assert row["Номер"] == label(document.number)
        assert row["Дата"].date() == document.issued_on
        assert kopecks(row["Всего с НДС"]) == document.total
        assert kopecks(row["Сумма НДС"]) == document.vat_total
        assert row["Позиций"] == len(document.lines)
    every = [line for document in given_ for line in document.lines]
    for line, row in zip(every, lines[: len(every)], strict=True):
        assert kopecks(row["Всего с НДС"]) == line.total
        assert kopecks(row["Сумма НДС"]) == line.vat
        assert kopecks(row["Скидка"]) == line.discount
        assert kopecks(row["Цена"]) == line.price
        if line.grams is None:
            assert (row["Количество, шт"] or 0) == line.pieces
        else:
            assert round(Decimal(str(row["Вес, кг"])) * 1000) == line.grams
        marks = " ".join(map(identity, line.marks))
        assert (row["Коды маркировки"] or "") == marks
        if line.before:
            assert kopecks(row["Всего до"]) == line.before.total


def test_sales_corrections_and_returns_add_up_to_what_is_sold_in_the_end():
    given_ = [SALE, CORRECTION, RETURN]
    (heads, head), (lines, line) = tabs(document_xlsx(given_, "ru"))
    sold = sum(document.total for document in given_)
    assert sum(kopecks(row["Всего с НДС"]) for row in heads) == sold
    assert sum(kopecks(row["Всего с НДС"]) for row in lines) == sold
    calculated = openpyxl.load_workbook(
        io.BytesIO(document_xlsx(given_, "ru")), data_only=True
    )  # fmt: skip
    assert kopecks(calculated["Документы"]["T3"].value) == sold
    assert kopecks(calculated["Строки"]["Q3"].value) == sold
    assert head["T3"].value == "=SUBTOTAL(109,T5:T7)"
    assert line["Q3"].value == f"=SUBTOTAL(109,Q5:Q{4 + len(lines)})"


def test_heads_are_in_the_readers_language_and_stay_in_sight():
    for language, tab, head in (("ru", "Строки", "Наименование"), ("en", "Lines", "Name")):
        book = openpyxl.load_workbook(io.BytesIO(document_xlsx([SALE], language)))
        assert book[tab]["G4"].value == head
        assert book[tab].freeze_panes == "A5"
        assert book[tab].auto_filter.ref == "A4:V10"


def test_equal_documents_make_equal_bytes_also_in_the_press():
    book = document_xlsx([SALE, THOUSAND], "ru")
    assert book == document_xlsx([SALE, THOUSAND], "ru")
    assert book == typeset("document.xlsx", msgspec.json.encode([SALE, THOUSAND]), "ru")


def test_an_empty_register_has_its_heads():
    (heads, _), (lines, _) = tabs(document_xlsx([], "en"))
    assert heads == [dict.fromkeys(heads[0])]
    assert lines == [dict.fromkeys(lines[0])]
