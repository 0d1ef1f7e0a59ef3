"""Half of a worker's slots are nobody's, whoever waits and whatever is tried again."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.actions.slots import Slots
from app.db.queue import Item, Queue

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNTS = [UUID(int=n) for n in range(1, 5)]
IDS = iter(range(10**9))


def item(account, attempts=1):
    id_ = UUID(int=next(IDS))
    return Item(Queue.OUTBOX, id_, account, str(id_), attempts, 1, unsure=False, trace_id="",
                created_at=NOW)  # fmt: skip


rows = st.builds(item, st.sampled_from([*ACCOUNTS, None]), st.integers(1, 3))


@given(st.integers(1, 9), st.lists(rows, max_size=60), st.data())
def test_no_account_and_no_retries_ever_take_more_than_half_and_all_rows_get_their_turn(
    width, found, data
):
    slots, at_work, begun = Slots(width), [], []
    slots.take_in(found, 1.0)
    half = max(1, width // 2)
    while at_work or slots.waits:
        while (one := slots.begin()) is not None:
            at_work.append(one)
            begun.append(one.id)
        assert len(at_work) <= width
        counted = Counter(one.account_id for one in at_work)
        assert all(counted[account] <= half for account in ACCOUNTS)
        assert sum(one.attempts > 1 for one in at_work) <= half
        assert at_work
        done = at_work.pop(data.draw(st.integers(0, len(at_work) - 1)))
        slots.end(done)
    assert sorted(begun) == sorted(one.id for one in found)


def test_what_is_new_of_another_account_finds_a_slot_beside_one_that_hangs():
    slots = Slots(width=8)
    slots.take_in([item(ACCOUNTS[0]) for _ in range(20)], 1.0)
    assert sum(slots.begin() is not None for _ in range(20)) == 4
    assert slots.room() == 20
    hands = slots.hands(("kuper",))
    assert hands.held == {ACCOUNTS[0]: 20}
    assert (hands.most, hands.retries, hands.adapters) == (20, 20, ("kuper",))
    slots.take_in([item(ACCOUNTS[1])], 1.0)
    assert slots.room() == 0
    assert slots.begin().account_id == ACCOUNTS[1]


def test_retries_leave_slots_to_what_is_new_also_when_nothing_new_is_there_yet():
    slots = Slots(width=8)
    slots.take_in([item(account, 2) for account in ACCOUNTS for _ in range(5)], 1.0)
    assert sum(slots.begin() is not None for _ in range(20)) == 4
    assert slots.hands(None).retries == 0
    slots.take_in([item(ACCOUNTS[1])], 1.0)
    assert slots.begin().attempts == 1


def test_with_all_slots_at_work_nothing_more_is_taken_in_hand():
    slots = Slots(width=2)
    slots.take_in([item(None), item(None)], 1.0)
    assert slots.room() == 0
    assert slots.begin()
    assert slots.begin()
    assert slots.room() == 0


def test_what_was_not_begun_in_time_is_given_back():
    slots = Slots(width=2)
    early, late = item(None), item(None)
    slots.take_in([early], 1.0)
    slots.take_in([late], 2.0)
    assert slots.give_back(1.0) == [early]
    assert slots.begin() == late
