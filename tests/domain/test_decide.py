"""What events do to an order: examples first, then any sequence at all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain.decide import decide
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.order import Unit
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED, TOLD, TRANSITIONS
from tests.domain.build import a_draft, an_order, draft_line, piece, the_terms, uid, weighed

PICKED = (
    piece(1, state=L.PICKED, picked_pieces=3),
    weighed(2, state=L.PICKED, picked_grams=1000, picked_pieces=1),
)
#: What changes nothing a picker decides on: the handheld's version stays good.
QUIET = (ev.Paid, ev.CourierAssigned, ev.CourierArrived)
#: A picker's step, the state it starts in, where it leads and who is told.
STEPS = [
    (ev.Accepted(), S.RECEIVED, S.ACCEPTED, ("accepted",)),
    (ev.Started(), S.ACCEPTED, S.PICKING, ("in_work",)),
    (ev.Completed(), S.PICKING, S.PICKED, ("assembled",)),
    (ev.Readied(), S.PICKED, S.READY, ("ready",)),
]


def happen(order, event):
    return decide(order, event, the_terms())


@pytest.mark.parametrize(("event", "before", "after", "told"), STEPS)
def test_a_step_of_ours_moves_the_order_and_tells_the_marketplace(event, before, after, told):
    decision = happen(an_order(*PICKED, state=before), event)
    assert (decision.order.state, decision.told, decision.order.version) == (after, told, 2)


@pytest.mark.parametrize(("event", "before", "after", "told"), STEPS)
def test_the_same_step_again_is_refused_and_moves_nothing(event, before, after, told):
    with pytest.raises(Refused) as caught:
        happen(an_order(*PICKED, state=after), event)
    assert caught.value.code is Code.ILLEGAL_TRANSITION


def test_an_order_that_is_opened_again_is_told_to_nobody_a_second_time():
    closed = happen(an_order(*PICKED, state=S.PICKING), ev.Completed()).order
    again = happen(closed, ev.Reopened())
    assert (again.order.state, again.told) == (S.PICKING, ())
    assert happen(again.order, ev.Completed()).told == ()


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("event", [ev.Started(), ev.Completed(), ev.LinePicked(uid(1), 1)])
def test_a_picker_on_an_ended_order_hears_that_it_is_cancelled(state, event):
    with pytest.raises(Refused) as caught:
        happen(an_order(state=state, cancelled_by="marketplace"), event)
    assert caught.value.code is Code.ORDER_CANCELLED


@pytest.mark.parametrize(
    ("before", "event", "after", "implied"),
    [
        (S.READY, ev.Taken(), S.HANDED_OVER, False),
        (S.READY, ev.Delivering(), S.HANDED_OVER, False),
        (S.HANDED_OVER, ev.Delivered(), S.DELIVERED, False),
        (S.READY, ev.Delivered(), S.DELIVERED, True),
        (S.PICKING, ev.Taken(), S.HANDED_OVER, True),
        (S.ACCEPTED, ev.Delivered(), S.DELIVERED, True),
        (S.PICKED, ev.Delivering(), S.HANDED_OVER, True),
    ],
)
def test_later_news_implies_the_steps_it_skipped_and_tells_nobody(before, event, after, implied):
    decision = happen(an_order(*PICKED, state=before), event)
    assert (decision.order.state, decision.order.implied) == (after, implied)
    assert decision.told == ()


@pytest.mark.parametrize(
    ("state", "event"),
    [(S.DELIVERED, ev.Taken()), (S.DELIVERED, ev.Delivered()), (S.HANDED_OVER, ev.Taken()),
     (S.CANCELLED, ev.Cancelled("x")), (S.CANCELLED, ev.Paid(5)),
     (S.DELIVERED, ev.CourierArrived()),
     (S.RETURNED, ev.Delivered()), (S.PICKING, ev.Placed(a_draft()))],
)  # fmt: skip
def test_old_news_changes_nothing_and_is_no_error(state, event):
    order = an_order(state=state)
    decision = happen(order, event)
    assert (decision.order, decision.applied, decision.told) == (order, False, ())


@pytest.mark.parametrize("state", [S.RECEIVED, S.ACCEPTED, S.PICKING, S.PICKED, S.READY])
@pytest.mark.parametrize(("by", "told"), [("marketplace", ()), ("shop", ("cancelled",))])
def test_a_cancel_withdraws_what_was_not_sent_and_tells_the_side_that_does_not_know(
    state, by, told
):
    decision = happen(an_order(*PICKED, state=state), ev.Cancelled("out_of_stock", by))
    assert (decision.order.state, decision.told, decision.supersede) == (S.CANCELLED, told, True)
    assert (decision.order.cancelled_by, decision.order.cancel_reason) == (by, "out_of_stock")


@pytest.mark.parametrize(("state", "sold"), [(S.HANDED_OVER, False), (S.DELIVERED, True)])
def test_a_cancel_after_hand_over_is_a_return_of_what_was_sold_if_it_was_delivered(state, sold):
    order = happen(an_order(state=state, sale_due=sold), ev.Cancelled("x")).order
    assert (order.state, order.sale_due) == (S.RETURNED, sold)


def test_a_delivered_order_has_a_sale_due_and_a_paid_one_knows_how_much():
    order = happen(an_order(state=S.HANDED_OVER), ev.Delivered()).order
    assert order.sale_due
    order = happen(order, ev.Paid(10_150)).order
    assert (order.paid, order.paid_total, order.sale_due) == (True, 10_150, True)
    assert happen(order, ev.Paid(None)).order.paid_total == 10_150


def test_a_courier_who_arrived_stays_arrived():
    order = happen(an_order(), ev.CourierArrived()).order
    assert happen(order, ev.CourierAssigned()).order.courier == "arrived"


def test_a_repeated_pick_is_applied_once_and_costs_no_version():
    once = happen(an_order(), ev.LinePicked(uid(1), 2))
    again = happen(once.order, ev.LinePicked(uid(1), 2))
    assert (once.applied, again.applied) == (True, False)
    assert again.order.version == once.order.version == 2


# Any sequence of events.

_LINES = st.sampled_from([uid(1), uid(2), uid(3), uid(77)])
_GRAMS = st.integers(-1, 1500)
_DRAFTS = st.lists(
    st.builds(
        draft_line, st.sampled_from(["p1", "w2", "p3", "new"]), pieces=st.integers(1, 5),
        grams=st.none() | st.integers(1, 2000), price=st.integers(0, 10**6),
    ),
    min_size=1, max_size=4, unique_by=lambda line: line.external_id,
).map(lambda lines: a_draft(*lines))  # fmt: skip
EVENTS = st.one_of(
    st.sampled_from(
        [ev.Accepted(), ev.Started(), ev.Completed(), ev.Readied(), ev.Taken(), ev.Delivering(),
         ev.Delivered(), ev.CourierAssigned(), ev.CourierArrived(), ev.Cancelled("x"),
         ev.Cancelled("x", "shop")]
    ),
    st.builds(ev.Paid, st.none() | st.integers(0, 10**6)),
    st.builds(ev.Placed, _DRAFTS),
    st.builds(ev.Changed, _DRAFTS),
    st.builds(ev.LinePicked, _LINES, st.integers(-1, 6), st.sampled_from([(), ("m",), ("m", "n")])),
    st.builds(ev.LineWeighed, _LINES, _GRAMS, source=st.sampled_from(["label", "manual"])),
    st.builds(ev.LineShort, _LINES, _GRAMS, st.sampled_from(["", "why"])),
    st.builds(ev.LineDropped, _LINES, st.just("why")),
)  # fmt: skip


def attempt(order, event, catalogue):
    """The decision, or None when it was refused."""
    try:
        return decide(order, event, catalogue)
    except Refused:
        return None


def check_step(before, event, decision):
    after = decision.order
    legal = TRANSITIONS[before.state].get(type(event), before.state)
    assert after.state is (legal if decision.applied else before.state)
    quiet = isinstance(event, QUIET) and after.state is before.state
    assert after.version == before.version + (decision.applied and not quiet)
    assert decision.applied or (after, decision.told, decision.supersede) == (before, (), False)
    assert set(decision.told) <= set(TOLD[after.state])
    assert (after.id, after.external_id, after.number) == (before.id, "H1", "OWN-1")
    for line in after.lines:
        check_line(line)


def check_line(line):
    assert line.total() >= 0
    assert (line.unit is Unit.WEIGHT) == (line.unit_grams is not None)
    if line.unit is Unit.PIECE:
        assert 0 <= (line.picked_pieces or 0) <= line.requested_pieces
    else:
        assert 0 <= (line.picked_grams or 0) <= line.requested_grams * 1.3 + 1
    if line.state in (L.DROPPED, L.TODO) and line.unit is Unit.PIECE:
        assert line.state is L.TODO or not line.picked_pieces


@settings(max_examples=200, deadline=None)
@given(st.lists(EVENTS, max_size=40))
def test_any_sequence_of_events_keeps_an_order_lawful(events):
    catalogue = the_terms()
    order = an_order(piece(1), weighed(2), piece(3, pieces=2, marked=True), state=S.RECEIVED)
    for event in events:
        decision = attempt(order, event, catalogue)
        if decision is None:
            continue
        check_step(order, event, decision)
        check_repeat(decision.order, event, catalogue)
        order = decision.order
    final = order.final_total
    assert final is None or final == sum(line.total() for line in order.lines)


def check_repeat(order, event, catalogue):
    """What has just happened, said again, does not move the order or tell anybody twice."""
    repeated = attempt(order, event, catalogue)
    if repeated is not None:
        assert repeated.order.state is order.state
        assert repeated.told == ()
        assert replace(repeated.order, version=0) == replace(order, version=0)
        assert not repeated.applied


def closed(*lines):
    return an_order(*lines, state=S.PICKED, final_total=sum(line.total() for line in lines))


BREAD_FOUND = piece(1, state=L.PICKED, picked_pieces=3)
BANANAS_FOUND = weighed(2, state=L.PICKED, picked_grams=1000, picked_pieces=1)
BANANAS_WANTED = draft_line("w2", pieces=1, grams=1000, price=12990)


def test_a_customer_who_changes_an_order_that_was_closed_opens_it_again():
    order = closed(BREAD_FOUND, BANANAS_FOUND)
    event = ev.Changed(a_draft(BANANAS_WANTED, draft_line("new")))
    decision = decide(order, event, the_terms())
    after = decision.order
    assert (after.state, after.final_total, decision.told) == (S.PICKING, None, ())
    assert [(x.external_id, x.state) for x in after.lines] == [
        ("p1", L.DROPPED), ("w2", L.PICKED), ("new", L.TODO),
    ]  # fmt: skip
    assert after.reopened  # closing it once more is not told once more
    done = decide(after, ev.LinePicked(after.lines[2].id, 3), the_terms()).order
    done = decide(done, ev.Completed(), the_terms())
    assert (done.order.state, done.told) == (S.PICKED, ())
    assert done.order.final_total == 12990 + 3 * 5450


@pytest.mark.parametrize("state", [S.PICKED, S.READY])
def test_a_change_of_wishes_opens_nothing_again(state):
    order = replace(closed(BREAD_FOUND, BANANAS_FOUND), state=state)
    draft = a_draft(draft_line("p1"), BANANAS_WANTED, comment="быстрее")
    after = decide(order, ev.Changed(draft), the_terms()).order
    assert (after.state, after.lines, after.comment) == (state, order.lines, "быстрее")


def test_what_the_marketplace_was_told_is_not_opened_again():
    order = replace(closed(BREAD_FOUND, BANANAS_FOUND), state=S.READY)
    after = decide(order, ev.Changed(a_draft(BANANAS_WANTED)), the_terms()).order
    assert (after.state, after.lines) == (S.READY, order.lines)


def test_a_marketplaces_word_is_believed_though_a_mark_is_missing():
    milk = piece(3, marked=True, state=L.PICKED, picked_pieces=3)
    order = an_order(milk, state=S.PICKING)
    after = decide(order, ev.Delivered(), the_terms()).order
    assert (after.state, after.final_total, after.sale_due) == (S.DELIVERED, 16_350, True)
