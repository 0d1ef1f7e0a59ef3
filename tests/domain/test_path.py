"""The way through the shop: one order of lines, whatever order they came in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain.goods import Place
from app.domain.order import LineState
from app.domain.path import natural, no_place, path, place_key, postpone, zone_of, zones
from app.domain.pick_job import JobState
from app.domain.refusals import Code, Refused
from app.domain.run import Member, Standing, must_be_over, walk
from app.domain.urgency import Spot, minutes_left, read
from tests.domain.build import an_order, piece, uid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
texts = st.text(max_size=8)
places = st.builds(Place, texts, texts, texts, st.none() | st.integers(0, 50))
lines = st.lists(
    st.builds(
        lambda n, place, postponed: replace(piece(n), position=n % 7, place=place,
                                            postponed=postponed),
        st.integers(1, 500), places, st.integers(0, 3),
    ),
    unique_by=lambda each: each.id, max_size=12,
)  # fmt: skip


@given(lines, st.randoms(use_true_random=False))
def test_the_path_is_the_same_in_whatever_order_lines_come(those: list, chance: Random):
    shuffled = those.copy()
    chance.shuffle(shuffled)
    assert path(those) == path(shuffled)
    assert path(path(those)) == path(those)
    assert sorted(each.id for each in path(those)) == sorted(each.id for each in those)


@given(lines)
def test_what_was_put_off_comes_last_and_unknown_places_first_in_their_turn(those):
    walked = path(those)
    for one, other in pairwise(walked):
        assert place_key(one) < place_key(other)
        assert one.postponed <= other.postponed
        if one.postponed == other.postponed and no_place(other):
            assert no_place(one)
        if one.postponed == other.postponed and not no_place(one):
            assert one.place.rank <= other.place.rank


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("A2", "A10"), ("2", "10"), ("", "1"), ("B2-1-9", "B2-1-10"), ("a1", "B1"), ("9", "A"),
     ("1" * 30, "A")],
)  # fmt: skip
def test_shelves_are_counted_as_people_count(earlier, later):
    assert natural(earlier) < natural(later)


@given(texts, texts)
def test_any_two_names_of_places_can_be_compared(one, other):
    assert (natural(one) < natural(other)) + (natural(other) < natural(one)) <= 1


@given(lines.filter(bool), st.data())
def test_a_line_put_off_is_the_last_and_stays_there_when_it_is_put_off_again(those, data):
    before = an_order(*those)
    chosen = data.draw(st.sampled_from([each.id for each in those]))
    after = postpone(before, ev.LinePostponed(chosen))
    assert path(after.lines)[-1].id == chosen or len(those) == 1
    assert postpone(after, ev.LinePostponed(chosen)) == after
    assert {each.id for each in after.lines} == {each.id for each in before.lines}


@pytest.mark.parametrize("state", sorted(set(LineState) - {LineState.TODO}))
def test_a_line_with_an_outcome_is_not_put_off(state):
    closed = piece(state=state)
    with pytest.raises(Refused) as caught:
        postpone(an_order(closed), ev.LinePostponed(closed.id))
    assert caught.value.code is Code.ILLEGAL_TRANSITION


def test_a_replacement_is_in_the_zone_of_what_it_stands_for():
    one = replace(piece(1), place=Place("Свежее"))
    two = replace(piece(2), place=Place("Бакалея"), replaces=one.id)
    three = replace(piece(3), place=Place("Заморозка"))
    whole = an_order(one, two, three)
    assert [zone_of(whole, each) for each in whole.lines] == ["Свежее", "Свежее", "Заморозка"]
    assert zones(whole) == ("Заморозка", "Свежее")


def placed(n, rank):
    return replace(piece(n), place=Place(rank=rank))


def test_the_path_of_a_run_is_one_path_through_the_shop():
    one = Member(an_order(placed(1, 1), placed(2, 5)), "A", JobState.CLAIMED)
    two = Member(an_order(placed(3, 3), placed(4, None)), "B", JobState.CLAIMED)
    gone = Member(an_order(placed(5, 2)), "C", None)
    assert gone.standing is Standing.LEFT
    walked = [(member.tote, each.id) for member, each in walk([one, two, gone])]
    assert walked == [("B", uid(4)), ("A", uid(1)), ("B", uid(3)), ("A", uid(2))]
    with pytest.raises(Refused) as caught:
        must_be_over([one, gone])
    assert caught.value.details["orders"][0]["line_ids"] == [str(uid(1)), str(uid(2))]


moments = st.integers(0, 10**16).map(lambda n: EPOCH + timedelta(microseconds=n))
spots = st.builds(Spot, moments, st.text(st.characters(codec="utf-8", exclude_characters="\x00"),
                                         max_size=40), st.uuids())  # fmt: skip


@given(spots)
def test_a_cursor_is_read_as_it_was_written(spot):
    assert read(str(spot)) == (spot if len(str(spot)) <= 400 else None)


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_none(text):
    found = read(text)
    assert found is None or str(found) == text


def test_minutes_are_whole_and_below_zero_when_it_is_late():
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert minutes_left(now + timedelta(seconds=119), now) == 1
    assert minutes_left(now - timedelta(seconds=1), now) == -1
    assert read(str(Spot(now, "N", UUID(int=7)))) == Spot(now, "N", UUID(int=7))
