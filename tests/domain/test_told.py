"""What a change of an order tells: every step once, in order, and nothing that did not happen."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain.decide import decide
from app.domain.integrator import CHOSEN, REACHED, EventType, told
from app.domain.order import OrderState as S
from app.domain.refusals import Refused
from app.domain.shop import AccountRules
from app.domain.transitions import TRANSITIONS
from app.domain.undo import images
from tests.domain.build import an_order, piece, the_terms, weighed
from tests.domain.test_any_history import LAST, OPERATIONS, STEPS, History

NEWS = st.sampled_from(
    [ev.Accepted(), ev.Started(), ev.Paid(), ev.CourierAssigned(), ev.CourierArrived(), ev.Taken(),
     ev.Delivering(), ev.Delivered(), ev.Cancelled("x"), ev.Cancelled("x", by="shop")]
)  # fmt: skip


def test_every_state_but_the_first_is_told_when_it_is_reached():
    assert set(REACHED) == set(S) - {S.RECEIVED}
    assert set(CHOSEN) == set(EventType) - {EventType.TEST}


class Told(History):
    """A history, and what it told."""

    def __init__(self, order):
        super().__init__(order, AccountRules())
        self.told = []

    def play(self, step):
        before, event = self.order, self.event_of(step)
        if event is None:
            return
        with suppress(Refused):
            self.order = decide(before, event, self.terms).order
        was, became = images(before, self.order)
        if isinstance(event, OPERATIONS) and became:
            self.done.append(ev.LinesRestored(was, became))
        found = told(before, self.order)
        self.told += [(type_, then) for type_, then in found]
        if isinstance(step, tuple) and step[0] not in ("wait", "undo"):
            moved = before.state is not self.order.state
            assert moved or not found, "what a picker does to a line changes nothing agreed on"


@settings(max_examples=200)
@given(st.lists(STEPS | NEWS, max_size=25), LAST)
def test_whatever_becomes_of_an_order_is_told_step_by_step(steps, last):
    order = an_order(piece(1), weighed(2), state=S.RECEIVED)
    history = Told(order)
    for step in [ev.Accepted(), *steps, *([last] if last else [])]:
        history.play(step)
    types = [type_ for type_, _ in history.told]
    assert types[:2] == [EventType.PLACED, EventType.ACCEPTED]
    assert types.count(EventType.PLACED) == 1
    state = S.RECEIVED
    for type_, then in history.told:
        if type_ in REACHED.values():
            assert REACHED[then.state] is type_
            assert then.state in TRANSITIONS[state].values() or state is then.state
            state = then.state
        else:
            assert type_ in (EventType.PLACED, EventType.CHANGED)
    assert state is history.order.state, "the last one told is how it stands"
    versions = [then.version for _, then in history.told]
    assert versions == sorted(versions)


@pytest.mark.parametrize(
    ("change", "tells"),
    [({"paid": True}, True), ({"requested_total": 5}, True), ({"discount": 5}, True),
     ({"pickup": True}, True), ({"delivery_fee": 9}, True), ({}, False), ({"version": 9}, False),
     ({"courier": "arrived"}, False), ({"comment": "call me"}, False), ({"bag_count": 2}, False),
     ({"final_total": 9}, False)],
)  # fmt: skip
def test_a_change_is_what_was_agreed_on_with_the_customer(change, tells):
    order = an_order()
    found = told(order, replace(order, **change))
    assert [type_ for type_, _ in found] == ([EventType.CHANGED] if tells else [])


def test_another_time_is_a_change():
    order = an_order()
    later = replace(order, due_at=order.due_at + timedelta(hours=1))
    assert [type_ for type_, _ in told(order, later)] == [EventType.CHANGED]


def test_a_line_that_the_customer_takes_out_is_a_change():
    order = an_order(state=S.ACCEPTED)
    less = replace(order.lines[0], reason="removed_by_customer")
    after = replace(order, lines=(less, *order.lines[1:]))
    assert [type_ for type_, _ in told(order, after)] == [EventType.CHANGED]


def test_skipped_steps_are_not_told_but_that_they_were_skipped_is():
    order = an_order(state=S.ACCEPTED)
    after = decide(order, ev.Delivered(), the_terms()).order
    ((type_, then),) = told(order, after)
    assert (type_, then.implied) == (EventType.DELIVERED, True)
