"""When a day is over and told: by shifts, by a time, never in quiet hours, never twice."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.digest import FRESH, Day, Place, Shift, Totals, day_of, due, span_of

ID = UUID(int=1)
DAY = date(2026, 3, 2)


def at(text, day=DAY):
    """A moment by Moscow's clock, three hours before UTC; "+01:30" is the next day's."""
    clock = time.fromisoformat(text.removeprefix("+"))
    local = datetime.combine(day, clock, UTC) - timedelta(hours=3)
    return local + timedelta(days=text.startswith("+"))


def place(*shifts, store=ID, **changes):
    known = tuple(Shift(at(start), at(end) if end else None) for start, end in shifts)
    one = Place(1, None, ID, store, "MSK-07", "Europe/Moscow", "Europe/Moscow", shifts=known)
    return replace(one, **changes)


def told(one, *moments):
    return [due(one, at(moment)) for moment in moments]


def test_the_last_shift_s_end_ends_the_day_when_nobody_comes_soon():
    one = place(("08:00", "15:00"), ("14:00", "22:00"))
    assert told(one, "22:14", "22:15", "23:00") == [None, DAY, DAY]


def test_somebody_still_at_work_keeps_the_day_open():
    one = place(("08:00", "15:00"), ("14:00", None))
    assert told(one, "22:30", "+03:59") == [None, None]


def test_who_works_round_the_clock_has_a_day_s_end_at_four():
    one = place(("08:00", None), ("+00:00", None))
    assert told(one, "+03:59", "+04:00") == [None, DAY]


def test_who_closes_after_midnight_closes_the_evening_before():
    one = place(("17:00", "+01:30"))
    assert told(one, "+01:50") == [DAY]


def test_a_day_is_told_once():
    one = place(("08:00", "22:00"), told=frozenset({DAY}))
    assert told(one, "22:30", "+09:00") == [None, None]


def test_a_day_nobody_could_tell_for_long_is_not_told():
    one = place(("08:00", "22:00"))
    assert due(one, at("22:14") + FRESH) == DAY
    assert due(one, at("22:15") + FRESH) is None


def test_quiet_hours_are_waited_for():
    one = place(("08:00", "22:00"), quiet=(time(22), time(7)))
    assert told(one, "22:30", "+06:59", "+07:00") == [None, None, DAY]


def test_quiet_hours_are_the_readers_and_days_the_store_s():
    one = place(("08:00", "22:00"), quiet=(time(22), time(7)), chat_zone="Asia/Vladivostok")
    assert told(one, "22:15") == [None]  # a quarter past five in Vladivostok
    assert told(one, "+00:00") == [DAY]  # seven


def test_a_store_without_shifts_is_told_of_at_the_chat_s_time():
    one = place(digest_at=time(21, 30))
    assert told(one, "21:29", "21:30") == [None, DAY]


def test_a_time_after_midnight_is_that_of_the_day_before():
    one = place(digest_at=time(0, 30), told=frozenset({DAY - timedelta(days=1)}))
    assert told(one, "12:00", "23:59", "+00:29", "+00:30") == [None, None, None, DAY]


def test_a_store_with_neither_shifts_nor_a_time_is_not_told_of():
    assert told(place(), "21:30", "+04:00") == [None, None]


def test_a_store_with_shifts_ends_with_them_whatever_the_chat_s_time():
    one = place(("08:00", "22:00"), digest_at=time(20))
    assert told(one, "20:00", "22:15") == [None, DAY]


def test_a_merchant_is_told_of_at_the_chat_s_time_or_when_all_went_home():
    shifts = (("08:00", "20:00"), ("09:00", "22:00"))
    yesterday = frozenset({DAY - timedelta(days=1)})
    timed = place(*shifts, store=None, digest_at=time(21), told=yesterday)
    assert told(timed, "20:15", "21:00") == [None, DAY]
    assert told(place(*shifts, store=None), "20:15", "22:15") == [None, DAY]


@given(
    st.integers(0, 365 * 24 * 60),
    st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kamchatka", "Pacific/Chatham"]),
)
def test_every_moment_is_in_the_day_it_belongs_to(minutes, zone):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    start, end = span_of(day_of(now, zone), zone, now)
    assert timedelta() <= end - start <= timedelta(days=1)


def until(shift, now):
    """The shift as it is known then."""
    over = shift.ended_at is not None and shift.ended_at <= now
    return shift if over else shift._replace(ended_at=None)


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 900) | st.none()), max_size=6),
    st.times() | st.none(),
    st.tuples(st.times(), st.times()) | st.none(),
)
def test_minute_after_minute_no_day_is_told_twice_and_none_too_late(shifts, digest_at, quiet):
    begin = datetime(2026, 3, 1, tzinfo=UTC)

    def moment(minutes):
        return begin + timedelta(minutes=minutes)

    known = tuple(
        Shift(moment(start), None if length is None else moment(start + length))
        for start, length in shifts
    )
    one, days = place(digest_at=digest_at, quiet=quiet), []
    for minute in range(0, 4320, 7):
        seen = tuple(until(each, moment(minute)) for each in known)
        seen = tuple(each for each in seen if each.started_at <= moment(minute))
        day = due(replace(one, shifts=seen, told=frozenset(days)), moment(minute))
        if day is not None:
            days.append(day)
            assert day <= day_of(moment(minute), "Europe/Moscow")
    assert len(days) == len(set(days))


@pytest.mark.parametrize(("ready", "share"), [(9, None), (10, 90.0)])
def test_a_rate_of_too_few_says_nothing(ready, share):
    assert Totals(ready=ready, on_time=9).on_time_share == share


def test_what_is_usual_needs_two_days_that_know_it():
    known = Totals(orders=10, ready=20, on_time=10)
    assert Day(DAY, known, usual=[known]).usually("orders") is None
    assert Day(DAY, known, usual=[known, Totals(orders=20)]).usually("orders") == 15
    assert Day(DAY, known, usual=[known, Totals(orders=20)]).usually("on_time_share") is None
