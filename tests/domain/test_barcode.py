"""What a scanned code says: goods, an in-store weight label, a product mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.barcode import GS, Scanned, check_digit, find_line, read
from tests.domain.build import piece, uid, weighed

MARK = f"0104690003009017215abcdeF{GS}93x7z="
BREAD = "4690003009011"


@pytest.mark.parametrize(
    "code",
    ["2112345015002", "2101234012345", "2200456008751", "2000001003565", "2500010000017",
     "4600000000008", "96385074", "036000291452", "10614141000415"],
)  # fmt: skip
def test_the_check_digit_of_a_right_code_is_its_last(code):
    assert check_digit(code[:-1]) == int(code[-1])


@pytest.mark.parametrize(
    ("raw", "plu", "grams"),
    [("2112345015002", "12345", 1500), ("2101234012345", "01234", 1234)],
)
def test_an_in_store_label_says_what_and_how_much(raw, plu, grams):
    assert read(raw) == Scanned(plu=plu, grams=grams)


@pytest.mark.parametrize("raw", ["2200456008751", "2000001003565", "2500010000017"])
def test_other_in_store_prefixes_are_goods_like_any_other(raw):
    assert read(raw) == Scanned(gtin=raw)


@pytest.mark.parametrize(
    ("raw", "gtin"),
    [
        ("4600000000008", "4600000000008"),
        (" 4600000000008\r\n", "4600000000008"),
        ("04600000000008", "4600000000008"),
        ("036000291452", "36000291452"),
        ("96385074", "96385074"),
    ],
)
def test_goods_are_read_with_or_without_leading_zeros(raw, gtin):
    assert read(raw) == Scanned(gtin=gtin)


@pytest.mark.parametrize("prefix", ["", "]d2", GS, "]d2" + GS, "]C1"])
def test_a_mark_keeps_its_separators_and_names_its_goods(prefix):
    assert read(prefix + MARK) == Scanned(gtin="4690003009017", mark=MARK)


@pytest.mark.parametrize(
    "raw",
    ["", " ", "x", "460000000000", "4600000000009", "21123450150021", "46000000000081",
     "4600000000008x", "४६०००००००००८", "01046900030090", "010469000300901793x7z", "\x00" * 13,
     "0" * 300, "https://example.test/4600000000008"],
)  # fmt: skip
def test_what_is_no_code_of_ours_is_not_guessed_at(raw):
    assert read(raw) is None


@given(st.text(max_size=60) | st.from_regex(r"[0-9\x1d()]{1,40}", fullmatch=True))
def test_any_text_at_all_is_read_or_not_but_never_breaks(raw):
    scanned = read(raw)
    assert scanned is None or scanned.gtin is not None or scanned.plu is not None


@given(st.integers(0, 10**12 - 1))
def test_one_wrong_digit_is_always_noticed(number):
    body = f"{number:012d}"
    right = check_digit(body)
    assert all(read(f"{body}{digit}") is None for digit in range(10) if digit != right)


def test_an_open_line_is_found_before_a_closed_one_with_the_same_goods():
    closed, still_open = piece(1, state="picked"), piece(2)
    assert find_line(Scanned(gtin=BREAD), [closed, still_open]) is still_open
    assert find_line(Scanned(gtin=BREAD), [closed]) is closed


def test_a_label_finds_the_weighed_line_and_a_strange_code_none():
    lines = [piece(1), weighed(2)]
    assert find_line(Scanned(plu="00101", grams=500), lines).id == uid(2)
    assert find_line(Scanned(plu="99999", grams=500), lines) is None
    assert find_line(Scanned(gtin="1"), lines) is None
