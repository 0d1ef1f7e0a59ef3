"""Never faster than allowed in any span of time; as fast as allowed when there is much to say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.pace import AHEAD, TELEGRAM, Limit, Paces, Standing, turn

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FRESH = Standing(LONG_AGO, LONG_AGO)
limits = st.builds(Limit, st.floats(0.1, 50), st.integers(1, 30))
gaps = st.lists(st.integers(0, 3_000_000), min_size=1, max_size=80)


def seconds(number):
    return timedelta(seconds=number)


def most_within(limit, span):
    """What a bucket of this burst that leaks at this rate takes in so long a time."""
    return limit.burst + span / limit.interval


def crossed(limit, moments):
    """Spans of time in which more went than the bucket takes."""
    return [
        (first, last)
        for at, first in enumerate(moments)
        for to, last in enumerate(moments[at:], at)
        if to - at + 1 > most_within(limit, last - first) + 1e-6
    ]


@given(limits, gaps)
def test_whoever_waits_as_told_never_goes_faster_than_allowed(limit, waits):
    now, arrival, went = START, LONG_AGO, []
    for wait in waits:
        now += timedelta(microseconds=wait)
        now = limit.earliest(arrival, now)
        arrival = limit.after(arrival, now)
        went.append(now)
    assert crossed(limit, went) == []


@given(limits, st.integers(31, 200))
def test_whoever_has_much_to_say_reaches_the_limit(limit, many):
    now, arrival = START, LONG_AGO
    for _ in range(many):
        now = limit.earliest(arrival, now)
        arrival = limit.after(arrival, now)
    assert now - START == (many - limit.burst) * limit.interval


class Book:
    """What the database keeps, and who went when."""

    def __init__(self, paces):
        self.paces, self.bot, self.chats, self.went = paces, FRESH, {}, []

    def ask(self, chat_id, now):
        """Take a turn, or the moment to ask again at."""
        chat = self.chats.get(chat_id, FRESH)
        found = turn(self.paces, chat_id, self.bot, chat, now)
        if found.taken is None:
            return found.at
        overall, single, group = found.taken
        self.bot = replace(self.bot, arrival=overall)
        self.chats[chat_id] = replace(chat, arrival=single, group_arrival=group)
        self.went.append((found.at, chat_id))
        return None


chats = st.lists(st.tuples(st.integers(-3, 3).filter(bool), st.integers(0, 400)), max_size=120)


@given(chats, st.builds(Paces, limits, limits, limits))
def test_no_order_of_chats_crosses_any_limit(asked, paces):
    book, now = Book(paces), START
    for chat_id, wait in asked:
        now += timedelta(milliseconds=wait)
        while (again := book.ask(chat_id, now)) is not None:
            assert again > now  # exactly then, so nobody asks in vain again and again
            now = again
    moments = sorted(at for at, _ in book.went)
    assert crossed(paces.overall, moments) == []
    for chat_id in {chat_id for _, chat_id in book.went}:
        own = sorted(at for at, one in book.went if one == chat_id)
        assert crossed(paces.chat, own) == []
        assert chat_id > 0 or crossed(paces.group, own) == []


def test_a_chat_that_must_wait_takes_nothing_from_the_others():
    book = Book(TELEGRAM)
    while book.ask(1, START) is None:
        pass
    assert book.ask(1, START) == START + seconds(1)
    assert book.ask(2, START) is None
    assert [chat for _, chat in book.went] == [1, 1, 2]


def test_sixty_chats_get_thirty_a_second_and_a_turn_is_promised_a_second_ahead_at_most():
    book = Book(TELEGRAM)
    for step in range(1000):
        now = START + timedelta(milliseconds=10 * step)
        for chat_id in range(1, 61):
            book.ask(chat_id, now)
    moments = [at for at, _ in book.went]
    assert max(moments) <= now + AHEAD
    assert len([at for at in moments if at < START + seconds(10)]) in range(300, 306)


def test_a_chat_is_left_alone_for_as_long_as_telegram_asked_and_so_is_the_bot():
    closed = replace(FRESH, closed_at=START, closed_until=START + seconds(40))
    assert turn(TELEGRAM, 1, FRESH, closed, START).at == START + seconds(40)
    assert turn(TELEGRAM, 1, closed, FRESH, START).at == START + seconds(40)
    assert turn(TELEGRAM, 1, FRESH, closed, START + seconds(40)).taken


def test_a_clock_that_was_put_back_keeps_nobody_silent():
    hour = START + timedelta(hours=1)
    late = Standing(hour, hour, closed_at=hour, closed_until=hour + seconds(5))
    for chat_id in (5, -5):
        found = turn(TELEGRAM, chat_id, FRESH, late, START)
        assert found.at <= START + TELEGRAM.group.interval + AHEAD
    assert turn(TELEGRAM, 5, late, FRESH, START).at <= START + 2 * AHEAD
