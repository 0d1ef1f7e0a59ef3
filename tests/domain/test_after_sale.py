"""What is left of a sale: any returns and corrections of any lines."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.after_sale import (
    Sold,
    agrees,
    corrected,
    marks_given,
    nothing_left,
    returned,
    spread,
)
from app.domain.after_sale_events import Wish
from app.domain.money import half_up
from app.domain.refusals import Code, Refused
from tests.domain.build import a_draft, an_order, draft_line, piece, uid

PRICES = st.integers(0, 10**7)


@st.composite
def lines(draw, number=0):
    """A line as sold, its total with or without a share of some discount."""
    weighed, price = draw(st.booleans()), draw(PRICES)
    pieces = draw(st.integers(1, 50))
    grams = draw(st.integers(1, 50_000)) if weighed else None
    unit_grams = draw(st.integers(1, 2000)) if weighed else None
    full = half_up(price * grams, unit_grams) if weighed else price * pieces
    total = full - draw(st.integers(0, full))
    marked = not weighed and draw(st.booleans())
    marks = tuple(f"01{number:014d}21{n:013d}\x1d93Test" for n in range(pieces)) if marked else ()
    return Sold(uid(number + 1), f"sku{number}", "Товар", pieces, price, total, grams, unit_grams,
                marks=marks)  # fmt: skip


@given(st.data())
def test_what_comes_back_in_parts_is_what_was_sold_and_nothing_is_left(data):
    line = data.draw(lines())
    while line.quantity:
        quantity = data.draw(st.integers(1, line.quantity))
        named = () if quantity == line.quantity else line.marks[:quantity]
        amount = {"pieces": quantity} if line.grams is None else {"grams": quantity}
        (left,) = returned([line], [Wish("sku0", **amount, marks=named)])
        assert left.quantity == line.quantity - quantity
        assert 0 <= left.total <= line.total
        assert abs(left.total * line.quantity - line.total * left.quantity) * 2 <= line.quantity
        assert left.price == line.price
        assert bool(left.pieces) is bool(left.quantity)
        if line.marks:
            assert len(left.marks) == left.pieces
            gone = marks_given([line], [left])[line.line_id]
            assert sorted((*left.marks, *gone)) == sorted(line.marks)
        line = left
    assert (line.total, line.marks) == (0, ())


@given(lines(), st.integers(0, 1000), st.none() | PRICES)
def test_a_correction_with_a_price_costs_price_times_quantity_without_one_its_share(
    line, quantity, price
):
    amount = {"pieces": quantity} if line.grams is None else {"grams": quantity}
    kept = line.marks[: max(0, line.quantity - quantity)] if quantity else ()
    wish = Wish(line.line_id, **amount, price=price, marks=kept)
    now = line.price if price is None else price
    expected = (quantity, now, worth(line, quantity, price))
    refusal = None
    if line.marks and quantity > line.quantity:
        refusal = Code.MARK_REQUIRED
    elif expected == (line.quantity, line.price, line.total):
        refusal = Code.NOTHING_CHANGED
    if refusal is not None:
        with pytest.raises(Refused, match=refusal):
            corrected([line], [wish])
        return
    (after,) = corrected([line], [wish])
    assert (after.quantity, after.price, after.total) == expected


def worth(line, quantity, price):
    if price is None:
        return half_up(line.total * quantity, line.quantity)
    return price * quantity if line.grams is None else half_up(price * quantity, line.unit_grams)


@given(st.lists(lines(), max_size=5))
def test_everything_comes_back_at_once(sold):
    left = nothing_left(sold)
    assert all((x.pieces, x.grams or 0, x.total, x.marks) == (0, 0, 0, ()) for x in left)
    assert len(left) == len(sold)
    assert nothing_left(left) == ()


@given(
    st.dictionaries(st.uuids(), st.integers(0, 10**9), max_size=30), st.integers(-5, 10**9)
)  # fmt: skip
def test_a_discount_is_spread_exactly_and_no_line_falls_below_nothing(totals, discount):
    parts = spread(discount, totals)
    assert sum(parts.values()) == max(0, min(discount, sum(totals.values())))
    assert all(0 <= parts[key] <= totals[key] for key in totals)
    whole = sum(totals.values())
    assert all(abs(parts[key] * whole - max(0, min(discount, whole)) * totals[key]) < max(whole, 1)
               for key in totals)  # fmt: skip


def test_of_marked_goods_as_many_units_are_named_as_come_back():
    marks = tuple(f"010469000100401321{n:013d}\x1d93Test" for n in range(3))
    line = Sold(UUID(int=1), "m", "Молоко", 3, 100, 300, marks=marks)
    for named in ((), marks[:2], (marks[0], marks[0])):
        with pytest.raises(Refused) as found:
            returned([line], [Wish("m", pieces=1, marks=named)])
        assert found.value.code is Code.MARK_REQUIRED
    (left,) = returned([line], [Wish("m", pieces=1, marks=(marks[1].split("\x1d")[0],))])
    assert left.marks == (marks[0], marks[2])


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ((draft_line("p1", pieces=3),), True),  # as it was asked for
        ((draft_line("p1", pieces=2),), True),  # as it was sold
        ((draft_line("p1", pieces=1),), False),
        ((draft_line("p1", pieces=2), draft_line("p2", pieces=1)), False),
    ],
)
def test_a_marketplace_may_repeat_what_was_ordered_or_what_was_sold(theirs, same):
    order = an_order(piece(1, pieces=3))
    sold = [Sold(uid(1), "p1", "Хлеб", 2, 5450, 10_900)]
    assert agrees(sold, order, a_draft(*theirs)) is same
