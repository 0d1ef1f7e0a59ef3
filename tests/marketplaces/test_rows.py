"""Lines that are several rows at a marketplace."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import MAX_KOPECKS
from app.domain.order import LineState as L
from app.domain.quantity import MAX_GRAMS
from app.errors import Malformed
from app.marketplaces import rows
from app.marketplaces.reading import lines, total
from app.marketplaces.rows import Row
from tests.domain.build import draft_line, piece, weighed

NAMES = st.text(st.characters(exclude_characters="\n"), min_size=1, max_size=20)


@given(st.lists(st.tuples(NAMES, st.integers(1, 999)), min_size=1, max_size=5))
def test_rows_are_read_as_they_were_written(given_rows):
    ref = "\n".join(rows.ref(name, amount) for name, amount in given_rows)
    line = replace(piece(), ref=ref)
    assert [(row.name, row.amount) for row in rows.ordered(line)] == given_rows


@pytest.mark.parametrize("ref", ["r", "r*", "*3", "r*x", "r*٣", "r*1234567890"])
def test_a_name_without_an_amount_is_of_the_whole_line(ref):
    assert rows.ordered(piece(pieces=4, ref=ref)) == [Row(ref, 4)]
    assert rows.ordered(weighed(grams=700, ref=ref)) == [Row(ref, 700)]


def test_a_line_without_a_name_is_called_by_its_sku():
    assert rows.ordered(piece(7, pieces=2)) == [Row("p7", 2)]


@given(st.integers(0, 12))
def test_rows_are_filled_in_turn_and_nothing_is_lost(picked):
    line = piece(pieces=6, ref="a*1\nb*2\nc*3", state=L.SHORT, picked_pieces=picked)
    found = [amount for _, amount in rows.found(line)]
    assert sum(found) == picked
    assert found[:2] == [min(1, picked), max(min(2, picked - 1), 0)]


@pytest.mark.parametrize("state", [L.TODO, L.DROPPED, L.REPLACED, L.PROPOSED])
def test_what_was_not_found_is_nothing(state):
    assert rows.amount(piece(state=state, picked_pieces=2)) == 0


def by_row(sku, grams, price, ref):
    return replace(draft_line(sku, grams=grams, price=price), unit_grams=grams, ref=ref)


def test_weighed_rows_of_one_good_are_one_line_that_costs_what_they_cost():
    found = rows.by_weight(
        [by_row("w", 300, 100, "a*300"), draft_line("p"), by_row("w", 500, 170, "b*500"),
         draft_line("p")]
    )  # fmt: skip
    assert [line.external_id for line in found] == ["w", "p", "p"]
    one = found[0]
    assert (one.grams, one.unit_grams, one.price, one.ref) == (800, 800, 270, "a*300\nb*500")
    assert total(lines(found)) == 270 + 2 * 3 * 5450


@pytest.mark.parametrize(("grams", "price"), [(MAX_GRAMS, 1), (1, MAX_KOPECKS)])
def test_rows_that_together_cannot_be_kept_are_malformed(grams, price):
    one = by_row("w", grams, price, "a*1")
    with pytest.raises(Malformed):
        rows.by_weight([one, one])


def test_weighed_goods_count_in_grams():
    assert rows.amount(weighed(state=L.PICKED, picked_grams=1040, picked_pieces=1)) == 1040
