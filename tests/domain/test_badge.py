"""Badges, PINs and device codes as people meet them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.badge import (
    badge_code,
    badge_of,
    is_badge_code,
    is_weak,
    new_badge,
    new_device_code,
    new_pin,
    plain_device_code,
)

CHANCES = st.integers(0, 2**32).map(random.Random)
BADGES = st.from_regex(r"[0-9]{1,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "badge"),
    [("1001", "1001"), (" 1001\r", "1001"), ("BADGE-1001", "1001"), ("badge-1001", "1001"),
     ("ИФВПУ-1001", "1001"), ("ифвпу-1001", "1001"), ("BADGE-", "BADGE-"), ("", ""),
     ("BADGE-BADGE-1", "BADGE-1"), ("4690001004013", "4690001004013")],
)  # fmt: skip
def test_a_badge_is_the_same_typed_or_scanned(text, badge):
    assert badge_of(text) == badge


@given(BADGES)
def test_what_is_printed_on_a_badge_is_read_back(badge):
    assert badge_of(badge_code(badge)) == badge
    assert is_badge_code(badge_code(badge))
    assert not is_badge_code(badge)


@given(CHANCES)
def test_a_new_pin_is_six_digits_and_never_weak(chance):
    pin = new_pin(chance.randrange)
    assert len(pin) == 6
    assert pin.isdecimal()
    assert not is_weak(pin)


@pytest.mark.parametrize("pin", ["000000", "777777", "123456", "987654", "789012", "321098"])
def test_what_everybody_tries_first_is_weak(pin):
    assert is_weak(pin)


@pytest.mark.parametrize("pin", ["583026", "112233", "135790", "4711"])
def test_other_pins_are_not_weak(pin):
    assert not is_weak(pin)


@given(CHANCES)
def test_a_device_code_survives_being_typed(chance):
    code = new_device_code(chance.randrange)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert plain_device_code(typed) == plain_device_code(code)


def test_device_codes_do_not_repeat():
    chance = random.Random(1)
    assert len({new_device_code(chance.randrange) for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("text", "badge"),
    [("1001", "1001"), (" BADGE-1001\n", "1001"), ("ИФВПУ-A.b-7", "A.b-7"), ("x" * 20, "x" * 20),
     ("x" * 21, None), ("", None), (" ", None), ("BADGE-", None), ("BADGE-BADGE-1", None),
     ("-1", None), ("ж", None), ("10 01", None), ("10\x0001", None)],
)  # fmt: skip
def test_a_new_badge_can_be_printed_and_is_nobody_elses(text, badge):
    assert new_badge(text) == badge
