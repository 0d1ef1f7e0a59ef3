"""Their ids of goods into ours and back: nothing else of an event or an order changes."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.domain.after_sale_events import Corrected, Returned, Wish
from app.domain.events import Changed, Delivered, Paid, Placed
from app.domain.order import Draft, DraftLine, Unit
from app.domain.replacement_events import ReplacementAnswered
from app.domain.translate import goods_of, into_ours, into_theirs, wished_in
from tests.domain.build import an_order

WORDS = st.text("abc123", min_size=1, max_size=3)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_line(id_, wishes=(), ref=None):
    return DraftLine(id_, f"goods {id_}", Unit.PIECE, 100, 1, wish_skus=tuple(wishes), ref=ref)


def a_draft(*lines):
    return Draft("H1", None, "101", lines, NOW, 100 * len(lines))


@st.composite
def drafts(draw):
    ids = draw(st.lists(WORDS, min_size=1, max_size=6, unique=True))
    return a_draft(*(a_line(id_, draw(st.lists(WORDS, max_size=2))) for id_ in ids))


@given(drafts(), st.dictionaries(WORDS, WORDS))
def test_a_drafts_lines_stay_as_many_in_their_order_each_with_an_id_of_its_own(draft, known):
    ours = into_ours(Placed(draft), known).draft
    assert [line.name for line in ours.lines] == [line.name for line in draft.lines]
    before = [line.external_id for line in draft.lines]
    after = [line.external_id for line in ours.lines]
    assert len(set(after)) == len(after)
    for theirs, line in zip(before, ours.lines, strict=True):
        assert line.external_id in (theirs, known.get(theirs))
        assert line.ref == (theirs if line.external_id != theirs else line.ref)


@given(drafts(), st.dictionaries(WORDS, WORDS))
def test_what_was_translated_is_told_under_the_names_it_came_under(draft, known):
    """Whatever else was called the same: a line that came under a name keeps it."""
    ours = into_ours(Placed(draft), known).draft
    back = {}
    for theirs, sku in known.items():
        back.setdefault(sku, []).append(theirs)
    names = {n: line.external_id for n, line in enumerate(draft.lines)}
    for n, line in enumerate(ours.lines):
        told = into_theirs(_order(line), back).lines[0].external_id
        if line.ref is not None:
            assert told == names[n]
        else:
            assert told == (back[line.external_id][0] if line.external_id in back else names[n])


def _order(line):
    order = an_order()
    return replace(order, lines=(replace(order.lines[0], external_id=line.external_id,
                                         ref=line.ref),))  # fmt: skip


def test_an_event_without_goods_is_the_same_event():
    for event in (Paid(5), Delivered()):
        assert (goods_of(event), wished_in(event)) == (frozenset(), frozenset())
        assert into_ours(event, {"a": "b"}) is event


def test_wishes_are_translated_and_nothing_waits_for_them():
    event = Changed(a_draft(a_line("1", ["2", "3"])))
    assert (goods_of(event), wished_in(event)) == ({"1"}, {"2", "3"})
    assert into_ours(event, {"2": "S2"}).draft.lines[0].wish_skus == ("S2", "3")


def test_a_name_the_line_already_has_there_stays():
    (line,) = into_ours(Placed(a_draft(a_line("1", ref="line-9"))), {"1": "S1"}).draft.lines
    assert (line.external_id, line.ref) == ("S1", "line-9")


def test_of_two_lines_that_mean_the_same_goods_the_second_keeps_its_id():
    lines = into_ours(Placed(a_draft(a_line("1"), a_line("2"))), {"1": "S", "2": "S"}).draft.lines
    assert [(line.external_id, line.ref) for line in lines] == [("S", "1"), ("2", None)]


def test_a_line_does_not_take_the_id_that_another_line_has_to_keep():
    """The third line keeps its id, as its SKU is taken; so the second may not be called that."""
    lines = (a_line("1"), a_line("2"), a_line("3"))
    ours = into_ours(Placed(a_draft(*lines)), {"1": "1", "2": "3", "3": "1"}).draft.lines
    assert [(line.external_id, line.ref) for line in ours] == [("1", "1"), ("2", None), ("3", None)]


def test_what_comes_back_or_is_answered_is_translated_too_but_never_an_id_of_ours():
    ours = uuid4()
    for event in (Returned((Wish("1", 1), Wish(ours, 1)), "x"), Corrected((Wish("1"),), "x")):
        assert goods_of(event) == {"1"}
        assert into_ours(event, {"1": "S1", str(ours): "no"}).lines[0].line == "S1"
    assert into_ours(Returned((Wish(ours, 1),), "x"), {str(ours): "no"}).lines[0].line == ours
    assert into_ours(ReplacementAnswered("1", approved=True), {"1": "S1"}).external_id == "S1"


def test_goods_that_a_picker_chose_go_out_under_their_latest_name():
    order = an_order()
    sku = order.lines[0].external_id
    told = into_theirs(order, {sku: ("new", "old")})
    assert told.lines[0].external_id == "new"
    assert [line.external_id for line in told.lines[1:]] == [
        line.external_id for line in order.lines[1:]
    ]
    assert into_theirs(order, {}) is order
