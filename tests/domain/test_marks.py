"""Product marks: what a code is made of, whose goods it names, and what the marking system says."""

import string
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import marks
from app.domain.gs1 import GS, check_digit
from app.domain.marks import Checks, MarkStatus, held, identity, parse, plain, why_not
from app.domain.order import MarkUse, OrderState
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED
from tests.domain.build import DUE, an_order, piece, uid
from tests.factories import MARKED_EAN, mark

#: GS1's character set 82 (General Specifications, 7.11).
SET_82 = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"
GTINS = st.integers(1, 10**13 - 1).map(
    lambda n: f"{n:013d}" + str(check_digit(f"{n:013d}"))
)  # fmt: skip
SERIALS = st.text(SET_82, min_size=1, max_size=20)
TAILS = st.sampled_from(
    ("93{0:.4}", f"91{{0:.4}}{GS}92{{0:.44}}", f"93{{0:.4}}{GS}3103000500", "91{0:.4}")
).flatmap(lambda form: st.text(SET_82, min_size=44, max_size=44).map(form.format))
CODES = st.tuples(GTINS, SERIALS, TAILS)
NOW = DUE


@given(CODES)
def test_a_full_code_is_taken_apart_and_nothing_of_it_is_lost(parts):
    gtin, serial, tail = parts
    code = f"01{gtin}21{serial}{GS}{tail}"
    found = parse(code)
    assert (found.gtin, found.ki, found.code) == (gtin, f"01{gtin}21{serial}", code)
    assert identity(code) == found.ki
    assert msgspec.json.decode(msgspec.json.encode([found.code])) == [code]
    assert b"\\u001d" in msgspec.json.encode(found.code)


@given(
    CODES,
    st.sampled_from(("", "]d2", "]d2\x1d", "\x1d", "]C1", " ")),
    st.sampled_from(("", "\n", "\r\n")),
)
def test_what_a_scanner_puts_around_a_code_is_not_of_it(parts, before, after):
    gtin, serial, tail = parts
    code = f"01{gtin}21{serial}{GS}{tail}"
    assert plain(before + code + after) == code == plain(plain(before + code + after))


@given(CODES)
def test_without_its_separator_or_its_tail_a_code_is_unusable(parts):
    gtin, serial, tail = parts
    for broken in (f"01{gtin}21{serial}", f"01{gtin}21{serial}{GS}", f"01{gtin}21{GS}{tail}",
                   f"01{gtin}21{serial}{tail}".replace(GS, "")):  # fmt: skip
        with pytest.raises(Refused) as caught:
            parse(broken)
        assert caught.value.code is Code.MARK_INVALID
        assert caught.value.details == {"mark": broken}


@given(st.text(max_size=60))
def test_any_text_is_a_mark_or_a_refusal(text):
    try:
        said = parse(text).code
    except Refused as refusal:
        said = refusal.code
    assert said is Code.MARK_INVALID or GS in said


@pytest.mark.parametrize(
    "raw",
    [
        "", "m1", MARKED_EAN, mark("s").replace("0104690001004013", "0104690001004014"),
        mark(serial="x" * 21), mark(serial="кириллица"), mark("s") + "\u00e9", mark(serial="a b"),
    ],
)  # fmt: skip
def test_what_is_no_mark_is_refused(raw):
    with pytest.raises(Refused, match="MARK_INVALID"):
        parse(raw)


def test_goods_without_codes_of_ours_take_any_mark_but_that_of_another_line():
    bare = replace(piece(1, pieces=1, marked=True), barcodes=())
    order = an_order(bare, piece(2, pieces=1))
    marks.check(order, bare, (mark(),), {})
    with pytest.raises(Refused) as caught:
        marks.check(order, bare, (mark(ean="4690003009016"),), {})
    assert caught.value.code is Code.WRONG_ITEM
    assert caught.value.details["got"] == "p2"


@pytest.mark.parametrize("state", OrderState)
def test_an_order_that_ended_without_a_sale_holds_no_unit(state):
    code = mark()
    line = piece(1, marks=(code,), mark_uses=(MarkUse(code, 250),))
    expected = {} if state in ENDED else {(uid(1), identity(code)): 250}
    assert held(an_order(line, state=state)) == expected


def test_only_what_is_worth_a_word_is_kept_beside_a_mark():
    whole, half, checked = mark(), mark(), mark()
    checks = Checks({identity(checked): ("c-1", NOW)})
    uses = checks.uses([(whole, 1000), (half, 500), ("]d2" + checked, 1000)])
    assert uses == (MarkUse(half, 500), MarkUse(checked, 1000, "c-1", NOW))


GOOD = MarkStatus("c", *[True] * 5, sold=False, blocked=False, expires_at=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        ({}, None),
        ({"expires_at": None}, None),
        ({"found": False}, "not_found"),
        ({"valid": False}, "not_valid"),
        ({"utilised": False}, "not_applied"),
        ({"verified": False}, "not_verified"),
        ({"blocked": True}, "blocked"),
        ({"sold": True, "realizable": False}, "sold"),
        ({"sold": True, "realizable": False, "gray_zone": True}, None),
        ({"realizable": False}, "not_in_circulation"),
        ({"expires_at": NOW}, "expired"),
        ({"blocked": True, "sold": True}, "blocked"),
    ],
)
def test_a_unit_may_be_sold_unless_the_marking_system_says_why_not(fact, why):
    assert why_not(replace(GOOD, **fact), NOW) == why
