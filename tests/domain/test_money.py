"""Kopecks: read, rounded half up, taxed from inside."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import MAX_KOPECKS, by_weight, half_up, parse_roubles, roubles, vat_inside


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("0", 0), ("0.00", 0), ("-0", 0), ("-0.00", 0), ("1", 100), ("129.9", 12990),
        ("129.90", 12990), ("129.900000", 12990), ("00012.34", 1234), ("10000000000", MAX_KOPECKS),
    ],
)  # fmt: skip
def test_roubles_become_kopecks(text, kopecks):
    assert parse_roubles(text) == kopecks


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1 ", " 1", "1,50", "1.505", "1e3", "1E100000", "NaN", "Infinity", "-Infinity",
        "-0.01", "-1", "+1", "0x10", "1_000", "١٢", "1.", ".5", "1.0000001", "10000000000.01",
        "9999999999999", "1\n", "\u0000", "٣.00", "1.00₽", "--1", "None", "null", "true",
    ],
)  # fmt: skip
def test_what_is_no_sum_of_roubles_is_refused(text):
    with pytest.raises(ValueError, match=r"roubles|kopeck|range"):
        parse_roubles(text)


@given(st.integers(0, MAX_KOPECKS))
def test_a_sum_written_and_read_again_is_the_same(kopecks):
    assert parse_roubles(roubles(kopecks)) == kopecks


@given(st.integers(1, MAX_KOPECKS))
def test_a_sum_given_back_is_the_same_with_a_sign(kopecks):
    assert roubles(-kopecks) == f"-{roubles(kopecks)}"


@given(st.text(max_size=30))
def test_any_text_is_a_sum_or_a_value_error(text):
    with contextlib.suppress(ValueError):
        assert 0 <= parse_roubles(text) <= MAX_KOPECKS


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(0, 7, 0), (1, 2, 1), (1, 3, 0), (2, 3, 1), (5, 10, 1), (4, 10, 0), (15, 10, 2), (25, 10, 3)],
)
def test_a_half_is_rounded_up(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded


@given(st.integers(0, 10**18), st.integers(1, 10**9))
def test_rounding_is_never_off_by_more_than_a_half(numerator, denominator):
    off = Fraction(half_up(numerator, denominator)) - Fraction(numerator, denominator)
    assert Fraction(-1, 2) < off <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("percent", "vat"),
    [(10, 1727), (20, 3167), (22, 3426), (0, 0), (None, 0)],
)
def test_the_tax_inside_a_sum_of_189_99(percent, vat):
    assert vat_inside(18999, percent) == vat


@given(st.integers(0, MAX_KOPECKS), st.integers(0, 100))
def test_the_tax_is_a_part_of_the_sum(total, percent):
    assert 0 <= vat_inside(total, percent) <= total


@pytest.mark.parametrize(
    ("price", "grams", "unit_grams", "total"),
    [
        (12990, 1000, 1000, 12990), (12990, 1040, 1000, 13510), (12990, 1, 1000, 13),
        (12990, 0, 1000, 0), (4590, 250, 100, 11475), (9999, 333, 1000, 3330), (1, 500, 1000, 1),
        (1, 499, 1000, 0),
    ],
)  # fmt: skip
def test_goods_by_weight_cost_their_share_of_the_unit(price, grams, unit_grams, total):
    assert by_weight(price, grams, unit_grams) == total
