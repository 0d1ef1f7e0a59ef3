"""An operation taken back leaves its lines as they were, or nothing happens at all."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.barcode import GS
from app.domain.decide import decide
from app.domain.goods import Product
from app.domain.order import WITHDRAWN, Line, OrderState, Replacement
from app.domain.order import LineState as L
from app.domain.refusals import Code, Refused
from app.domain.terms import Terms
from app.domain.undo import images
from tests.domain.build import a_draft, an_order, counting, draft_line, piece, uid, weighed

EAN = "4690003009016"
MARKS = [f"010{EAN}21serial{n}{GS}93abc{n}" for n in range(4)]
GOODS = {
    "tea": Product(sku="tea", name="Чай", price=5000, barcodes=("4600000000008",)),
    "figs": Product(sku="figs", name="Инжир", price=9000, unit_grams=1000, plu="00202"),
}
LINES = tuple(
    replace(line, barcodes=(EAN,)) if line.marked else line
    for line in (piece(1), weighed(2), piece(3, pieces=2, marked=True))
)


def terms():
    return Terms(GOODS, counting())


def placed(**changes):
    return replace(an_order(*LINES), requested_total=10**6, **changes)


def done(order, event, its_terms):
    """An operation and its images; none when it is refused or changes nothing."""
    try:
        after = decide(order, event, its_terms).order
    except Refused:
        return None
    before_image, after_image = images(order, after)
    return (after, ev.LinesRestored(before_image, after_image)) if after_image else None


def undo(order, event):
    return decide(order, event, terms()).order


def code_of(order, event):
    with pytest.raises(Refused) as refused:
        undo(order, event)
    return refused.value


IDS = st.sampled_from([uid(n) for n in (1, 2, 3, 1000, 1001, 1002)])
SMALL = st.integers(0, 4)
MARKED = st.lists(st.sampled_from(MARKS), max_size=2, unique=True).map(tuple)
SUBSTITUTES = st.lists(
    st.builds(rep.Substitute, st.sampled_from(["tea", "figs"])), min_size=1, max_size=2
).map(tuple)
EVENTS = st.one_of(
    st.builds(ev.LinePicked, IDS, SMALL, MARKED | st.just(())),
    st.builds(
        ev.LineWeighed, IDS, st.integers(1, 1400), source=st.sampled_from(["label", "scale"])
    ),
    st.builds(ev.LineShort, IDS, st.integers(1, 900), st.just("not_enough")),
    st.builds(ev.LineDropped, IDS, st.just("not_found"), st.booleans()),
    st.builds(rep.LineReplaced, IDS, SUBSTITUTES, st.just("out_of_stock")),
    st.builds(rep.ReplacementWithdrawn, IDS),
    st.builds(rep.ReplacementDecided, IDS, st.booleans()),
)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=14), st.sampled_from(list(Replacement)))
def test_operations_taken_back_in_reverse_leave_the_lines_as_they_were(events, wish):
    order, its_terms, taken = placed(replacement=wish), terms(), []
    for event in events:
        if (step := done(order, event, its_terms)) is not None:
            taken.append((order.lines, step[1]))
            order = step[0]
    for lines, restored in reversed(taken):
        version = order.version
        order = undo(order, restored)
        assert order.version == version + 1
        assert order.lines[: len(lines)] == lines
        assert all(line.reason == WITHDRAWN for line in order.lines[len(lines) :])
    assert order.lines[:3] == LINES
    assert order.wanted() == LINES


@settings(max_examples=200)
@given(st.lists(EVENTS, min_size=2, max_size=10), st.data())
def test_an_older_operation_is_taken_back_alone_or_not_at_all(events, data):
    order, its_terms, taken = placed(), terms(), []
    for event in events:
        if (step := done(order, event, its_terms)) is not None:
            taken.append(step[1])
            order = step[0]
    if not taken:
        return
    chosen = data.draw(st.sampled_from(taken))
    try:
        after = undo(order, chosen)
    except Refused as refusal:
        assert refusal.code in (Code.NOTHING_TO_UNDO, Code.MARK_ALREADY_USED)  # noqa: PT017
        return
    touched = {line.id for line in chosen.after}
    rest = [line for line in order.lines if line.id not in touched]
    assert [line for line in after.lines if line.id not in touched] == rest
    assert {line.id: line for line in after.lines}.items() >= {
        line.id: line for line in chosen.before
    }.items()


@settings(max_examples=100)
@given(st.lists(EVENTS, max_size=8))
def test_images_survive_their_way_through_the_database(events):
    order, its_terms = placed(), terms()
    for event in events:
        if (step := done(order, event, its_terms)) is not None:
            for image in (step[1].before, step[1].after):
                stored = msgspec.json.decode(msgspec.json.encode(image))
                assert msgspec.convert(stored, tuple[Line, ...]) == image
            order = step[0]


def test_what_was_done_twice_is_taken_back_once():
    order, restored = done(placed(), ev.LinePicked(uid(1), 2), terms())
    assert images(order, decide(order, ev.LinePicked(uid(1), 2), terms()).order) == ((), ())
    order = undo(order, restored)
    assert order.lines == LINES
    assert code_of(order, restored).code is Code.NOTHING_TO_UNDO


def test_a_line_somebody_went_on_with_is_not_taken_back_and_is_named():
    order, restored = done(placed(), ev.LinePicked(uid(1), 2), terms())
    order, _ = done(order, ev.LinePicked(uid(1), 3), terms())
    refusal = code_of(order, restored)
    assert refusal.details == {"line_ids": [str(uid(1))]}


def test_what_the_customer_changed_since_is_not_taken_back():
    order, restored = done(an_order(), ev.LinePicked(uid(1), 2), terms())
    changed = a_draft(draft_line(pieces=5), draft_line("w2", pieces=1, grams=1000, price=12990))
    order = decide(order, ev.Changed(changed), terms()).order
    assert code_of(order, restored).code is Code.NOTHING_TO_UNDO


def test_another_operation_on_another_line_stays():
    order, restored = done(placed(), ev.LinePicked(uid(1), 3), terms())
    order, _ = done(order, ev.LineWeighed(uid(2), 1000), terms())
    order = undo(order, restored)
    assert [line.state for line in order.lines] == [L.TODO, L.PICKED, L.TODO]


def test_lines_a_replacement_made_are_withdrawn_with_it():
    event = rep.LineReplaced(uid(1), (rep.Substitute("tea"),), "out_of_stock")
    order, restored = done(placed(replacement=Replacement.REPLACE), event, terms())
    assert order.lines[0].state is L.REPLACED
    order = undo(order, restored)
    assert order.wanted() == LINES
    assert (order.lines[3].state, order.lines[3].reason) == (L.DROPPED, WITHDRAWN)


def test_a_mark_that_serves_another_line_by_now_does_not_come_back():
    lines = tuple(replace(piece(n, pieces=1, marked=True), barcodes=(EAN,)) for n in (1, 2))
    order = an_order(*lines)
    order, _ = done(order, ev.LinePicked(uid(1), 1, (MARKS[0],)), terms())
    order, restored = done(order, ev.LineDropped(uid(1), "damaged"), terms())
    order, _ = done(order, ev.LinePicked(uid(2), 1, (MARKS[0],)), terms())
    assert code_of(order, restored).code is Code.MARK_ALREADY_USED


@pytest.mark.parametrize(
    ("state", "code"),
    [(OrderState.PICKED, Code.ILLEGAL_TRANSITION), (OrderState.CANCELLED, Code.ORDER_CANCELLED)],
)
def test_nothing_is_taken_back_once_the_composition_is_final(state, code):
    order, restored = done(placed(), ev.LinePicked(uid(1), 2), terms())
    assert code_of(replace(order, state=state), restored).code is code


def test_an_operation_that_changed_no_lines_is_not_one_to_take_back():
    assert code_of(placed(), ev.LinesRestored((), ())).code is Code.NOTHING_TO_UNDO


def withdrawn_tea():
    """Bread that tea stood for, and the operation that took the tea back."""
    order, its_terms = placed(replacement=Replacement.REPLACE), terms()
    tea = (rep.Substitute("tea", pieces=1),)
    order = decide(order, rep.LineReplaced(uid(1), tea, "out_of_stock"), its_terms).order
    return done(order, rep.ReplacementWithdrawn(uid(1)), its_terms)


def test_a_replacement_does_not_come_back_when_the_customer_ordered_the_goods_meanwhile():
    order, taken_back = withdrawn_tea()
    wanted = [draft_line("p1"), draft_line("p3", pieces=2), draft_line("tea", pieces=1)]
    bananas = draft_line("w2", pieces=1, grams=1000, price=12990)
    order = decide(order, ev.Changed(a_draft(*wanted, bananas)), Terms(GOODS, counting(5000))).order
    facts = code_of(order, taken_back)
    assert facts.code is Code.NOTHING_TO_UNDO
    assert facts.details["sku"] == "tea"
    assert facts.details["line_ids"] == [str(order.lines[-1].id)]


def test_a_replacement_does_not_come_back_when_the_goods_stand_for_another_line_meanwhile():
    order, taken_back = withdrawn_tea()
    tea = (rep.Substitute("tea", pieces=1),)
    other = Terms(GOODS, counting(5000))
    order = decide(order, rep.LineReplaced(uid(2), tea, "out_of_stock"), other).order
    assert code_of(order, taken_back).code is Code.NOTHING_TO_UNDO
