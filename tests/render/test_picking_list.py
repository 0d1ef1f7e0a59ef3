"""A picking list is read back by another reader, and its barcodes by a scanner."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.goods import Place, Temperature
from app.domain.order import Replacement, Unit
from app.render.language import LANGUAGES, say
from app.render.picking_list import PickingList, Row, flags, groups, quantity
from app.render.picking_print import _BOTTOM, _body, _paginated, _tail, picking_list_pdf
from tests.render.paper_samples import (
    BANANAS,
    BEER,
    DUE,
    MILK,
    SHEET,
    barcodes_of,
    hostile,
    picture_of,
    rows,
    text_of,
)

any_row = st.builds(
    Row,
    position=st.integers(0, 10**6),
    name=hostile,
    sku=hostile,
    unit=st.sampled_from(Unit),
    pieces=st.integers(0, 10**5),
    grams=st.none() | st.integers(0, 10**6),
    place=st.builds(Place, hostile, hostile, hostile, st.none() | st.integers(0, 99)),
    barcode=st.none() | hostile,
    plu=st.none() | hostile,
    marked=st.booleans(),
    min_age=st.none() | st.just(18),
    temperature=st.sampled_from(Temperature),
    wish=st.none() | st.sampled_from(Replacement),
    price=st.none() | st.integers(0, 10**12),
    unit_grams=st.none() | st.integers(1, 10**6),
)
any_sheet = st.builds(
    PickingList,
    order_number=hostile,
    store_name=hostile,
    marketplace=hostile,
    account=hostile,
    due_at=st.just(DUE),
    timezone=st.sampled_from(["Europe/Moscow", "Asia/Kamchatka"]),
    policy=st.sampled_from(Replacement),
    rows=st.lists(any_row, max_size=12).map(tuple),
    language=st.sampled_from(LANGUAGES),
    comment=hostile,
    reasons=st.lists(hostile, max_size=12).map(tuple),
    total=st.none() | st.integers(0, 10**12),
)


def test_the_list_says_whose_order_by_when_and_what_to_take():
    (text,) = text_of(picking_list_pdf(SHEET))
    for said in (
        "H1042-7381", "20:45,воскресенье,22ноября", "позвонить;недозвонились—заменить",
        "Бананыпозеленее", "Лента,Ленинскийпр-т", "СберМаркет·lenta-msk",
        "позиций:3·штук:3·вес:1,000кг", "Молокопастеризованное2,5%", "2шт", "1,000кг", "≈5шт",
        "ПЛУ00021", "A-12", "ЧЗ", "18+", "ХОЛОД", "1нетнаполке", "3другое", "Подпись", "стр.1из1",
    ):  # fmt: skip
        assert said in text, said


def test_the_same_list_in_english():
    (text,) = text_of(picking_list_pdf(replace(SHEET, language="en")))
    for said in ("20:45,Sunday,22November", "2pcs", "1.000kg", "CHILLED", "MARK", "Noplace",
                 "page1of1", "Signature"):  # fmt: skip
        assert said in text, said


def test_a_scanner_reads_every_barcode_off_the_sheet():
    found = barcodes_of(picture_of(picking_list_pdf(SHEET)))
    assert found == {
        ("Code128", "H1042-7381"),
        ("EAN13", "4607053473650"),
        ("EAN8", "46009333"),
    }


def test_lines_without_a_place_come_first_and_the_others_as_given():
    drinks = replace(MILK, place=Place("Напитки", "7", "", 20))
    again = replace(MILK, position=9)
    found = groups(replace(SHEET, rows=(drinks, BEER, MILK, again, BANANAS)))
    assert [(group.title, group.rows) for group in found] == [
        ("Без места", (BEER,)),
        ("Напитки · ряд 7", (drinks,)),
        ("Молочное · ряд 1", (MILK, again)),
        ("Овощи", (BANANAS,)),
    ]


def test_money_is_shown_only_when_given():
    assert "₽" not in "".join(text_of(picking_list_pdf(SHEET)))
    priced = replace(SHEET, total=123456, rows=(replace(BANANAS, price=12990),))
    (text,) = text_of(picking_list_pdf(priced))
    assert "сумма:1234,56₽" in text
    assert "129,90₽за1,000кг" in text


def test_an_empty_order_says_so():
    (text,) = text_of(picking_list_pdf(replace(SHEET, rows=(), comment=" \n", reasons=())))
    assert "Взаказенетпозицийдлясборки" in text
    assert "Комментарий" not in text


def test_a_thousand_lines_are_all_there_and_every_page_has_its_head_and_number():
    sheet = replace(SHEET, rows=rows(1000), language="en")
    pages = text_of(picking_list_pdf(sheet))
    assert len(pages) < 110
    for number, page in enumerate(pages, 1):
        assert f"page{number}of{len(pages)}" in page
        assert "H1042-7381" in page
        assert "HowmanyBarcodePickedReason" in page
    whole = "".join(pages)
    assert not [row.sku for row in sheet.rows if whole.count(row.sku) != 1]
    assert "Noplace,continued" in pages[2]


def test_a_name_of_three_hundred_letters_is_printed_whole():
    name = "Сырок глазированный ванильный " * 10
    (text,) = text_of(picking_list_pdf(replace(SHEET, rows=(replace(MILK, name=name),))))
    assert text.count("Сырокглазированныйванильный") == 10


@settings(max_examples=60, deadline=None)
@given(any_sheet)
def test_no_text_from_outside_breaks_the_list(sheet):
    pdf = picking_list_pdf(sheet)
    assert text_of(pdf)
    assert picking_list_pdf(sheet) == pdf


@settings(max_examples=60, deadline=None)
@given(any_sheet, st.integers(1, 40))
def test_no_page_is_overfull_and_nothing_is_lost_between_pages(sheet, times):
    sheet = replace(sheet, rows=sheet.rows * times)
    blocks = [*_body(sheet), _tail(sheet)]
    pages = _paginated(sheet, blocks)
    repeated = [id(block.again) for block in blocks if block.again]
    printed = [block for page in pages for block in page if id(block) not in repeated]
    assert printed == blocks
    assert all(sum(block.height for block in page) <= _BOTTOM - 10 for page in pages)
    assert all(page[-1].with_next == 0 for page in pages if page)


def test_another_process_prints_the_same_bytes():
    program = (
        "import hashlib, tests.render.paper_samples as s;"
        "from app.render.picking_print import picking_list_pdf as p;"
        "print(hashlib.sha256(p(s.SHEET)).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert there.stdout.strip() == hashlib.sha256(picking_list_pdf(SHEET)).hexdigest()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("policy", Replacement)
def test_every_wish_of_a_customer_is_said_in_words(language, policy):
    assert say(language, f"paper.policy.{policy}") != f"paper.policy.{policy}"


def test_quantities_and_flags_read_as_in_a_shop():
    assert quantity(replace(MILK, pieces=12), "ru") == "12 шт"
    assert quantity(replace(BANANAS, grams=1234567), "ru") == "1 234,567 кг"
    assert quantity(replace(BANANAS, grams=1), "en") == "0.001 kg"
    assert flags(replace(BEER, temperature=Temperature.FROZEN), "en") == ["MARK", "18+", "FROZEN"]
