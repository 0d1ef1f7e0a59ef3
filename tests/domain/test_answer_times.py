"""How webhooks were answered, counted in steps: nothing is lost, and a step is a quarter wide."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.answer_times import MOST, STEPS, HookCounts, Tally, step

SECONDS = st.floats(0, 1e6)
ANSWERS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from([200, 403, 503]), SECONDS)
)


@given(SECONDS)
def test_an_answer_lies_within_its_step(seconds):
    ms, n = 1000 * seconds, step(seconds)
    assert 0 <= n < STEPS
    assert n == STEPS - 1 or ms <= 2 ** (n / 3) * 1.000001
    assert n == 0 or ms >= 2 ** ((n - 1) / 3) * 0.999999


@given(ANSWERS, ANSWERS)
def test_what_is_given_back_counts_with_what_came_meanwhile(first, later):
    counts, whole = HookCounts(), HookCounts()
    for answer in first:
        counts.count(*answer)
        whole.count(*answer)
    taken = counts.take()
    for answer in later:
        counts.count(*answer)
        whole.count(*answer)
    counts.give_back(taken)
    assert counts.take() == whole.take()
    assert counts.take() == {}


def test_answers_are_taken_refused_or_failed():
    counts = HookCounts()
    for status in (200, 202, 403, 404, 500, 503):
        counts.count("a", status, 0.002)
    assert counts.take() == {"a": Tally(2, 2, 2, [0, 0, 0, 6, *[0] * (STEPS - 4)])}


def test_invented_names_do_not_fill_the_memory_nor_push_out_those_that_count():
    counts = HookCounts()
    counts.count("ours", 503, 1)
    for n in range(2 * MOST):
        counts.count(f"invented-{n}", 503, 1)
    counts.count("ours", 503, 1)
    taken = counts.take()
    assert len(taken) == MOST
    assert taken["ours"].failed == 2
    for n in range(MOST):
        counts.count(f"others-{n}", 503, 1)
    counts.give_back(taken)
    assert len(counts.take()) == MOST
