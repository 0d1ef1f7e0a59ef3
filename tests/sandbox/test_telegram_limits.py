"""How fast a bot may write, counted with a clock that the test turns."""

from __future__ import annotations

import pytest

from app.sandbox.telegram.limits import Gate, Limits

GROUP, PERSON = -1001, 42


class Clock:
    """Seconds that pass when told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate(Limits(), clock)


def test_a_chat_takes_a_small_burst_and_then_one_a_second(gate: Gate, clock: Clock):
    assert [gate.retry_after(PERSON) for _ in range(4)] == [0, 0, 0, 1]
    clock.now += 1
    assert [gate.retry_after(PERSON) for _ in range(2)] == [0, 1]


def test_a_refused_message_uses_nothing_up(gate: Gate, clock: Clock):
    for _ in range(50):
        gate.retry_after(PERSON)
    clock.now += 1
    assert gate.retry_after(PERSON) == 0


def test_a_group_takes_twenty_a_minute(gate: Gate, clock: Clock):
    taken = 0
    for _ in range(60):
        taken += gate.retry_after(GROUP) == 0
        clock.now += 0.5
    assert 20 <= taken <= 31  # twenty at once, and one every three seconds
    while gate.retry_after(GROUP) == 0:
        clock.now += 1
    assert gate.retry_after(GROUP) in (1, 2, 3)


def test_a_group_at_its_limit_is_told_how_long_to_wait(gate: Gate, clock: Clock):
    for _ in range(100):
        wait = gate.retry_after(GROUP)
        clock.now += wait
    assert wait > 0
    assert gate.retry_after(GROUP) == 0 or wait <= 3


def test_thirty_a_second_over_all_chats(gate: Gate, clock: Clock):
    answers = [gate.retry_after(chat) for chat in range(1, 41)]
    assert answers == [0] * 30 + [1] * 10
    clock.now += 1
    assert gate.retry_after(99) == 0


def test_limits_are_arguments(clock: Clock):
    gate = Gate(Limits(per_chat=1000, chat_burst=1000, overall=1000, overall_burst=1000), clock)
    assert not any(gate.retry_after(PERSON) for _ in range(900))
