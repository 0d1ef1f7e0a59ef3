"""What a marketplace lists against what we know: a table, and histories against a model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain.decide import decide
from app.domain.order import LineState, OrderState
from app.domain.reconcile import FAR, OFF, Difference, Kind, Look, Ours, Theirs, compare, gap
from tests.domain.build import an_order, piece, the_terms

S = OrderState
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
LOOK = Look(NOW, timedelta(minutes=2), frozenset({"in_work", "ready", "cancelled"}))
LINES = {"100201": 3}
OTHERS = {"100201": 2, "200101": 1000}


def ours(state=S.ACCEPTED, **more):
    known = {"ordered": LINES, "picked": LINES if FAR.get(state, 0) >= FAR[S.PICKED] else {}}
    total = 16350 if FAR.get(state, 0) >= FAR[S.PICKED] else None
    return Ours(state, 3, LONG_AGO, **{"total": total, **known, **more})


def theirs(state=S.ACCEPTED, **more):
    final = FAR.get(state, -1) >= FAR[S.READY]
    usual = {"lines": LINES, "total": 16350, "final": final}
    return Theirs(state, LONG_AGO, **({**usual, **more} if state not in OFF else more))


def kinds(verdict):
    return [each.kind for each in verdict.differs]


def said(verdict):
    """FEED, AGAIN, the kinds that differ, or nothing."""
    if verdict.feed:
        return "feed"
    return "again" if verdict.again else " ".join(kinds(verdict))


PAID = {"paid": True}
#: ours, theirs, what is to be done
TABLE = [
    ("both wait to be picked", ours(), theirs(), ""),
    ("missing here", None, theirs(), "feed"),
    ("missing here and over", None, theirs(S.CANCELLED), "feed"),
    ("in a state nobody knows", ours(), theirs(None), ""),
    ("taken there", ours(S.READY), theirs(S.HANDED_OVER), "feed"),
    ("delivered there", ours(S.HANDED_OVER), theirs(S.DELIVERED), "feed"),
    ("delivered there, not begun here", ours(), theirs(S.DELIVERED), "feed"),
    ("called off there", ours(S.PICKING), theirs(S.CANCELLED), "feed"),
    ("came back there", ours(S.DELIVERED), theirs(S.RETURNED), "feed"),
    ("called off on both sides", ours(S.CANCELLED), theirs(S.CANCELLED), ""),
    ("rejected here, called off there", ours(S.REJECTED), theirs(S.CANCELLED), ""),
    ("paid there", ours(S.READY), theirs(S.READY, **PAID), "feed"),
    ("paid on both sides", ours(S.READY, **PAID), theirs(S.READY, **PAID), ""),
    ("paid here only", ours(S.READY, **PAID), theirs(S.READY), ""),
    ("the customer took something else", ours(), theirs(lines=OTHERS), "feed"),
    ("and it is being picked", ours(S.PICKING), theirs(S.PICKING, lines=OTHERS), "feed"),
    ("nothing is said of goods", ours(), theirs(lines=None), ""),
    ("goods of nothing", ours(), theirs(lines={**LINES, "1": 0}), ""),
    ("they do not know it is picked", ours(S.PICKING), theirs(), "state"),
    ("they do not know it is ready", ours(S.READY), theirs(S.PICKING), "state"),
    ("picked, and that is told to nobody", ours(S.PICKED), theirs(S.PICKING), ""),
    ("ready there, not picked here", ours(S.PICKING), theirs(S.READY), "state"),
    ("it left here first", ours(S.HANDED_OVER), theirs(S.READY), ""),
    ("delivered here, not gone there", ours(S.DELIVERED), theirs(S.READY), "state"),
    ("delivered here, on the road there", ours(S.DELIVERED), theirs(S.HANDED_OVER), ""),
    ("called off here, wanted there", ours(S.CANCELLED), theirs(S.PICKING), "state"),
    ("called off here, on the road there", ours(S.CANCELLED), theirs(S.HANDED_OVER), "state"),
    ("came back here, delivered there", ours(S.RETURNED), theirs(S.DELIVERED), "state"),
    ("another composition", ours(S.READY), theirs(S.READY, lines=OTHERS), "composition"),
    ("another sum", ours(S.READY), theirs(S.READY, total=16300), "sum"),
    ("both", ours(S.DELIVERED), theirs(S.DELIVERED, lines=OTHERS, total=1), "composition sum"),
    ("no sum there", ours(S.READY), theirs(S.READY, total=None), ""),
    ("no sum here", ours(S.HANDED_OVER, total=None), theirs(S.HANDED_OVER), ""),
    ("a sum that is only a promise", ours(), theirs(total=1), ""),
]  # fmt: skip


@pytest.mark.parametrize(("mine", "listed", "done"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_what_is_done_about_an_order(mine, listed, done):
    assert said(compare(mine, listed, LOOK)) == done


@pytest.mark.parametrize(("mine", "listed", "done"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_a_gap_that_was_fed_and_is_still_there_is_told(mine, listed, done):
    verdict = compare(mine, listed, replace(LOOK, fed=True))
    assert not verdict.feed
    assert bool(verdict.differs) == bool(done)


@pytest.mark.parametrize(("mine", "listed", "done"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_nothing_is_done_while_anything_is_under_way(mine, listed, done):
    hearing = compare(mine, listed, replace(LOOK, hearing=True))
    fresh = compare(mine, replace(listed, changed_at=NOW - timedelta(seconds=119)), LOOK)
    assert (said(hearing), said(fresh)) == ("again", "again")
    if mine is not None:
        waits = done if done in ("", "feed") else "again"
        speaking = compare(replace(mine, speaking=True), listed, LOOK)
        moved = compare(replace(mine, changed_at=NOW), listed, LOOK)
        assert (said(speaking), said(moved)) == (waits, waits)


def test_what_lists_itself_in_the_future_settles_when_it_stays_the_same():
    ahead = replace(theirs(S.HANDED_OVER), changed_at=NOW + timedelta(hours=5))
    assert compare(ours(S.READY), ahead, LOOK).again
    since = replace(LOOK, noted_at=NOW - timedelta(minutes=2))
    assert compare(ours(S.READY), ahead, since).feed


def test_a_new_account_is_not_given_orders_that_another_system_picked():
    young = replace(LOOK, young=True)
    assert compare(None, theirs(), young).feed
    assert compare(None, theirs(S.PICKING), young).feed
    assert kinds(compare(None, theirs(S.DELIVERED), young)) == [Kind.MISSING]
    assert compare(None, theirs(S.CANCELLED), young).differs == ()


def test_an_order_nobody_knows_is_fed_whatever_its_state_says():
    assert compare(None, theirs(None), LOOK).feed
    assert kinds(compare(None, theirs(None), replace(LOOK, fed=True))) == [Kind.MISSING]


def test_where_outcomes_are_told_as_they_come_their_lines_are_ours():
    amended = replace(LOOK, amends=True)
    changed = theirs(S.PICKING, lines=OTHERS)
    assert compare(ours(S.PICKING), changed, amended).differs == ()
    assert compare(ours(), theirs(lines=OTHERS), amended).feed


def test_a_sum_within_the_tolerance_is_none_that_differs():
    listed = theirs(S.READY, total=16340)
    assert compare(ours(S.READY), listed, replace(LOOK, tolerance=10)).differs == ()
    assert kinds(compare(ours(S.READY), listed, replace(LOOK, tolerance=9))) == [Kind.SUM]


def test_what_the_receiver_refused_was_paid_for_and_may_be_listed_or_not():
    part = ours(S.DELIVERED, total=10900, refused=5450)
    for total in (16350, 10900):
        assert compare(part, theirs(S.DELIVERED, total=total), LOOK).differs == ()
    assert kinds(compare(part, theirs(S.DELIVERED, total=12000), LOOK)) == [Kind.SUM]


def test_who_was_never_told_may_be_behind():
    deaf = replace(LOOK, tells=frozenset())
    assert compare(ours(S.READY), theirs(S.RECEIVED), deaf).differs == ()
    accepted = replace(LOOK, tells=frozenset({"accepted"}))
    assert kinds(compare(ours(), theirs(S.RECEIVED), accepted)) == [Kind.STATE]


def test_both_sides_are_said_in_a_few_words():
    verdict = compare(ours(S.READY), theirs(S.READY, lines=OTHERS, total=99), LOOK)
    assert verdict.differs == (
        Difference(Kind.COMPOSITION, "100201 ×2, 200101 ×1000", "100201 ×3, 200101 ×0"),
        Difference(Kind.SUM, "0.99", "163.50"),
    )
    many = {f"{n:02d}": 1 for n in range(9)}
    (long,) = compare(ours(S.READY, picked=many), theirs(S.READY, lines={}), LOOK).differs
    assert long.ours == "00 ×1, 01 ×1, 02 ×1, 03 ×1, 04 ×1, …"


def test_a_gap_is_the_same_until_one_of_the_sides_changes():
    one = gap("H1", ours(), b"body")
    assert one == gap("H1", replace(ours(), changed_at=NOW), b"body")
    others = [
        gap("H2", ours(), b"body"),
        gap("H1", ours(), b"another"),
        gap("H1", None, b"body"),
        gap("H1", replace(ours(), version=4), b"body"),
        gap("H1", ours(paid=True), b"body"),
    ]
    assert len({one, *others}) == 6


# --- against a model ------------------------------------------------------------------------------

#: What a marketplace says in a whole life, in its order, each with its state there then.
LIFE = (
    (ev.Paid(16350), S.READY), (ev.CourierArrived(), S.READY), (ev.Taken(), S.HANDED_OVER),
    (ev.Delivering(), S.HANDED_OVER), (ev.Delivered(), S.DELIVERED),
    (ev.Cancelled("changed my mind"), S.CANCELLED),
)  # fmt: skip


def picked_order(state):
    line = piece(1, pieces=3, state=LineState.PICKED, picked_pieces=3)
    order = an_order(line, state=state)
    return replace(order, final_total=order.lines[0].total())


def as_ours(order):
    sku, found = order.lines[0].external_id, order.lines[0].picked_pieces or 0
    return Ours(order.state, order.version, LONG_AGO, order.paid, order.final_total,
                {sku: order.lines[0].requested_pieces}, {sku: found})  # fmt: skip


def as_theirs(order, happened):
    off = any(isinstance(event, ev.Cancelled) for event, _ in happened)
    state = S.CANCELLED if off else happened[-1][1] if happened else S.READY
    paid = any(isinstance(event, ev.Paid) for event, _ in happened)
    lines = None if off else {order.lines[0].external_id: 3}
    return Theirs(state, LONG_AGO, paid, None if off else order.final_total, lines, not off)


def fed(order, listed):
    """The events that a list's body would bring."""
    events = [ev.Paid(listed.total)] * listed.paid
    events += [ev.Taken()] * (listed.state in (S.HANDED_OVER, S.DELIVERED))
    events += [ev.Delivered()] * (listed.state is S.DELIVERED)
    return [*events, *[ev.Cancelled("not said")] * (listed.state in OFF)]


def heard(order, events):
    for event in events:
        order = decide(order, event, the_terms()).order
    return order


@given(
    happens=st.lists(st.sampled_from(range(6)), unique=True).map(sorted),
    lost=st.sets(st.integers(0, 5)),
    shuffle=st.randoms(use_true_random=False),
)
def test_whatever_was_lost_or_came_in_disorder_one_feed_brings_both_together(
    happens, lost, shuffle
):
    before = picked_order(S.READY)
    happened = [LIFE[n] for n in happens]
    arrived = [LIFE[n][0] for n in happens if n not in lost]
    shuffle.shuffle(arrived)
    order, listed = heard(before, arrived), as_theirs(before, happened)
    verdict = compare(as_ours(order), listed, LOOK)
    assert not (verdict.feed and verdict.differs)
    mended = heard(order, fed(order, listed))
    after = compare(as_ours(mended), listed, replace(LOOK, fed=verdict.feed))
    assert verdict.feed or mended == order or after == verdict
    assert not after.feed
    assert after.differs == (), (order.state, mended.state, listed.state)
    late = [LIFE[n][0] for n in happens if n in lost]
    shuffle.shuffle(late)
    assert compare(as_ours(heard(mended, late)), listed, LOOK).differs == ()


STATES = st.sampled_from([*S])
SKUS = st.dictionaries(st.sampled_from(["1", "2"]), st.integers(0, 3))


@given(
    mine=st.none() | st.builds(Ours, STATES, st.integers(1, 9), st.just(LONG_AGO), st.booleans(),
                               st.none() | st.integers(0, 9), SKUS, SKUS, st.booleans()),
    listed=st.builds(Theirs, st.none() | STATES, st.just(LONG_AGO), st.booleans(),
                     st.none() | st.integers(0, 9), st.none() | SKUS, st.booleans()),
    look=st.builds(Look, st.just(NOW), st.just(timedelta(minutes=2)),
                   st.frozensets(st.sampled_from(["accepted", "in_work", "ready", "handed_over",
                                                  "delivered", "cancelled"])),
                   st.booleans(), st.integers(0, 2), st.none(), st.booleans(), st.booleans(),
                   st.booleans()),
)  # fmt: skip
def test_whatever_meets_whatever_there_is_one_answer_and_it_is_the_same_again(mine, listed, look):
    verdict = compare(mine, listed, look)
    assert (verdict.feed, verdict.again, bool(verdict.differs)).count(True) <= 1
    assert verdict == compare(mine, listed, look)
    assert not (verdict.feed and look.fed), "the same gap is fed once"
    assert len(set(kinds(verdict))) == len(verdict.differs), "a kind is said once"
    if mine is not None and mine.speaking:
        assert verdict.differs == ()
