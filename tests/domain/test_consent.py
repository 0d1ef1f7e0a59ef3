"""An order never costs more than the customer agreed to because of what stands for its lines."""

from dataclasses import replace

import pytest

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.order import LineState as L
from app.domain.order import Replacement as Wish
from app.domain.refusals import Code, Notice
from app.domain.sums import authorised, found, may_cost
from app.domain.undo import images
from tests.domain.build import a_draft, draft_line, piece, uid, weighed
from tests.domain.test_replacing import (
    BANANAS,
    BREAD,
    happen,
    instead,
    order_with,
    refusal,
    states,
    the_terms,
)

HELD = 20_000
MILK = uid(2)


def made_room():
    """Two lines of 100 roubles each, 200 held: a cheap one stands for the first, and in its room a
    dear one for the second, both without asking."""
    lines = piece(1, pieces=1, price=10_000), piece(2, pieces=1, price=10_000)
    order = order_with(*lines, replacement=Wish.REPLACE, authorised_total=HELD)
    order = happen(order, instead("plain", pieces=1)).order
    order = happen(order, instead("truffle", line=MILK, pieces=1), minutes=1).order
    assert (states(order), may_cost(order)) == ([L.REPLACED, L.REPLACED, L.PICKED, L.PICKED], HELD)
    return order


TAKES_THE_ROOM = {
    "withdraw": rep.ReplacementWithdrawn(BREAD),
    "withdraw the other side": rep.ReplacementWithdrawn(uid(2000)),
    "pick": ev.LinePicked(BREAD, 1),
    "short of nothing": ev.LineDropped(BREAD, "not_found"),
    "offer something dearer": instead("dear", pieces=1),
}


@pytest.mark.parametrize("event", TAKES_THE_ROOM.values(), ids=TAKES_THE_ROOM)
def test_what_was_taken_in_the_room_of_another_is_asked_about_when_the_room_is_gone(event):
    decision = happen(made_room(), event, minutes=2)
    order = decision.order
    assert order.line(MILK).state is L.PROPOSED
    assert order.line(MILK).decide_by is not None
    assert order.lines[3].state is L.PROPOSED
    assert may_cost(order) <= HELD
    assert decision.warning is Notice.REPLACEMENT_PROPOSED
    assert not happen(order, event, minutes=3).applied


def test_an_undo_gives_no_room_either():
    lines = piece(1, pieces=1, price=10_000), piece(2, pieces=1, price=10_000)
    before = order_with(*lines, replacement=Wish.REPLACE, authorised_total=HELD)
    after = happen(before, instead("plain", pieces=1)).order
    order = happen(after, instead("truffle", line=MILK, pieces=1), minutes=1).order
    order = happen(order, ev.LinesRestored(*images(before, after)), minutes=2).order
    assert [order.line(BREAD).state, order.line(MILK).state] == [L.TODO, L.PROPOSED]
    assert may_cost(order) == HELD


def without_room():
    order = happen(made_room(), rep.ReplacementWithdrawn(BREAD), minutes=2).order
    return happen(order, ev.LinePicked(BREAD, 1), minutes=2).order


def test_the_order_waits_for_the_answer_and_a_yes_is_a_yes_to_its_sum():
    order = without_room()
    assert refusal(order, ev.Completed()).code is Code.APPROVAL_PENDING
    order = happen(order, rep.ReplacementDecided(MILK, approved=True), minutes=3).order
    assert order.agreed_total == authorised(order, the_terms().rules) == 29_000
    assert order.lines[3].state is L.PICKED
    assert happen(order, ev.Completed()).order.final_total == 29_000


def test_a_no_opens_the_line_again():
    order = happen(without_room(), rep.ReplacementDecided(MILK, approved=False), minutes=3).order
    assert order.line(MILK).state is L.TODO
    assert order.agreed_total is None


def test_silence_is_no_yes_to_more_money():
    order = happen(without_room(), rep.ReplacementExpired(MILK), minutes=30).order
    assert (order.line(MILK).state, found(order)) == (L.DROPPED, 10_000)


def test_what_somebody_said_yes_to_is_not_asked_about_again():
    order = happen(without_room(), rep.ReplacementDecided(MILK, approved=True), minutes=3).order
    order = happen(order, instead("plain", pieces=1), minutes=4).order
    order = happen(order, rep.ReplacementWithdrawn(BREAD), minutes=5).order
    assert order.line(MILK).state is L.REPLACED


def test_a_customer_who_changes_the_order_agrees_to_the_new_one():
    order = happen(without_room(), rep.ReplacementDecided(MILK, approved=True), minutes=3).order
    draft = a_draft(
        draft_line("p1", pieces=2, price=10_000), draft_line("p2", pieces=1, price=10_000),
        authorised_total=30_000,
    )  # fmt: skip
    order = happen(order, ev.Changed(draft), minutes=4).order
    assert (order.authorised_total, order.agreed_total) == (30_000, None)
    assert order.line(MILK).state is L.REPLACED


# Weights: the limits they were taken with count whoever says yes.


@pytest.mark.parametrize(
    ("grams", "becomes"),
    [(200, L.TODO), (699, L.TODO), (700, L.PICKED), (1000, L.PICKED)],
)
def test_a_yes_closes_no_weighed_line_below_its_hard_limit(grams, becomes):
    order = happen(
        order_with(replacement=Wish.ASK), instead("pears", line=BANANAS, grams=1000)
    ).order
    pears = order.lines[-1].id
    order = happen(order, ev.LineWeighed(pears, grams, source="label")).order
    order = happen(order, rep.ReplacementDecided(BANANAS, approved=True)).order
    assert (order.line(pears).state, order.line(pears).picked_grams) == (becomes, grams)


def test_what_was_short_when_the_customer_was_asked_is_short_after_the_yes():
    order = happen(order_with(replacement=Wish.ASK), instead("same")).order
    loaf = order.lines[-1].id
    order = happen(order, ev.LineShort(loaf, 2, "not_enough")).order
    order = happen(order, rep.ReplacementDecided(BREAD, approved=True)).order
    assert (order.line(loaf).state, order.line(loaf).picked_pieces) == (L.SHORT, 2)


FOUND = {
    "weight": (weighed(1, picked_grams=1000, picked_pieces=1), L.PICKED),
    "weight within limits": (weighed(1, picked_grams=720, picked_pieces=1), L.PICKED),
    "a weight a supervisor let pass": (
        weighed(1, picked_grams=1900, picked_pieces=1, override_by="S1"), L.PICKED,
    ),
    "too little weight": (weighed(1, picked_grams=300, picked_pieces=1), L.SHORT),
    "pieces": (piece(1, picked_pieces=3), L.PICKED),
    "more pieces": (piece(1, picked_pieces=4), L.PICKED),
    "too few pieces": (piece(1, picked_pieces=1), L.SHORT),
    "nothing": (piece(1), L.DROPPED),
}  # fmt: skip


@pytest.mark.parametrize(("line", "becomes"), FOUND.values(), ids=FOUND)
def test_a_line_that_was_found_in_full_is_whole_when_nobody_answers(line, becomes):
    order = order_with(replace(line, state=L.PICKED), replacement=Wish.CALL_OR_REMOVE)
    event = instead("pears" if line.requested_grams else "same")
    order = happen(order, event).order
    order = happen(order, rep.ReplacementExpired(BREAD), minutes=30).order
    after = order.line(BREAD)
    assert (after.state, after.picked_grams) == (becomes, line.picked_grams)
    assert after.reason == (None if becomes is L.PICKED else "no_answer")
