"""A new order from a description, and what a later description changes."""

from dataclasses import replace

import pytest

from app.domain import events as ev
from app.domain.decide import decide
from app.domain.drafts import Home, change, place
from app.domain.goods import Product, Restriction
from app.domain.order import GONE, Replacement, Unit
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from tests.domain.build import (
    a_draft,
    an_order,
    draft_line,
    piece,
    the_terms,
    uid,
    weighed,
)

HOME = Home(uid(1), uid(2), "OWN-1", "trace")
FINAL = sorted(set(S) - {S.RECEIVED, S.ACCEPTED, S.PICKING})


def test_a_new_order_is_received_and_its_lines_know_what_the_catalogue_knows():
    known = {"p1": Product(("4690003009016",), None, "reduced", marked=True)}
    draft = a_draft(draft_line("p1"), draft_line("w2", pieces=1, grams=1000), draft_line("new"))
    order = place(draft, HOME, the_terms(**known))
    assert (order.state, order.version, order.number) == (S.RECEIVED, 1, "OWN-1")
    assert [(x.position, x.vat, x.marked, x.unit) for x in order.lines] == [
        (1, "reduced", True, Unit.PIECE),
        (2, "unknown", False, Unit.WEIGHT),
        (3, "unknown", False, Unit.PIECE),
    ]
    assert len({line.id for line in order.lines} | {order.id}) == 4


def test_an_untouched_line_follows_the_description():
    order = change(an_order(piece(1)), a_draft(draft_line("p1", pieces=7, price=99)), the_terms())
    assert [(x.requested_pieces, x.price, x.id) for x in order.lines] == [(7, 99, uid(1))]


def test_an_untouched_line_may_turn_from_pieces_to_weight():
    draft = a_draft(draft_line("p1", pieces=1, grams=500))
    line = change(an_order(piece(1)), draft, the_terms()).lines[0]
    assert (line.unit, line.requested_grams, line.unit_grams) == (Unit.WEIGHT, 500, 1000)


@pytest.mark.parametrize(("grams_of_one", "by_weight"), [(1000, True), (500, True), (None, False)])
@pytest.mark.parametrize("known", [Product(unit_grams=1000), Product(), None])
def test_what_is_counted_but_sold_by_weight_is_weighed(grams_of_one, by_weight, known):
    terms = the_terms(**({"p1": known} if known else {}))
    draft = a_draft(replace(draft_line("p1", pieces=2, price=990), if_weighed=grams_of_one))
    weighs = by_weight and known is not None and known.unit_grams is not None
    expected = (Unit.WEIGHT, 2 * (grams_of_one or 0), grams_of_one) if weighs else None
    for order in (place(draft, HOME, terms), change(an_order(piece(1)), draft, terms)):
        line = order.lines[0]
        found = (line.unit, line.requested_grams, line.unit_grams)
        assert found == (expected or (Unit.PIECE, None, None))
        again = change(order, draft, terms)
        assert [x.state for x in again.lines] == [x.state for x in order.lines]


TOUCHED = [
    piece(1, state=L.PICKED, picked_pieces=3, marks=("m",)),
    piece(1, picked_pieces=1),
    piece(1, state=L.SHORT, picked_pieces=2, reason="x"),
    piece(1, state=L.DROPPED, picked_pieces=0, reason="not_found", shelf_empty=True),
]


@pytest.mark.parametrize("line", TOUCHED)
def test_a_line_that_is_wanted_as_before_keeps_what_the_picker_did(line):
    draft = a_draft(draft_line("p1"), draft_line("new"))
    assert change(an_order(line), draft, the_terms()).lines[0] == line


@pytest.mark.parametrize("line", TOUCHED)
@pytest.mark.parametrize("changed", [{"pieces": 1}, {"price": 1}, {"grams": 500}])
def test_a_line_that_is_wanted_otherwise_is_open_again(line, changed):
    after = change(an_order(line), a_draft(draft_line("p1", **changed)), the_terms()).lines[0]
    assert (after.state, after.picked_pieces, after.marks) == (L.TODO, None, ())
    assert (after.reason, after.shelf_empty) == (None, False)


@pytest.mark.parametrize("line", TOUCHED)
def test_a_line_that_is_not_wanted_any_more_is_dropped_and_its_marks_are_free(line):
    after = change(an_order(line), a_draft(draft_line("other")), the_terms())
    assert (after.lines[0].state, after.lines[0].reason) == (L.DROPPED, GONE)
    assert (after.lines[0].marks, after.lines[0].total()) == ((), 0)
    assert [line.external_id for line in after.wanted()] == ["other"]


@pytest.mark.parametrize("line", [piece(1), weighed(1)])
def test_a_line_the_customer_took_back_is_dropped_and_one_that_returns_is_open_again(line):
    gone = change(an_order(line), a_draft(draft_line("new")), the_terms())
    assert (gone.lines[0].state, gone.lines[0].reason) == (L.DROPPED, GONE)
    assert [x.position for x in gone.lines] == [1, 2]
    again = change(gone, a_draft(draft_line(line.external_id, pieces=2)), the_terms())
    assert (again.lines[0].state, again.lines[0].reason) == (L.TODO, None)
    assert again.lines[0].picked_pieces is None
    assert again.lines[1].reason == GONE


@pytest.mark.parametrize("state", FINAL)
def test_once_the_composition_is_final_only_wishes_follow(state):
    order = an_order(state=state)
    draft = a_draft(draft_line("new"), comment="быстрее", replacement=Replacement.REMOVE)
    changed = change(order, draft, the_terms())
    assert changed.lines == order.lines
    assert changed.requested_total == order.requested_total
    assert (changed.comment, changed.replacement) == ("быстрее", Replacement.REMOVE)


@pytest.mark.parametrize("state", [S.RECEIVED, S.ACCEPTED, S.PICKING])
def test_before_that_lines_and_total_follow(state):
    changed = change(an_order(state=state), a_draft(draft_line("new")), the_terms())
    assert [line.external_id for line in changed.lines] == ["p1", "w2", "new"]
    assert changed.requested_total == 10_000


def test_the_same_description_twice_changes_nothing_the_second_time():
    once = change(an_order(), a_draft(draft_line("new")), the_terms())
    assert change(once, a_draft(draft_line("new")), the_terms()) == once


def test_wishes_and_limits_of_a_line_follow_and_what_was_picked_stays():
    line = piece(1, state=L.PICKED, picked_pieces=3)
    said = replace(draft_line("p1"), wish=Replacement.REMOVE, wish_skus=("tea",), min_age=16)
    after = change(an_order(line), a_draft(said), the_terms(p1=Product(min_age=18))).lines[0]
    assert (after.wish, after.wish_skus, after.min_age) == (Replacement.REMOVE, ("tea",), 18)
    assert (after.state, after.picked_pieces) == (L.PICKED, 3)


@pytest.mark.parametrize("state", [S.ACCEPTED, S.PICKED])
def test_the_sum_held_and_who_comes_for_the_order_follow(state):
    draft = a_draft(draft_line("p1"), authorised_total=5, pickup=True)
    order = change(an_order(piece(1), state=state), draft, the_terms())
    assert (order.authorised_total, order.pickup) == (5, True)


def test_a_discount_that_ends_or_begins_opens_no_line_again_while_the_price_stays():
    line = piece(1, state=L.PICKED, picked_pieces=3, list_price=6000)
    for said in (None, 7000):
        draft = a_draft(replace(draft_line("p1"), list_price=said))
        after = change(an_order(line), draft, the_terms()).lines[0]
        assert (after.list_price, after.state, after.picked_pieces) == (said, L.PICKED, 3)


def test_a_new_line_knows_its_price_before_the_discount():
    draft = a_draft(replace(draft_line("p1"), list_price=7000), draft_line("p2"))
    order = place(draft, HOME, the_terms())
    assert [line.list_price for line in order.lines] == [7000, None]


@pytest.mark.parametrize("state", [S.ACCEPTED, S.PICKED, S.READY])
def test_what_comes_beside_the_goods_follows_and_stays_when_it_is_not_said(state):
    order = change(an_order(state=state), a_draft(delivery_fee=19_900, discount=500), the_terms())
    assert (order.delivery_fee, order.discount) == (19_900, 500)
    silent = change(order, a_draft(), the_terms())
    assert (silent.delivery_fee, silent.discount) == (19_900, 500)
    free = change(order, a_draft(delivery_fee=0, discount=0), the_terms())
    assert (free.delivery_fee, free.discount) == (0, 0)


def test_an_order_that_says_nothing_of_them_has_none():
    order = place(a_draft(), HOME, the_terms())
    assert (order.delivery_fee, order.discount) == (0, 0)


@pytest.mark.parametrize("pickup", [True, False])
def test_what_may_not_be_sold_any_more_does_not_stay_in_the_basket(pickup):
    limit = Restriction.PICKUP_ONLY
    line = piece(1, state=L.PICKED, picked_pieces=3, restriction=limit)
    said = replace(draft_line("p1"), restriction=limit)
    order = change(an_order(line, pickup=True), a_draft(said, pickup=pickup), the_terms())
    assert order.lines[0].state is (L.PICKED if pickup else L.TODO)


def test_a_line_that_is_open_again_was_let_pass_by_nobody():
    line = weighed(1, state=L.PICKED, picked_grams=1900, picked_pieces=1, override_by="S1")
    draft = a_draft(draft_line("w1", pieces=1, grams=2000, price=12990))
    assert change(an_order(line), draft, the_terms()).lines[0].override_by is None
    gone = change(an_order(line), a_draft(draft_line("other")), the_terms())
    assert gone.lines[0].override_by is None


def test_only_pieces_are_marked_whatever_a_line_was_before():
    known = the_terms(p1=Product(marked=True))
    line = piece(1, marked=True)
    by_weight = change(an_order(line), a_draft(draft_line("p1", pieces=1, grams=500)), known)
    assert by_weight.lines[0].marked is False
    again = change(by_weight, a_draft(draft_line("p1")), known)
    assert again.lines[0].marked is True


def test_a_marked_line_by_weight_from_before_can_be_weighed_and_closed():
    line = weighed(1, marked=True)
    order = decide(an_order(line), ev.LineWeighed(uid(1), 1000, marks=()), the_terms()).order
    assert decide(order, ev.Completed(), the_terms()).order.state is S.PICKED
