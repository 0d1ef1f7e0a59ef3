"""The letters of paper: every one has a picture, no line is wider than its place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.barcode import check_digit
from app.render.paper import MILLIMETRE, Paper
from app.render.symbol import code128, goods_code
from app.render.typeface import MISSING, Face, fit, font, visible, width, wrap
from tests.render.paper_samples import barcodes_of, hostile, picture_of

RUSSIAN = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюя"
SIGNS = "№₽…—–«»×≈°%·’0123456789" + MISSING
sizes = st.sampled_from([0.5, 3.0, 12.0])


@pytest.mark.parametrize("face", Face)
def test_every_cut_has_the_russian_letters_and_the_signs_of_paper(face):
    drawn = font(face).face.charToGlyph
    assert not [sign for sign in RUSSIAN + SIGNS if ord(sign) not in drawn]
    assert all(width(sign, face, 10) > 0 for sign in RUSSIAN)


@given(hostile)
def test_whatever_a_name_holds_only_drawable_characters_are_left(text):
    seen = visible(text)
    assert all(ord(sign) in font(face).face.charToGlyph for face in Face for sign in seen)
    assert seen.isprintable()
    assert visible(seen) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Чай 🍵 漢", f"Чай {MISSING} {MISSING}"),
        ("a\r\n\tb\x00c\xa0d", "a b c d"),
        ("и\u0306", "й"),  # a letter in two parts is put together
        ("\u202egnp\u200d", "gnp"),
        ("\ud800", MISSING),
        ("", ""),
    ],
)
def test_what_cannot_be_drawn_is_seen_to_be_missing(text, seen):
    assert visible(text) == seen


@given(hostile.map(visible), st.sampled_from(Face), sizes, st.floats(20, 200), st.integers(1, 9))
def test_wrapped_lines_fit_and_lose_nothing_but_what_the_ellipsis_says(text, face, size, most, n):
    lines = wrap(text, face, size, most, lines=n)
    assert len(lines) <= n
    assert all(width(line, face, size) <= most + 0.01 for line in lines)
    read = "".join("".join(lines).split())
    whole = "".join(text.split())
    assert read == whole or (read[-1] == "…" and whole.startswith(read[:-1]))


@given(hostile.map(visible), st.sampled_from(Face), st.floats(10, 300))
def test_a_fitted_text_is_never_too_wide(text, face, most):
    fitted = fit(text, face, 10, most)
    assert width(fitted, face, 10) <= most + 0.01
    assert fitted == text or text.startswith(fitted.removesuffix("…"))


@given(hostile)
def test_only_what_scanners_and_printers_leave_alone_becomes_bars(code):
    symbol = code128(code)
    assert symbol is None or (code.isascii() and not set(code) & set("^~_>\\\x1d") - {"_"})


def test_a_code_with_a_wrong_check_digit_is_not_drawn_as_an_ean():
    assert goods_code("4607053473651").kind == "code128"
    assert goods_code("4607053473650").kind == "ean13"
    assert goods_code("46009333").kind == "ean8"
    assert goods_code("123456789012").text == "0123456789012"


@settings(max_examples=25)
@given(st.from_regex(r"[1-9]([0-9]{6}|[0-9]{11})", fullmatch=True))
def test_a_scanner_reads_any_goods_code_as_it_was(digits):
    code = f"{digits}{check_digit(digits)}"
    paper = Paper((60, 20), MILLIMETRE, "", "ru")
    paper.bars(goods_code(code), (10, 4), 0.28, 9.5)
    assert barcodes_of(picture_of(paper.finish())) == {(f"EAN{len(code)}", code)}
