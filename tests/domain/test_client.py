"""Versions of the handheld's application are compared as numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.client import dotted, too_old, version

NUMBERS = st.lists(st.integers(0, 999_999), min_size=1, max_size=5)


def written(numbers):
    return ".".join(map(str, numbers))


@given(NUMBERS, NUMBERS)
def test_a_version_is_too_old_exactly_when_its_numbers_are_smaller(one, other):
    padded = [[*numbers, 0, 0, 0, 0, 0][:5] for numbers in (one, other)]
    assert too_old(written(one), version(written(other))) is (padded[0] < padded[1])


@given(NUMBERS)
def test_a_version_is_read_as_it_is_written(numbers):
    read = version(written(numbers))
    assert version(dotted(read)) == read


@pytest.mark.parametrize("text", ["", "v2", "2.", ".2", "2..1", "2.1-beta", "1234567", "२", "2,1"])
def test_what_is_no_version_is_too_old_wherever_one_is_asked_for(text):
    assert version(text) is None
    assert too_old(text, (1,))
    assert not too_old(text, ())


def test_ten_comes_after_nine():
    assert not too_old("1.10", (1, 9))
    assert too_old("1.9", (1, 10))
    assert not too_old("2.0.0", (2,))
