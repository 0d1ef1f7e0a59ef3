"""Foreign values made ours: weighed rows of one SKU, sums in any currency's minor units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.order import DraftLine, Unit
from app.errors import Malformed
from app.marketplaces import reading

AMOUNTS = st.integers(1, 500)
PRICES = st.integers(0, 10**6)


def piece(price, pieces):
    return DraftLine("A", "A", Unit.PIECE, price, pieces)


def weighed(price, grams, unit_grams):
    return DraftLine("A", "A", Unit.WEIGHT, price, 1, grams=grams, unit_grams=unit_grams)


@given(st.lists(st.tuples(PRICES, AMOUNTS), min_size=1, max_size=5))
def test_weighed_rows_that_have_a_price_each_are_one_line_that_costs_what_they_cost(rows):
    apart = [weighed(price, grams, grams) for price, grams in rows]
    (line,) = reading.lines(apart)
    assert line.grams == sum(grams for _, grams in rows)
    less = reading.total([line]) - reading.total(apart)
    assert 0 <= less <= len(rows)


def test_two_weights_of_one_good_are_one_line():
    (line,) = reading.lines([weighed(450, 900, 900), weighed(620, 1250, 1250)])
    assert (line.grams, line.unit_grams, line.price) == (2150, 2150, 1070)


def test_one_good_counted_and_weighed_is_malformed():
    with pytest.raises(Malformed, match="two units"):
        reading.lines([piece(5, 1), weighed(5, 100, 100)])


def test_too_much_of_one_good_is_malformed():
    with pytest.raises(Malformed, match="too many"):
        reading.lines([piece(1, 10_000) for _ in range(200)])


@pytest.mark.parametrize(
    ("value", "currency", "ours"),
    [(1050, "EUR", 1050), (500, "JPY", 50_000), (500, "ISK", 50_000), (1500, "KWD", 150),
     (1995, "KWD", 200), (1994, "KWD", 199), (None, "JPY", None)],
)  # fmt: skip
def test_minor_units_are_those_of_the_currency(value, currency, ours):
    assert reading.minor(value, "price", currency) == ours


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
@given(st.integers(0, 10**6))
def test_sums_go_back_as_they_came(currency, value):
    value *= 10  # a tenth of a hundredth part is not kept
    assert reading.in_minor(reading.minor(value, "price", currency), currency) == value


@pytest.mark.parametrize("value", [-1, 10**12 + 10, 10**40])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_sums_out_of_range_are_malformed(value, currency):
    with pytest.raises(Malformed):
        reading.minor(value if value < 0 else value * 10, "price", currency)
