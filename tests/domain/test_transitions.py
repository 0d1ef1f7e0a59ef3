"""The tables are complete, and the picture in the README is theirs."""

import re
from pathlib import Path

import pytest

from app.domain import events as ev
from app.domain import packing_events as pack
from app.domain.order import OrderState as S
from app.domain.transitions import (
    ACTIVE,
    ENDED,
    PICKER_STATES,
    TOLD,
    TRANSITIONS,
    diagram,
)

README = Path(__file__).parents[2] / "app" / "README.md"
EVERY_EVENT = set(ev.Event.__args__)
#: States that only later releases reach: a rule of ours that says no.
NOT_YET_REACHED = {S.REJECTED}


@pytest.mark.parametrize("state", S)
def test_every_state_has_its_rows(state):
    assert state in TRANSITIONS
    assert state in TOLD


def test_every_state_can_be_reached_from_received():
    reached, new = {S.RECEIVED}, {S.RECEIVED}
    while new:
        new = {to for state in new for to in TRANSITIONS[state].values()} - reached
        reached |= new
    assert set(S) - reached == NOT_YET_REACHED


@pytest.mark.parametrize("state", ENDED)
def test_only_goods_go_back_to_their_shelves_when_an_order_has_ended(state):
    assert set(TRANSITIONS[state]) <= {pack.PutBack}
    assert set(TRANSITIONS[state].values()) <= {state}


@pytest.mark.parametrize("event", sorted(EVERY_EVENT - {ev.Placed}, key=lambda e: e.__name__))
def test_every_event_has_a_row_somewhere(event):
    assert any(event in row for row in TRANSITIONS.values())


def test_a_placed_order_is_here_already_so_placed_has_no_row():
    assert not any(ev.Placed in row for row in TRANSITIONS.values())


def test_no_row_names_a_thing_that_is_no_event():
    assert {event for row in TRANSITIONS.values() for event in row} <= EVERY_EVENT


@pytest.mark.parametrize("state", ACTIVE)
def test_every_active_order_may_be_called_off(state):
    assert TRANSITIONS[state][ev.Cancelled] in (S.CANCELLED, S.RETURNED)


@pytest.mark.parametrize("state", ACTIVE)
def test_the_news_that_an_order_was_delivered_is_believed_from_any_active_state(state):
    assert TRANSITIONS[state][ev.Delivered] is S.DELIVERED


def test_the_groups_of_states_do_not_overlap_and_leave_only_delivered_out():
    assert set(ACTIVE) | set(ENDED) | {S.DELIVERED} == set(S)
    assert not set(ACTIVE) & set(ENDED)
    assert set(PICKER_STATES) < set(ACTIVE)


def test_the_picture_in_the_readme_is_the_table():
    blocks = re.findall(r"```mermaid\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert diagram() in blocks
