"""GS1 messages, taken apart as another reader takes them apart."""

from datetime import date
from decimal import Decimal

import pytest
from biip import ParseConfig, ParseError
from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS as THEIRS
from biip.gs1_messages import GS1Message
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.gs1_elements import _PATTERNS as OURS
from app.domain.gs1_elements import GS, bracketed, elements, written

PLAIN = ParseConfig(gs1_element_strings_verify_date=False, separator_chars=(GS,))
#: They let these be empty.
MAY_BE_EMPTY = ("30", "7004")
CHARACTERS = "!\"'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz"


ASCII = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="%")


def after(ai):
    return lambda text: text[len(ai) :]


def theirs(text):
    try:
        found = GS1Message.parse(text, config=PLAIN).element_strings
    except ParseError:
        return None
    return [(each.ai.ai, each.value) for each in found]


def ours(text):
    found = elements(text)
    return None if found is None else [(each.ai, each.value) for each in found]


def test_every_identifier_of_the_standard_is_known():
    assert OURS.keys() == THEIRS.keys()


@st.composite
def messages(draw):
    """Identifiers with data that is right, nearly right, or anything; separators here and there."""
    parts = []
    for _ in range(draw(st.integers(1, 5))):
        ai = draw(st.sampled_from([*OURS]))
        data = draw(
            st.from_regex(THEIRS[ai].pattern, fullmatch=True, alphabet=ASCII).map(after(ai))
            | st.text("0123456789", max_size=24)
            | st.text(CHARACTERS, max_size=40)
        )
        parts += [ai, data, draw(st.sampled_from(["", GS, GS, GS + GS]))]
    return "".join(parts).strip(GS)


@given(messages())
def test_a_message_is_what_another_reader_makes_of_it(text):
    assume(text and "%" not in text and text.isascii() and text == text.strip())
    found = theirs(text)
    assume(found is None or not any(ai in MAY_BE_EMPTY and not value for ai, value in found))
    if found != ours(text):
        # They stop at an element that may be empty; we say that the message is broken.
        assert any(ai in text for ai in MAY_BE_EMPTY), text


@settings(max_examples=2000)
@given(data=st.data())
def test_what_stands_behind_an_identifier_is_what_another_reader_takes(data):
    ai = data.draw(st.sampled_from([*OURS]))
    pattern = THEIRS[ai].pattern
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=ASCII))
    assume(len(text) > len(ai))
    assert ours(text) == theirs(text)


@given(st.lists(st.sampled_from(["(01)04690003009016", "(21)abc", "(17)260131", "(3103)001425",
                                 "(10)A-1", "(99)x", "(5)1", "(01)1"]), min_size=1))  # fmt: skip
def test_a_message_in_brackets_is_the_one_a_scanner_sends(parts):
    text = "".join(parts)
    try:
        known = GS1Message.parse_hri(text).value
    except ParseError:
        assert bracketed(text) is None
        return
    assert written(bracketed(text)) == known


@pytest.mark.parametrize(
    ("text", "day"),
    [("17260131", date(2026, 1, 31)), ("17260200", date(2026, 2, 28)),
     ("17280200", date(2028, 2, 29)), ("17260230", None), ("17260031", None),
     ("17991231", date(2099, 12, 31))],
)  # fmt: skip
def test_a_day_is_of_this_century_and_day_00_is_the_last_of_its_month(text, day):
    (element,) = elements(text)
    assert element.day() == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("3103001425", "1.425"), ("3100001425", "1425"), ("39221299", "12.99"),
     ("39326431299", "12.99"), ("392900000000001", "0.000000001")],
)  # fmt: skip
def test_the_last_digit_of_an_identifier_counts_decimals(text, number):
    (element,) = elements(text)
    assert element.decimal() == Decimal(number)


@given(st.text(max_size=60))
def test_nothing_is_broken_by_any_text(text):
    elements(text)
    bracketed(text)
