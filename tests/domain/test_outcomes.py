"""Outcomes of a line by a shop's tolerances and an account's rules, over any table of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain import picking
from app.domain.decide import decide
from app.domain.goods import Restriction
from app.domain.notices import SOON
from app.domain.order import GONE, WITHDRAWN, OrderState
from app.domain.order import LineState as L
from app.domain.quantity import DEFAULT, MAX_GRAMS, Tolerance
from app.domain.refusals import Code, Notice, Refused
from app.domain.shop import AccountRules, Shop
from tests.domain.build import DUE, an_order, piece, the_terms, uid, weighed

BREAD, BANANAS = uid(1), uid(2)


def tolerances():
    """Any row the table allows: soft within hard."""
    under = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(sorted)
    over = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(sorted)
    return st.tuples(under, over).map(lambda x: Tolerance(x[0][0], x[0][1], x[1][0], x[1][1]))


GRAMS = st.integers(1, MAX_GRAMS)


def terms(**changes):
    return replace(the_terms(), **{"now": DUE - timedelta(hours=1), **changes})


def shop(tolerance, category=""):
    return terms(shop=Shop(tolerances={category: tolerance}))


@given(tolerances(), GRAMS)
def test_nobody_is_warned_beyond_what_is_refused(tolerance, requested):
    least, most = tolerance.hard(requested)
    low, high = tolerance.soft(requested)
    assert 0 <= least <= low <= requested <= high <= most


@given(tolerances(), GRAMS, GRAMS, st.sampled_from(("label", "scale", "manual")))
def test_a_weight_closes_its_line_within_the_hard_limits_and_only_there(
    tolerance, requested, grams, source
):
    order = an_order(weighed(grams=requested))
    event = ev.LineWeighed(BANANAS, grams, source=source)
    least, most = tolerance.hard(requested)
    if least <= grams <= most:
        line = picking.weigh(order, event, shop(tolerance))
        assert (line.state, line.picked_grams, line.override_by) == (L.PICKED, grams, None)
    elif source == "label" and grams < least:
        assert picking.weigh(order, event, shop(tolerance)).state is L.TODO
    else:
        with pytest.raises(Refused) as caught:
            picking.weigh(order, event, shop(tolerance))
        assert caught.value.code is Code.WEIGHT_OUT_OF_HARD_LIMIT
        assert caught.value.details == {"min": least, "max": most, "given": grams}


@given(tolerances(), GRAMS, GRAMS)
def test_a_supervisor_lets_any_weight_pass_and_is_named_only_where_it_took_one(
    tolerance, requested, grams
):
    event = ev.LineWeighed(BANANAS, grams, override_by="9001")
    line = picking.weigh(an_order(weighed(grams=requested)), event, shop(tolerance))
    least, most = tolerance.hard(requested)
    needed = not least <= grams <= most
    assert (line.state, line.picked_grams) == (L.PICKED, grams)
    assert line.override_by == ("9001" if needed else None)


@given(tolerances(), GRAMS)
def test_nothing_at_all_is_always_allowed(tolerance, requested):
    line = picking.drop(
        an_order(weighed(grams=requested)), ev.LineDropped(BANANAS, "x"), shop(tolerance)
    )
    assert (line.state, line.picked_grams, line.total()) == (L.DROPPED, 0, 0)
    emptied = picking.pick(an_order(piece(state=L.PICKED, picked_pieces=3)),
                           ev.LinePicked(BREAD, 0), shop(tolerance))  # fmt: skip
    assert (emptied.state, emptied.picked_pieces) == (L.TODO, 0)


@given(tolerances(), tolerances(), GRAMS, GRAMS)
def test_goods_of_a_category_have_its_limits_and_all_others_the_shop_s(
    fish, rest, requested, grams
):
    both = terms(shop=Shop(tolerances={"fish": fish, "": rest}))
    order = an_order(
        weighed(2, grams=requested, category="fish"), weighed(3, grams=requested, category="fruit")
    )
    for line_id, own in ((uid(2), fish), (uid(3), rest)):
        least, most = own.hard(requested)
        try:
            line = picking.weigh(order, ev.LineWeighed(line_id, grams), both)
        except Refused:
            assert not least <= grams <= most
        else:
            assert line.picked_grams == grams
            assert least <= grams <= most


def test_a_shop_without_a_table_has_the_default():
    assert Shop().tolerance("fish") == DEFAULT


@given(st.integers(1, 10_000), st.integers(0, 300), st.integers(0, 50_000))
def test_more_than_requested_is_picked_only_as_the_account_allows(requested, percent, pieces):
    order = an_order(piece(pieces=requested))
    rules = terms(rules=AccountRules(over_percent=percent))
    most = requested + requested * percent // 100
    assert most * 100 <= requested * (100 + percent)  # never more than that, whole pieces
    if pieces > most:
        with pytest.raises(Refused, match="QTY_OVER_REQUESTED") as caught:
            picking.pick(order, ev.LinePicked(BREAD, pieces), rules)
        assert caught.value.details["max"] == most
    else:
        line = picking.pick(order, ev.LinePicked(BREAD, pieces), rules)
        assert line.state is (L.PICKED if pieces >= requested else L.TODO)
        assert line.picked_pieces == pieces


@pytest.mark.parametrize(
    ("restriction", "pickup", "sold"),
    [
        (Restriction.NONE, False, True),
        (Restriction.BLOCKED, False, False),
        (Restriction.BLOCKED, True, False),
        (Restriction.PICKUP_ONLY, False, False),
        (Restriction.PICKUP_ONLY, True, True),
    ],
)
def test_restricted_goods_can_only_be_dropped(restriction, pickup, sold):
    bread, bananas = piece(restriction=restriction), weighed(restriction=restriction)
    order = an_order(bread, bananas, pickup=pickup)
    for event in (
        ev.LinePicked(BREAD, 1), ev.LineWeighed(BANANAS, 1000), ev.LineShort(BREAD, 1, "why"),
        ev.LineWeighed(BANANAS, 1000, override_by="9001"),
    ):  # fmt: skip
        if sold:
            assert decide(order, event, terms()).applied
            continue
        with pytest.raises(Refused) as caught:
            decide(order, event, terms())
        assert caught.value.code is Code.ITEM_RESTRICTED
        assert caught.value.details["reason"] == "restricted"
    assert "drop" in picking.verbs(order, bread)
    assert ("pick" in picking.verbs(order, bread)) is sold
    assert decide(order, ev.LineDropped(BREAD, "restricted"), terms()).applied


@pytest.mark.parametrize("reason", [GONE, WITHDRAWN])
@pytest.mark.parametrize(
    "event",
    [ev.LinePicked(BREAD, 1), ev.LineShort(BREAD, 1, "x"), ev.LineDropped(BREAD, "x")],
    ids=lambda event: type(event).__name__,
)
def test_a_line_that_left_the_order_is_not_picked_any_more(reason, event):
    line = piece(state=L.DROPPED, reason=reason)
    with pytest.raises(Refused, match="NOT_IN_ORDER"):
        decide(an_order(line), event, terms())
    assert picking.verbs(an_order(line), line) == ()


def notice(event, *lines, **changes):
    return decide(an_order(*lines), event, terms(**changes)).warning


def test_the_most_important_notice_is_given():
    hurry = {"now": DUE - SOON}
    kilo = weighed(state=L.TODO)
    assert notice(ev.LinePicked(BREAD, 1)) is None
    assert notice(ev.LinePicked(BREAD, 1), **hurry) is Notice.DUE_SOON
    assert notice(ev.LinePicked(BREAD, 1, unchecked=True), **hurry) is Notice.MARK_UNCHECKED
    assert notice(ev.LineWeighed(BANANAS, 1200), kilo, **hurry) is Notice.WEIGHT_OVER_SOFT_LIMIT
    assert notice(ev.LineWeighed(BANANAS, 800), kilo) is Notice.WEIGHT_UNDER_SOFT_LIMIT


def test_little_time_is_told_only_while_something_is_left_to_do():
    hurry = {"now": DUE + timedelta(minutes=3)}
    assert notice(ev.LinePicked(BREAD, 3), piece(), **hurry) is None
    assert notice(ev.LinePicked(BREAD, 3), piece(), weighed(), **hurry) is Notice.DUE_SOON
    assert notice(ev.LinePicked(BREAD, 3), piece(), weighed()) is None


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (piece(state=L.PICKED, picked_pieces=3), ev.LinePicked(BREAD, 3)),
        (piece(state=L.SHORT, picked_pieces=1, reason="x"), ev.LineShort(BREAD, 1, "x")),
        (piece(state=L.DROPPED, picked_pieces=0, reason="x"), ev.LineDropped(BREAD, " x ")),
    ],
    ids=["pick", "short", "drop"],
)
def test_the_same_again_changes_nothing_and_says_so(line, event):
    decision = decide(an_order(line), event, terms())
    assert (decision.applied, decision.warning) == (False, Notice.ITEM_ALREADY_COMPLETE)
    assert decision.order.version == 1


def test_the_same_again_on_an_open_line_is_not_worth_a_word():
    open_line = piece(picked_pieces=1)
    assert notice(ev.LinePicked(BREAD, 1), open_line) is None


@given(st.integers(0, 5), st.booleans())
def test_a_customer_s_change_or_a_courier_is_no_notice(minutes, paid):
    event = ev.Paid() if paid else ev.CourierArrived()
    order = an_order(state=OrderState.PICKING)
    assert decide(order, event, terms(now=DUE - timedelta(minutes=minutes))).warning is None
