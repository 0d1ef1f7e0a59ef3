"""A cursor is text to everybody but the hub, and whatever text comes back is read or refused."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cursor import LIFETIME, Cursor, Stand, begin, read

HERE = "6b0287c21fbad0ea-00000001"
NOW = Stand(HERE, 1_800_000_000, "771:780:773,775")
LAST = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


@st.composite
def snapshots(draw: st.DrawFn) -> str:
    least = draw(st.integers(1, 10**17))
    end = draw(st.integers(least, least + 40))
    running = draw(st.sets(st.integers(least, end - 1))) if end > least else set()
    return f"{least}:{end}:{','.join(map(str, sorted(running)))}"


cursors = st.builds(
    Cursor,
    place=st.from_regex(r"[0-9a-f]{1,16}-[0-9A-F]{8}", fullmatch=True),
    taken=st.integers(0, 10**12 - 1),
    seen=snapshots(),
    goal=st.just("") | snapshots(),
    after=st.uuids(),
)


@given(cursors)
def test_a_cursor_survives_being_sent(cursor):
    assert read(str(cursor)) == cursor


@given(st.text() | st.from_regex(r"[0-9a-f.:,-]+", fullmatch=True))
def test_any_text_is_read_or_refused(text):
    assert read(text) is None or str(read(text)) == text


@pytest.mark.parametrize(
    "seen",
    ["", "1", "1:2", "0:5:", "5:4:", "1:5:4,3", "1:5:3,3", "1:5:5", "2:5:1", "1:5:,", "1:5:3,",
     "1:1000000000000000000:", "a:b:c"],
)  # fmt: skip
def test_what_postgresql_would_not_read_is_no_cursor(seen):
    assert read(f"{HERE}.1800000000.{seen}..{'0' * 32}") is None


@pytest.mark.parametrize("text", ["x" * 7000, f"{HERE}.1.1:2:..{'0' * 31}", f"{HERE}.1.1:2:.."])
def test_half_a_cursor_or_too_much_of_one_is_none(text):
    assert read(text) is None


def test_a_first_reader_is_told_everything_page_by_page_and_ends_where_it_began():
    first = begin(NOW)
    assert (first.seen, first.page(NOW)[1]) == ("", NOW.seen)
    half = first.told(NOW, LAST)
    later = Stand(HERE, NOW.taken + 5, "790:790:")
    assert half.page(later) == ("", NOW.seen)
    assert half.told(later, None) == Cursor(HERE, NOW.taken, NOW.seen)


def test_a_reader_goes_on_from_what_it_saw():
    cursor = Cursor(HERE, NOW.taken - 9, "700:700:")
    assert cursor.page(NOW) == ("700:700:", NOW.seen)
    assert cursor.told(NOW, None) == Cursor(HERE, NOW.taken, NOW.seen)


def test_pages_keep_the_age_of_what_they_began_with():
    cursor = Cursor(HERE, NOW.taken - 9, "700:700:")
    assert cursor.told(NOW, LAST).told(NOW, None).taken == cursor.taken


@pytest.mark.parametrize(
    ("place", "age", "good"),
    [(HERE, 0, True), (HERE, LIFETIME, True), (HERE, LIFETIME + 1, False), (HERE, -60, True),
     (HERE, -61, False), ("6b0287c21fbad0ea-00000002", 0, False)],
)  # fmt: skip
def test_a_cursor_is_good_for_a_while_and_for_its_own_database(place, age, good):
    assert Cursor(place, NOW.taken - age, "700:700:").good(NOW) is good
