from hypothesis import given
from hypothesis import strategies as st

from app.domain.budget import Budget


@given(st.integers(0, 20), st.lists(st.floats(0, 600), max_size=200))
def test_no_minute_that_begins_with_a_taker_sees_more_than_the_budget(most, times):
    budget = Budget(most)
    taken = [now for now in sorted(times) if budget.take(now)]
    for begin in taken:
        assert sum(begin <= moment < begin + 60 for moment in taken) <= 2 * most


def test_the_budget_is_new_after_a_minute():
    budget = Budget(2)
    assert [budget.take(now) for now in (0, 1, 2, 59, 60, 61, 62)] == [
        True, True, False, False, True, True, False,
    ]  # fmt: skip
