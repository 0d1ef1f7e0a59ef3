"""The schedule, and what becomes of each kind of failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.retry import EARLY_STEPS, JITTER, STEPS, judge
from app.errors import (
    Malformed,
    NotYet,
    RemoteRefused,
    RemoteUnavailable,
    SettingsInvalid,
    UnknownAccount,
)

MIDDLE = 0.5  #: no jitter at all


@pytest.mark.parametrize(("failures", "delay"), list(enumerate(STEPS, 1)))
def test_a_remote_that_is_away_is_asked_again_after_each_step(failures, delay):
    verdict = judge(RemoteUnavailable("away"), failures, MIDDLE)
    assert verdict.delay == pytest.approx(delay)
    assert verdict.reason == "remote_unavailable"
    assert not verdict.parked


def test_after_the_last_step_the_row_is_buried():
    assert judge(RemoteUnavailable("away"), len(STEPS) + 1, MIDDLE).delay is None


@pytest.mark.parametrize("error", [Malformed, RemoteRefused, SettingsInvalid,
                                   UnknownAccount])  # fmt: skip
def test_what_will_not_heal_is_buried_at_once_with_its_reason(error):
    verdict = judge(error("why"), 1, MIDDLE)
    assert (verdict.delay, verdict.reason, verdict.error) == (None, error.reason, "why")


@pytest.mark.parametrize(("failures", "delay"), list(enumerate(EARLY_STEPS, 1)))
def test_an_early_event_is_parked(failures, delay):
    verdict = judge(NotYet("before its order"), failures, MIDDLE)
    assert verdict.parked
    assert verdict.delay == pytest.approx(delay)


def test_an_early_event_whose_order_never_comes_is_buried():
    verdict = judge(NotYet("before its order"), len(EARLY_STEPS) + 1, MIDDLE)
    assert (verdict.delay, verdict.reason) == (None, "early")


def test_a_bug_of_ours_is_tried_again_and_nobody_knows_how_far_it_came():
    verdict = judge(KeyError("position"), 1, MIDDLE)
    assert (verdict.reason, verdict.delay, verdict.unsure) == ("bug", STEPS[0], False)
    assert "KeyError" in verdict.error


@pytest.mark.parametrize("ambiguous", [True, False])
def test_only_a_request_that_may_have_arrived_makes_unsure(ambiguous):
    assert judge(RemoteUnavailable("x", ambiguous=ambiguous), 1, MIDDLE).unsure is ambiguous


@pytest.mark.parametrize(("asked", "delay"), [(0.0, 5.0), (3.0, 5.0), (35.0, 35.0)])
def test_the_other_side_may_ask_for_more_time_but_not_for_less(asked, delay):
    assert judge(RemoteUnavailable("busy", after=asked), 1, MIDDLE).delay == pytest.approx(delay)


@given(st.integers(1, len(STEPS)), st.floats(0, 1))
def test_jitter_stays_within_its_share(failures, spread):
    delay = judge(RemoteUnavailable(), failures, spread).delay
    assert abs(delay - STEPS[failures - 1]) <= STEPS[failures - 1] * JITTER / 2 + 1e-9


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "x" * 10_000, "\x00" * 5000])
def test_the_error_that_is_kept_is_text_a_database_takes(text):
    error = judge(Malformed(text), 1, MIDDLE).error
    assert "\x00" not in error
    assert len(error.encode()) <= 8000


def test_a_bug_keeps_its_first_words_only_because_the_rest_may_hold_a_customers_data():
    error = judge(RuntimeError("new row violates it\nDETAIL: Failing row (+70000000000)"), 1, 0.5)
    assert error.error == "RuntimeError: new row violates it"
