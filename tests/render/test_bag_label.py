"""A bag's label: read at arm's length, by a scanner, and by a printer that obeys every caret."""

import re
from dataclasses import fields, replace
from io import BytesIO

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.domain.goods import Temperature
from app.render.bag_label import HIGH, WIDE, Star, Text, layout
from app.render.label_print import label_pdf, label_png, label_zpl, label_zpl_picture
from app.render.language import LANGUAGES, say
from tests.render.paper_samples import DUE, LABEL, barcodes_of, hostile, text_of

COMMANDS = {"XA", "CI", "PW", "LL", "LH", "FW", "FT", "FO", "FB", "A0", "A@", "FH", "FD", "FS",
            "FR", "GB", "GD", "BY", "BC", "PQ", "XZ"}  # fmt: skip
codes = st.from_regex(r"[0-9A-Z][0-9A-Z-]{0,13}[0-9A-Z]", fullmatch=True)


def labels():
    said = {each.name: hostile for each in fields(LABEL) if each.type == "str"}
    said |= {"timezone": st.just("Europe/Moscow"), "language": st.sampled_from(LANGUAGES)}
    return st.builds(
        replace,
        st.just(LABEL),
        **said,
        place=st.none() | hostile,
        temperature=st.sampled_from(Temperature),
        index=st.integers(1, 99),
        count=st.none() | st.integers(1, 99),
    )


def fields_of(zpl):
    """The texts a printer would print, hexadecimal undone."""
    for data in re.findall(r"\^FH_\^FD(.*?)\^FS", zpl):
        raw = re.sub(rb"_([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), data.encode("ascii"))
        yield raw.decode("utf-8")


def picture(png):
    return Image.open(BytesIO(png))


@given(labels())
def test_no_text_speaks_to_the_printer(label):
    zpl = label_zpl(label)
    assert zpl.replace("\n", "").isprintable()
    assert zpl.isascii()
    assert "~" not in zpl
    assert set(re.findall(r"\^(..)", zpl)) <= COMMANDS
    assert zpl.startswith("^XA^CI28")
    assert zpl.endswith("^XZ\n")
    assert zpl.count("^XA") == zpl.count("^XZ") == 1
    assert zpl.count("^FD") + zpl.count("^G") == zpl.count("^FS")


@given(labels())
def test_a_field_says_what_the_label_says_or_its_beginning(label):
    texts = [mark.text for mark in layout(label) if isinstance(mark, Text)]
    for said, meant in zip(fields_of(label_zpl(label)), texts, strict=True):
        assert meant.replace("\\", "/").startswith(said.removesuffix("…"))


@given(labels())
def test_everything_stands_on_the_label(label):
    for mark in layout(label):
        if isinstance(mark, Text):
            left, top, wide, high = mark.box
            assert 0 <= left < left + wide <= WIDE
            assert 0 <= top < top + high <= HIGH


@settings(max_examples=25)
@given(labels())
def test_any_label_becomes_one_page_and_one_picture(label):
    assert len(text_of(label_pdf(label))) == 1
    assert picture(label_png(label)).size == (WIDE, HIGH)


@settings(max_examples=25)
@given(codes, st.sampled_from(Temperature))
def test_a_scanner_reads_the_bags_code_from_the_printers_dots(code, temperature):
    drawn = picture(label_png(replace(LABEL, code=code, temperature=temperature)))
    assert barcodes_of(drawn.convert("L")) == {("Code128", code)}
    assert f"^FD{code}^FS" in label_zpl(replace(LABEL, code=code))


def test_a_code_no_scanner_could_give_back_is_printed_as_text():
    label = replace(LABEL, code="пакет>;9")
    assert "^BC" not in label_zpl(label)
    assert "пакет>;9" in text_of(label_pdf(label))[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("temperature", Temperature)
def test_the_label_shows_the_short_code_and_the_temperature_large(language, temperature):
    marks = layout(replace(LABEL, language=language, temperature=temperature))
    size = {mark.text: mark.size for mark in marks if isinstance(mark, Text)}
    word = say(language, f"paper.temperature.{temperature}")
    assert word == word.upper()
    assert size["7381"] >= 120  # 11 mm of capital letters
    assert size[word] >= 48


def test_cold_is_told_from_colder_without_reading():
    stars = {
        each: sum(isinstance(mark, Star) for mark in layout(replace(LABEL, temperature=each)))
        for each in Temperature
    }
    assert stars == {"ambient": 0, "chilled": 1, "frozen": 3, "non_food": 0}


def test_a_page_is_as_large_as_the_label_and_says_all_of_it():
    pdf = label_pdf(LABEL)
    (page,) = pypdf.PdfReader(BytesIO(pdf)).pages
    assert [round(float(side) / 72 * 25.4, 2) for side in page.mediabox.upper_right] == [58, 40]
    (text,) = text_of(pdf)
    for said in ("7381", "2/3", "пакет", "МОРОЗ", "A-12", "H1042-7381", "к20:45", "22нояб.",
                 "СберМаркет,Лента,Ленинскийпр-т", "B-7F3K2A-2"):  # fmt: skip
        assert said in text


def test_the_number_of_bags_is_left_out_while_nobody_knows_it():
    texts = {mark.text for mark in layout(replace(LABEL, count=None)) if isinstance(mark, Text)}
    assert "2" in texts
    assert not any("/" in text for text in texts)


def test_the_couriers_code_wins_over_the_orders_number():
    assert "4Q9X" in text_of(label_pdf(replace(LABEL, short_code="77-4q9x")))[0]


def test_the_picture_has_a_printers_dots_in_black_and_white():
    drawn = picture(label_png(LABEL))
    assert drawn.mode == "1"
    assert [round(each) for each in drawn.info["dpi"]] == [203, 203]


def test_a_printer_without_cyrillic_gets_the_same_dots():
    sent = re.search(r"\^GFA,(\d+),\1,58,([0-9A-F]+)\^FS\^PQ1\^XZ\n$", label_zpl_picture(LABEL))
    black = Image.frombytes("1", (WIDE, HIGH), bytes.fromhex(sent[2]))
    white = picture(label_png(LABEL))
    assert all(a != b for a, b in zip(black.tobytes(), white.tobytes(), strict=True))
    assert [255 - byte for byte in black.tobytes()] == list(white.tobytes())


def test_equal_labels_make_equal_bytes_and_other_ones_do_not():
    other = replace(LABEL, due_at=DUE.replace(minute=50))
    for made in (label_pdf, label_png, label_zpl, label_zpl_picture):
        assert made(LABEL) == made(replace(LABEL))
        assert made(LABEL) != made(other)


def test_the_printers_own_typeface_is_the_shops_choice():
    assert ",E:TT0003M_.FNT^" in label_zpl(LABEL)
    assert "^A@" not in label_zpl(LABEL, font="0")
    assert ",E:ARI000.FNT^" in label_zpl(LABEL, font="E:ARI000.FNT")
