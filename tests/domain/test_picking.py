"""What the verbs do to a line: one row per rule."""

import pytest

from app.domain import events as ev
from app.domain import picking
from app.domain.notices import warning
from app.domain.order import LineState as L
from app.domain.order import MarkUse
from app.domain.picking import complete
from app.domain.quantity import DEFAULT, MAX_GRAMS, MAX_PIECES, Tolerance
from app.domain.refusals import Code, Notice, Refused
from tests.domain.build import DUE, an_order, piece, the_terms, uid, weighed
from tests.factories import mark

BREAD, BANANAS, NOBODY = uid(1), uid(2), uid(77)


def pick(order, event):
    return picking.pick(order, event, the_terms())


def weigh(order, event):
    return picking.weigh(order, event, the_terms())


def short(order, event):
    return picking.short(order, event, the_terms())


def drop(order, event):
    return picking.drop(order, event, the_terms())


def code_of(act, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return caught.value.code


@pytest.mark.parametrize(
    ("pieces", "state"), [(0, L.TODO), (1, L.TODO), (2, L.TODO), (3, L.PICKED)]
)
def test_all_the_pieces_close_a_line_and_fewer_leave_it_open(pieces, state):
    line = pick(an_order(), ev.LinePicked(BREAD, pieces))
    assert (line.state, line.picked_pieces) == (state, pieces)


@pytest.mark.parametrize(
    ("line", "event", "code"),
    [
        (BREAD, {"pieces": 4}, Code.QTY_OVER_REQUESTED),
        (BREAD, {"pieces": -1}, Code.INVALID_QUANTITY),
        (BREAD, {"pieces": MAX_PIECES + 1}, Code.INVALID_QUANTITY),
        (BANANAS, {"pieces": 1}, Code.WRONG_UNIT),
        (NOBODY, {"pieces": 1}, Code.LINE_NOT_FOUND),
    ],
)
def test_a_count_that_cannot_be_is_refused(line, event, code):
    assert code_of(pick, an_order(), ev.LinePicked(line, **event)) == code


@pytest.mark.parametrize(
    ("grams", "source", "state"),
    [
        (700, "manual", L.PICKED), (1000, "scale", L.PICKED), (1300, "manual", L.PICKED),
        (699, "label", L.TODO), (1, "label", L.TODO), (700, "label", L.PICKED),
    ],
)  # fmt: skip
def test_a_weight_within_the_hard_limits_closes_a_line(grams, source, state):
    line = weigh(an_order(), ev.LineWeighed(BANANAS, grams, source=source))
    assert (line.state, line.picked_grams, line.picked_pieces) == (state, grams, 1)


@pytest.mark.parametrize(
    ("line", "grams", "source", "code"),
    [
        (BANANAS, 699, "manual", Code.WEIGHT_OUT_OF_HARD_LIMIT),
        (BANANAS, 1301, "manual", Code.WEIGHT_OUT_OF_HARD_LIMIT),
        (BANANAS, 1301, "label", Code.WEIGHT_OUT_OF_HARD_LIMIT),
        (BANANAS, 0, "manual", Code.INVALID_QUANTITY),
        (BANANAS, -5, "manual", Code.INVALID_QUANTITY),
        (BANANAS, MAX_GRAMS + 1, "scale", Code.INVALID_QUANTITY),
        (BREAD, 500, "manual", Code.WRONG_UNIT),
        (NOBODY, 500, "manual", Code.LINE_NOT_FOUND),
    ],
)
def test_a_weight_that_cannot_be_is_refused(line, grams, source, code):
    assert code_of(weigh, an_order(), ev.LineWeighed(line, grams, source=source)) == code


@pytest.mark.parametrize(
    ("line", "quantity", "pieces", "grams"), [(BREAD, 2, 2, None), (BANANAS, 350, 1, 350)]
)
def test_less_than_ordered_is_short_whatever_the_unit(line, quantity, pieces, grams):
    short_line = short(an_order(), ev.LineShort(line, quantity, "shelf_empty", shelf_empty=True))
    assert short_line.state is L.SHORT
    assert (short_line.picked_pieces, short_line.picked_grams) == (pieces, grams)
    assert (short_line.reason, short_line.shelf_empty) == ("shelf_empty", True)


@pytest.mark.parametrize(
    ("line", "quantity", "reason", "code"),
    [
        (BREAD, 3, "why", Code.QTY_OVER_REQUESTED),
        (BREAD, 0, "why", Code.INVALID_QUANTITY),
        (BREAD, 1, " ", Code.REASON_REQUIRED),
        (BREAD, 1, "", Code.REASON_REQUIRED),
        (BANANAS, 1000, "why", Code.QTY_OVER_REQUESTED),
        (NOBODY, 1, "why", Code.LINE_NOT_FOUND),
    ],
)
def test_a_short_that_is_none_is_refused(line, quantity, reason, code):
    assert code_of(short, an_order(), ev.LineShort(line, quantity, reason)) == code


@pytest.mark.parametrize(("line", "grams"), [(BREAD, None), (BANANAS, 0)])
def test_a_dropped_line_has_nothing_in_the_basket(line, grams):
    dropped = drop(an_order(), ev.LineDropped(line, "not_found"))
    assert (dropped.state, dropped.picked_pieces, dropped.picked_grams) == (L.DROPPED, 0, grams)
    assert dropped.total() == 0


@pytest.mark.parametrize(
    ("line", "reason", "code"),
    [(BREAD, "", Code.REASON_REQUIRED), (NOBODY, "why", Code.LINE_NOT_FOUND)],
)
def test_a_drop_needs_a_line_and_a_reason(line, reason, code):
    assert code_of(drop, an_order(), ev.LineDropped(line, reason)) == code


EAN = "4690003009016"
A, B, TAKEN = (mark(serial, EAN) for serial in ("AAAAAAAAAAAAA", "BBBBBBBBBBBBB", "TTTTTTTTTTTTT"))
MARKED = an_order(piece(1, pieces=2, marked=True), piece(3, pieces=1, marks=(TAKEN,)))


@pytest.mark.parametrize(
    ("pieces", "marks", "code"),
    [
        (2, (A,), Code.MARK_REQUIRED),
        (1, (), Code.MARK_REQUIRED),
        (1, (A, B), Code.MARK_REQUIRED),
        (2, (A, A), Code.MARK_ALREADY_USED),
        (2, (A, A + "X"), Code.MARK_ALREADY_USED),
        (1, (TAKEN,), Code.MARK_ALREADY_USED),
        (1, ("a",), Code.MARK_INVALID),
        (1, (A.replace("\x1d", ""),), Code.MARK_INVALID),
        (1, (mark(),), Code.WRONG_ITEM),
    ],
)
def test_one_mark_is_one_piece_of_the_whole_order(pieces, marks, code):
    assert code_of(pick, MARKED, ev.LinePicked(BREAD, pieces, marks)) == code


def test_marked_pieces_with_their_marks_are_picked_and_a_drop_frees_the_marks():
    picked = pick(MARKED, ev.LinePicked(BREAD, 2, (A, B)))
    assert (picked.state, picked.marks) == (L.PICKED, (A, B))
    assert drop(an_order(picked), ev.LineDropped(BREAD, "broken")).marks == ()


def test_a_short_marked_line_needs_a_mark_for_each_piece_it_has():
    event = ev.LineShort(BREAD, 1, "shelf_empty", marks=())
    assert code_of(short, MARKED, event) == Code.MARK_REQUIRED
    assert short(MARKED, ev.LineShort(BREAD, 1, "x", marks=(A,))).marks == (A,)


def test_halves_of_two_units_are_one_piece_and_are_kept_beside_their_marks():
    halves = (MarkUse(A, 500), MarkUse(B, 500))
    picked = pick(MARKED, ev.LinePicked(BREAD, 1, (A, B), halves))
    assert (picked.marks, picked.mark_uses) == ((A, B), halves)
    assert code_of(pick, MARKED, ev.LinePicked(BREAD, 1, (A,), halves)) == Code.MARK_REQUIRED


def test_what_is_known_of_a_mark_outlives_a_repeat_that_does_not_know_it():
    checked = (MarkUse(A, check_id="c-1", checked_at=DUE),)
    once = pick(MARKED, ev.LinePicked(BREAD, 1, (A,), checked))
    again = pick(an_order(once), ev.LinePicked(BREAD, 2, (A, B)))
    assert again.mark_uses == checked
    assert pick(an_order(again), ev.LinePicked(BREAD, 1, (B,))).mark_uses == ()


def test_a_composition_with_a_unit_that_has_no_mark_is_not_final():
    line = piece(1, marked=True, state=L.PICKED, picked_pieces=3, marks=(A, B))
    assert code_of(complete, an_order(line)) == Code.MARK_REQUIRED


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((piece(1), weighed(2, state=L.PICKED, picked_grams=1000)), Code.LINES_NOT_CLOSED),
        ((piece(1, state=L.PROPOSED),), Code.APPROVAL_PENDING),
    ],
)
def test_a_composition_with_open_lines_is_not_final(lines, code):
    assert code_of(complete, an_order(*lines)) == code


def test_the_final_total_is_the_sum_of_what_was_found():
    order = an_order(
        piece(1, state=L.SHORT, picked_pieces=2),
        weighed(2, state=L.PICKED, picked_grams=1040, picked_pieces=1),
        piece(3, state=L.DROPPED, picked_pieces=0),
    )
    assert complete(order).final_total == 2 * 5450 + 13510


@pytest.mark.parametrize(
    ("requested", "hard", "soft"),
    [(1000, (700, 1300), (900, 1100)), (1, (1, 1), (1, 1)), (333, (233, 433), (300, 366))],
)
def test_tolerance_is_a_share_of_what_was_ordered(requested, hard, soft):
    assert DEFAULT.hard(requested) == hard
    assert DEFAULT.soft(requested) == soft
    assert Tolerance(0, 0, 0, 0).hard(requested) == (requested, requested)


@pytest.mark.parametrize(
    ("grams", "notice"),
    [(899, Notice.WEIGHT_UNDER_SOFT_LIMIT), (900, None), (1100, None),
     (1101, Notice.WEIGHT_OVER_SOFT_LIMIT)],
)  # fmt: skip
def test_a_weight_beyond_the_soft_limits_is_worth_a_word(grams, notice):
    assert warning(weigh(an_order(), ev.LineWeighed(BANANAS, grams))) == notice
    assert warning(piece(state=L.PICKED, picked_pieces=3)) is None
