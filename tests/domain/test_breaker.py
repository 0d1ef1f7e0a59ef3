"""It opens soon, lets one through to look, rests longer each time, and any answer closes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.breaker import (
    USUAL,
    Breaker,
    Gate,
    Heard,
    Reason,
    Sample,
    State,
    heard,
    open_for,
    sampled,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEW = Gate(since=NOW - timedelta(days=1))


def seconds(number):
    return timedelta(seconds=number)


def told(gate, *whats, now=NOW):
    for what in whats:
        gate = heard(USUAL, gate, what, now)
    return gate


rules = st.builds(
    Breaker,
    least=st.integers(1, 20),
    share=st.floats(0.1, 1),
    run=st.integers(1, 8),
    keys=st.integers(1, 8),
    rest=st.integers(1, 60).map(seconds),
    longest=st.integers(60, 3600).map(seconds),
)
steps = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from(Heard), st.sampled_from([0, 0, 5, 3600])),
    max_size=60,
)


@given(rules, steps)
def test_whatever_calls_come_to_the_gate_is_never_stuck_and_never_opens_for_nothing(rule, history):
    gate, now, run = NEW, NOW, 0
    for wait, what, asked in history:
        now += seconds(wait)
        before, gate = gate, heard(rule, gate, what, now, seconds(asked))
        run = 0 if what is Heard.ANSWERED else run + (what is not Heard.BUSY)
        assert gate.failures == run
        assert gate.rest_until >= before.rest_until
        assert gate.rest_until >= now + seconds(asked) or not asked
        assert (gate.reason is None) == (gate.state is State.CLOSED)
        assert gate.open_until <= now + rule.longest
        if gate.state is State.OPEN and before.state is State.CLOSED:
            assert run >= min(rule.run, rule.keys)
            assert gate.open_until > now
        if what is Heard.ANSWERED:
            assert gate.state is State.CLOSED
        if what is Heard.BUSY:
            assert replace(gate, rest_until=before.rest_until) == before
        if run >= max(rule.run, rule.keys):
            assert gate.state is not State.CLOSED


@given(rules, st.integers(1, 30))
def test_each_probe_that_fails_doubles_the_rest_up_to_the_longest(rule, probes):
    gate, now, rests = NEW, NOW, []
    for _ in range(max(rule.run, rule.keys)):
        gate = heard(rule, gate, Heard.FAILED, now)
    for _ in range(probes):
        rests.append(gate.open_until - now)
        now = gate.open_until
        gate = sampled(rule, gate, Sample(0, 0), now)
        assert gate.state is State.HALF_OPEN
        gate = heard(rule, gate, Heard.FAILED, now)
        assert gate.state is State.OPEN
    assert rests == [min(rule.longest, rule.rest * 2**n) for n in range(probes)]


@given(rules, st.integers(0, 60), st.data())
def test_a_sample_opens_when_it_is_large_and_bad_enough_and_says_nothing_otherwise(
    rule, calls, data
):
    failed = data.draw(st.integers(0, calls))
    keys = data.draw(st.integers(0, calls - failed))
    gate = sampled(rule, NEW, Sample(calls, failed, keys), NOW)
    bad = calls >= rule.least and failed + keys >= rule.share * calls
    assert gate.state is (State.OPEN if bad else State.CLOSED)
    if bad:
        assert gate.reason is (Reason.CREDENTIALS if keys > failed else Reason.FAILING)


def test_a_run_of_failures_opens_at_once_and_one_answer_between_begins_it_anew():
    most = [Heard.FAILED] * (USUAL.run - 1)
    assert told(NEW, *most).state is State.CLOSED
    assert told(NEW, *most, Heard.ANSWERED, *most).state is State.CLOSED
    assert told(NEW, *most, Heard.FAILED).state is State.OPEN


def test_a_key_that_is_taken_for_nothing_opens_sooner_and_says_so():
    gate = told(NEW, *[Heard.CREDENTIALS] * USUAL.keys)
    assert (gate.state, gate.reason) == (State.OPEN, Reason.CREDENTIALS)


def test_what_was_begun_before_it_opened_and_fails_after_makes_the_rest_no_longer():
    gate = told(NEW, *[Heard.FAILED] * USUAL.run)
    late = told(gate, *[Heard.FAILED] * 50, now=NOW + USUAL.rest / 2)
    assert (late.open_until, late.opened) == (gate.open_until, 1)


def test_an_answer_closes_but_what_was_asked_for_is_still_waited_for():
    gate = heard(USUAL, NEW, Heard.FAILED, NOW, seconds(40))
    assert gate.opens(NOW) == NOW + seconds(40)
    closed = told(gate, Heard.ANSWERED)
    assert closed.opens(NOW) == NOW + seconds(40)
    assert closed.opens(NOW + seconds(41)) == NOW + seconds(41)


def test_one_that_flaps_rests_longer_and_one_that_was_well_for_long_begins_anew():
    failing = [Heard.FAILED] * USUAL.run
    once = told(told(NEW, *failing), Heard.ANSWERED)
    again = told(once, *failing, now=NOW + seconds(30))
    assert again.open_until - (NOW + seconds(30)) == 2 * USUAL.rest
    later = NOW + USUAL.longest + seconds(31)
    assert told(once, *failing, now=later).open_until - later == USUAL.rest


@pytest.mark.parametrize(("opened", "rest"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 600)])
def test_how_long_it_stays_open(opened, rest):
    assert open_for(USUAL, opened) == seconds(rest)


def test_it_is_half_open_only_when_the_marketplace_wants_to_be_asked_again():
    gate = replace(told(NEW, *[Heard.FAILED] * USUAL.run), rest_until=NOW + seconds(60))
    assert sampled(USUAL, gate, Sample(0, 0), NOW + seconds(30)).state is State.OPEN
    assert sampled(USUAL, gate, Sample(0, 0), NOW + seconds(60)).state is State.HALF_OPEN
