"""What stands in the way of closing an order, what differs, and what could stand for a line."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.candidates import Source, candidates
from app.domain.decide import decide
from app.domain.order import GONE
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.order import Replacement as Wish
from app.domain.review import review
from app.domain.shop import AccountRules, Shop
from tests.domain.build import DUE, an_order, piece, uid, weighed
from tests.domain.test_replacing import BREAD, instead, order_with, the_terms

FOUND = (
    piece(1, state=L.PICKED, picked_pieces=3),
    weighed(2, state=L.PICKED, picked_grams=1000, picked_pieces=1),
)


def looked_at(order, **terms):
    made = replace(the_terms(), **terms)
    return review(order, made)


def codes(remarks):
    return [remark.code for remark in remarks]


@pytest.mark.parametrize(
    ("lines", "blockers"),
    [
        (FOUND, []),
        ((piece(1), FOUND[1]), ["LINES_NOT_CLOSED"]),
        ((piece(1, state=L.PICKED, picked_pieces=3, marked=True), FOUND[1]), ["MARK_REQUIRED"]),
        ((piece(1, state=L.DROPPED, picked_pieces=0, reason=GONE), FOUND[1]), []),
    ],
)
def test_what_stands_in_the_way_is_said_with_its_lines(lines, blockers):
    seen = looked_at(an_order(*lines))
    assert codes(seen.blockers) == blockers
    assert all(remark.line_ids == (BREAD,) for remark in seen.blockers)
    assert all(remark.step == "complete" for remark in seen.blockers)


def test_a_customer_who_is_asked_stands_in_the_way_once():
    order = decide(order_with(), instead("same", pieces=3), the_terms()).order
    waiting = [x for x in looked_at(order).blockers if x.code == "APPROVAL_PENDING"]
    assert [remark.line_ids for remark in waiting] == [(BREAD,)]


def test_bags_stand_in_the_way_of_ready_where_the_shop_wants_them():
    (remark,) = looked_at(an_order(*FOUND), shop=Shop(bags="required")).blockers
    assert (remark.code, remark.step) == ("BAGS_NOT_SEALED", "ready")
    assert looked_at(an_order(*FOUND, state=S.READY), shop=Shop(bags="required")).blockers == ()


@pytest.mark.parametrize(
    ("order", "warnings"),
    [
        (an_order(*FOUND), []),
        (an_order(replace(FOUND[1], picked_grams=1200)), ["WEIGHT_OVER_SOFT_LIMIT"]),
        (an_order(replace(FOUND[1], picked_grams=800)), ["WEIGHT_UNDER_SOFT_LIMIT"]),
        (an_order(replace(FOUND[0], min_age=18)), ["AGE_CHECK_REQUIRED"]),
        (an_order(piece(1, state=L.DROPPED, picked_pieces=0)), ["NOTHING_FOUND"]),
        (an_order(*FOUND, authorised_total=1), ["OVER_AUTHORISED"]),
    ],
)
def test_what_a_picker_should_know_is_said_though_it_stops_nothing(order, warnings):
    calm = AccountRules(authorised_percent=1000)
    assert codes(looked_at(order, rules=calm).warnings) == warnings


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ({"discount": 300}, 10_300),
        ({"discount": 300, "agreed_total": 10_200}, 10_300),
        ({"discount": 300, "agreed_total": 10_400}, 10_400),
        ({"authorised_total": 9_000, "discount": 300}, 9_300),
        ({"delivery_fee": 19_900}, 10_000),
    ],
)
def test_goods_may_cost_what_comes_off_the_order_more_and_the_delivery_buys_none(said, most):
    assert looked_at(an_order(*FOUND, **said)).authorised == most


def test_little_time_is_worth_a_word_until_the_order_is_ready():
    calm = AccountRules(authorised_percent=1000)
    soon = DUE - timedelta(minutes=9)
    assert codes(looked_at(an_order(*FOUND), now=soon, rules=calm).warnings) == ["DUE_SOON"]
    assert looked_at(an_order(*FOUND, state=S.READY), now=soon, rules=calm).warnings == ()


def test_sums_and_differences_are_of_lines_that_count():
    short = piece(1, state=L.SHORT, picked_pieces=2)
    gone = piece(3, state=L.DROPPED, picked_pieces=0, reason=GONE)
    heavy = replace(FOUND[1], picked_grams=1040)
    seen = looked_at(an_order(short, heavy, gone))
    assert [(x.line.id, x.now - x.ordered) for x in seen.differences] == [
        (uid(1), -5450), (uid(2), 520),
    ]  # fmt: skip
    assert seen.now == 2 * 5450 + 13510
    assert seen.may_cost == 3 * 5450 + 13510


@pytest.mark.parametrize("state", S)
def test_an_order_may_be_looked_at_in_any_state(state):
    order = decide(order_with(replacement=Wish.REPLACE), instead("same", pieces=3),
                   the_terms()).order  # fmt: skip
    seen = looked_at(replace(order, state=state))
    assert (seen.now, len(seen.differences)) == (3 * 5450, 1)
    assert [each.external_id for each in seen.differences[0].instead] == ["same"]


# Candidates.


def named(order, *skus, source=Source.CHAIN, **rules):
    found = candidates(order, order.lines[0], [(sku, source) for sku in skus],
                       the_terms(minutes=1, **rules))  # fmt: skip
    return [(each.sku, each.difference, each.needs_approval, each.refused) for each in found]


def test_candidates_are_judged_by_the_rule_that_would_decide():
    order = order_with(piece(wish_skus=("same",)), weighed(), replacement=Wish.ASK)
    assert named(order, "same", "cheap", "dear", "priceless", "pears") == [
        ("same", 0, False, None),
        ("cheap", 3 * (2000 - 5450), True, None),
        ("dear", 3 * (9900 - 5450), True, None),
        ("priceless", None, False, "no_price"),
        ("pears", 12990 - 3 * 5450, True, None),  # a kilogram, when nobody said how much
    ]
    assert named(order, "dear", replacement_price="not_dearer") == [("dear", None, False, "dearer")]


def test_candidates_that_cannot_be_are_left_out_and_each_is_named_once():
    order = order_with(replacement=Wish.REPLACE)
    assert named(order, "unknown", "beer", "p1") == []
    twice = candidates(
        order,
        order.lines[0],
        [("same", Source.CUSTOMER), ("same", Source.SEARCH)],
        the_terms(),
    )
    assert [each.source for each in twice] == [Source.CUSTOMER]


def test_what_stands_for_a_line_already_may_still_be_named_for_it():
    order = decide(order_with(replacement=Wish.REPLACE), instead("same"), the_terms()).order
    assert [each[0] for each in named(order, "same")] == ["same"]
    pears = candidates(order, order.lines[1], [("same", Source.CHAIN)], the_terms())
    assert pears == []


def test_a_customer_who_wants_none_is_told_so_of_every_candidate():
    order = order_with(replacement=Wish.REMOVE)
    assert {each[3] for each in named(order, "same", "cheap")} == {"preference"}
