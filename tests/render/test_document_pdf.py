"""Documents on paper: nothing is lost, nothing is cut, and their figures are the ledger's."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from io import BytesIO

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.document import Kind
from app.domain.marks import identity
from app.domain.party import Party
from app.errors import Unprintable
from app.render.document_pdf import document_pdf
from app.render.document_rows import counted
from app.render.figures import kilograms, money
from app.render.language import LANGUAGES
from app.render.typeface import MISSING, visible
from tests.render.documents import (
    CORRECTION,
    RATES,
    RETURN,
    SALE,
    SAMPLES,
    THOUSAND,
    document,
    documents,
    line,
    mark,
)
from tests.render.paper_golden import FOLDER, SHOWN, layout, made
from tests.render.paper_samples import text_of

LONG = "Сыр полутвёрдый «Российский молодой», изготовленный по особому рецепту " * 40


def squeezed(text):
    """As `text_of` has it: without white space."""
    return "".join(text.split())


def whole(given_, language="ru"):
    """All that is written, pages one after another."""
    return "".join(text_of(document_pdf([given_], language)))


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("paper/*")))
def test_paper_and_workbooks_read_as_when_a_person_last_looked_at_them(name):
    assert made()[name].rstrip("\n") + "\n" == (FOLDER / "paper" / name).read_text()


@settings(max_examples=50, deadline=None)
@given(documents(named=False), st.sampled_from(LANGUAGES))
def test_every_line_of_any_document_is_on_its_paper_with_its_sums(document_, language):
    text = whole(document_, language)
    for each in document_.lines:
        for amounts in counted(each, document_):
            assert squeezed(money(amounts.total, language)) in text
            if amounts.grams is not None:
                assert squeezed(kilograms(amounts.grams, language)) in text
        letters = squeezed(visible(each.name))
        assert not letters or letters[:4] in text
    total = abs(document_.total)
    assert squeezed(money(total, language)) in text


@settings(max_examples=40, deadline=None)
@given(documents(named=False, most=3), st.sampled_from(LANGUAGES))
def test_equal_calls_make_equal_bytes_and_every_reader_opens_them(document_, language):
    pdf = document_pdf([document_], language)
    assert pdf == document_pdf([document_], language)
    assert len(pypdf.PdfReader(BytesIO(pdf), strict=True).pages) > 0


def test_another_process_prints_the_same_bytes():
    program = (
        "import hashlib, tests.render.documents as d;"
        "from app.render.document_pdf import document_pdf as p;"
        "print(hashlib.sha256(p([d.SALE, d.CORRECTION], 'ru')).hexdigest())"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "3"},
        capture_output=True,
        check=True,
        text=True,
    )
    here = hashlib.sha256(document_pdf([SALE, CORRECTION], "ru")).hexdigest()
    assert there.stdout.strip() == here


def test_a_thousand_lines_are_all_there_and_every_page_has_its_heads_and_number():
    pages = text_of(document_pdf([THOUSAND], "ru"))
    assert 20 < len(pages) < 30
    for number, page in enumerate(pages, 1):
        assert f"стр.{number}из{len(pages)}" in page
        assert "РеализациятоваровNo" in page.replace("№", "No")
    assert all("НаименованиеЕд." in page for page in pages)
    text = "".join(pages)
    for each in THOUSAND.lines:
        unit = "шт" if each.grams is None else "кг"
        assert text.count(f"{each.sku}{squeezed(each.name)}{unit}") == 1, each.sku
    assert squeezed(money(THOUSAND.total, "ru")) in pages[-1]
    assert "Получил" in pages[-1]


def test_a_name_is_wrapped_and_never_cut_even_when_it_is_longer_than_a_page():
    long = document(Kind.SALE, 1, (line(1, LONG, 100, RATES[0]), line(2, "а" * 9000, 5, RATES[3])))
    text = whole(long)
    pages = len(text_of(document_pdf([long], "ru")))
    assert text.count("особому") == 40
    assert text.count("а" * 20) >= 9000 // 60
    assert sum(map(len, re.findall("а{5,}", text))) == 9000
    assert pages > 2


def test_what_the_typeface_cannot_draw_is_seen_to_be_missing():
    text = whole(SALE)
    assert f"Кофевзёрнах{MISSING}«{MISSING}rábica№1»" in text


def test_what_is_given_back_stands_without_minus_under_a_title_that_says_it():
    text = whole(RETURN)
    assert "ВозвраттоваровотпокупателяNo" in text.replace("№", "No")
    assert "Всегоквозврату:230,31руб." in text
    assert "Двеститридцатьрублей31копейка" in text
    assert "−" not in text


def test_a_correction_says_what_was_what_is_and_the_difference():
    text = whole(CORRECTION)
    for said in (
        "доизменениякг1,234129,900,6010%145,1814,52159,70",
        "послеизменениякг1,204119,900,6010%130,6913,07143,76",
        "изменениекг−0,030−10,00—10%−14,49−1,45−15,94",
        "Увеличение16,403,6020,00",
        "Уменьшение−14,49−1,45−15,94",
        "Кдоплате:4,06руб.",
        "КдокументуРеализациятоваров№ЧГ26-000042от14марта2026г.",
    ):
        assert said in text, said


def test_a_correction_to_less_says_so_in_words_without_a_minus():
    (down, _) = CORRECTION.lines
    text = whole(replace(CORRECTION, lines=(down,), total=down.total, vat_total=down.vat))
    assert "Куменьшению:15,94руб." in text
    assert "Пятнадцатьрублей94копейки" in text


def test_an_agent_whose_fee_is_more_than_he_sold_is_paid_and_pays_nothing():
    sold = line(1, "Хлеб", 100, ("standard", 22))
    text = whole(document(Kind.COMMISSION, 1, (sold,), detail={"fee": 600}))
    assert squeezed(f"К доплате комиссионеру: {money(500, 'ru')}") in text
    assert squeezed("К перечислению") not in text


def test_marks_stand_under_their_line_without_their_crypto_tail():
    codes = tuple(mark(f"S{n:04}") for n in range(300))
    beer = line(1, "Пиво", 9990, RATES[0], pieces=300, marks=codes)
    text = whole(document(Kind.SALE, 1, (beer, line(2, "Хлеб", 100, RATES[3]))))
    assert all(text.count(identity(code)) == 1 for code in codes)
    assert "93A<&>" not in text


def test_a_correction_tells_the_marks_that_are_not_sold_after_all():
    gone = replace(CORRECTION.lines[1], marks=(mark("S1"),))
    text = whole(replace(CORRECTION, lines=(gone,), total=gone.total, vat_total=gone.vat))
    assert f"Непроданыкодымаркировки:{identity(mark('S1'))}" in text


def test_what_is_not_known_of_the_parties_is_left_out():
    bare = replace(SALE, seller=Party(), buyer=Party(), warehouse=Party())
    text = whole(bare)
    for label in ("ИНН", "КПП", "Покупатель", "Договор", "Склад", "р/с", ",,"):
        assert label not in text, label
    assert "ПродавецЧайныйгость" in text


def test_a_document_without_lines_says_so():
    empty = replace(SALE, lines=(), total=0, vat_total=0)
    assert "Вдокументенетниоднойпозиции" in whole(empty)
    assert "Нольрублей00копеек" in whole(empty)


def test_figures_too_long_for_upright_paper_turn_it():
    costly = line(1, "Слиток", 10**12, RATES[0], pieces=1234567, off=10**9)
    ((_, _, width, height),) = [
        page.mediabox for page in pypdf.PdfReader(
            BytesIO(document_pdf([document(Kind.SALE, 1, (costly,))], "ru"))).pages
    ]  # fmt: skip
    assert width > height
    assert squeezed(money(costly.total, "ru")) in whole(document(Kind.SALE, 1, (costly,)))


def test_several_documents_have_page_numbers_of_their_own():
    pages = text_of(document_pdf([SALE, RETURN], "ru"))
    assert [page.count("стр.1из1") for page in pages] == [1, 1]


def test_receipts_have_no_paper():
    with pytest.raises(Unprintable, match="kind: receipt_final"):
        document_pdf([replace(SALE, kind=Kind.RECEIPT_FINAL)], "ru")


def test_every_sample_was_looked_at_in_its_own_words():
    assert SHOWN.keys() >= SAMPLES.keys()
    assert "Sale of goods No." in layout(document_pdf([SALE], "en"))
