"""Limits that make no sense are found, wherever a chain's own stand over a rule's."""

from dataclasses import replace
from itertools import product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.domain.rule import Level, Limits, Rule, Sighting, Threshold, level_of, limits_of, lingers
from app.domain.threshold import conflicts, disorder, overlapping

OURS, SHOP, OTHER, ACCOUNT = (UUID(int=n) for n in range(1, 5))
RULE = Rule("waits", "order", "orders", "minutes", False, Limits(5, 10), 30, (), {}, "")  # noqa: FBT003
BELOW = replace(RULE, below=True, limits=Limits(95, 90, 97))


def own(store=None, account=None, hours=None, **limits):
    return Threshold("waits", OURS, store, account, hours, limits)


def found(rule, *rows):
    return [wrong for _, wrong in conflicts(rule, rows)]


def test_a_warning_comes_before_what_is_critical_on_either_side():
    assert disorder(Limits(5, 10), below=False) is None
    assert disorder(Limits(5, 5), below=False) is None
    assert disorder(Limits(11, 10), below=False) == "warn 11 is worse than critical 10"
    assert disorder(Limits(95, 90), below=True) is None
    assert disorder(Limits(85, 90), below=True) == "warn 85 is worse than critical 90"


def test_an_incident_ends_on_the_good_side_of_its_levels():
    assert disorder(Limits(5, 10, 3), below=False) is None
    assert disorder(Limits(5, 10, 7), below=False) == "clear 7 is on the bad side of 5"
    assert disorder(Limits(None, 10, 12), below=False) == "clear 12 is on the bad side of 10"
    assert disorder(Limits(95, 90, 92), below=True) == "clear 92 is on the bad side of 95"


def test_what_a_chain_says_is_judged_together_with_what_it_leaves_to_the_file():
    assert found(RULE, own(warn=15)) == ["warn 15 is worse than critical 10"]
    assert found(RULE, own(warn=15, critical=30)) == []
    assert found(BELOW, own(warn=98)) == ["clear 97 is on the bad side of 98"]
    assert found(RULE, own(warn=15, off=True)) == []


def test_a_store_is_judged_over_its_merchant_and_only_there():
    whole = own(warn=15, critical=30)
    assert found(RULE, whole, own(store=SHOP, warn=25)) == []
    assert found(RULE, whole, own(store=SHOP, critical=12)) == ["warn 15 is worse than critical 12"]
    ((where, _),) = conflicts(RULE, (whole, own(store=SHOP, hours=(22, 6), critical=12)))
    assert where in ((SHOP, None, 22), (SHOP, None, 6))
    assert found(RULE, own(store=SHOP, critical=40), own(store=OTHER, warn=8)) == []


def test_two_that_are_in_force_at_once_and_equally_special_are_found():
    night, dawn, day = own(hours=(22, 6)), own(hours=(5, 8)), own(hours=(6, 22))
    assert list(overlapping([night, dawn, day])) == [(night, dawn), (dawn, day)]
    assert list(overlapping([night, day, own()])) == []
    assert list(overlapping([own(), own(store=SHOP), own(account=ACCOUNT)])) == []
    assert len(list(overlapping([own(store=SHOP), own(store=SHOP)]))) == 1


LIMIT = st.one_of(st.none(), st.integers(0, 20))


@st.composite
def rows(draw):
    limits = {n: v for n in ("warn", "critical", "clear") if (v := draw(LIMIT)) is not None}
    hours = draw(st.one_of(st.none(), st.tuples(st.integers(0, 23), st.integers(0, 23))))
    return Threshold("waits", OURS, draw(st.sampled_from((None, SHOP, OTHER))),
                     draw(st.sampled_from((None, ACCOUNT))), hours, limits)  # fmt: skip


@given(st.lists(rows(), max_size=5), st.booleans())
def test_where_nothing_is_found_limits_are_in_order_at_every_place_and_hour(wanted, below):
    rule = BELOW if below else RULE
    places = product((None, SHOP, OTHER), (None, ACCOUNT), range(24))
    seen = [Sighting("x", 0.0, None, hour, OURS, store, account) for store, account, hour in places]
    wrong = [one for one in seen if disorder(limits_of(rule, one, wanted), below=below)]
    assert bool(wrong) == bool(found(rule, *wanted))


@given(LIMIT, LIMIT, LIMIT, st.integers(0, 20), st.booleans())
def test_limits_in_order_let_an_incident_begin_only_where_it_may_go_on(
    warn, critical, clear, value, below
):
    limits = Limits(warn, critical, clear)
    rule, seen = replace(RULE, below=below), Sighting("x", value, None, 0)
    if clear is None or disorder(limits, below=below):
        return
    if level_of(rule, limits, seen) in (Level.WARNING, Level.CRITICAL):
        assert lingers(rule, limits, seen)
