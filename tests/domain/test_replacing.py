"""What may stand for a line, who must be asked, and what silence means: one row per rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import events as ev
from app.domain import replacement_events as rep
from app.domain.decide import decide
from app.domain.goods import Product, Restriction
from app.domain.order import GONE, WITHDRAWN
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.order import Replacement as Wish
from app.domain.refusals import Code, Notice, Refused
from app.domain.shop import AccountRules
from app.domain.sums import authorised, found, may_cost
from app.domain.terms import Terms
from tests.domain.build import a_draft, an_order, counting, draft_line, piece, uid, weighed

#: Three units of goods without barcodes.
MARKS = tuple(f"010469000100401321serial{n}\x1d93dGVz" for n in range(3))
NOW = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
BREAD, BANANAS = uid(1), uid(2)
GOODS = {
    "same": Product(sku="same", name="Батон", price=5450, barcodes=("4690000000011",)),
    "cheap": Product(sku="cheap", name="Булка", price=2000, vat="reduced", category="bread"),
    "dear": Product(sku="dear", name="Чиабатта", price=9900),
    "truffle": Product(sku="truffle", name="С трюфелем", price=19_000),
    "plain": Product(sku="plain", name="Простой", price=1000),
    "pears": Product(sku="pears", name="Груши", price=12990, unit_grams=1000, plu="00103"),
    "cheese": Product(sku="cheese", name="Сыр", price=8490, unit_grams=100),
    "milk": Product(sku="milk", name="Молоко", price=5000, marked=True),
    "beer": Product(sku="beer", name="Пиво", price=5000, restriction=Restriction.BLOCKED),
    "wine": Product(sku="wine", name="Сидр", price=5000, restriction=Restriction.PICKUP_ONLY),
    "priceless": Product(sku="priceless", name="Без цены"),
    "old": Product(sku="old", name="Вчерашний", price=5000, active=False),
    "sold_out": Product(sku="sold_out", name="Нет в магазине", price=5000, available=False),
}


def the_terms(*, minutes=0, **rules):
    return Terms(GOODS, counting(2000 + 100 * minutes), rules=AccountRules(**rules),
                 now=NOW + timedelta(minutes=minutes))  # fmt: skip


def order_with(*lines, **changes):
    lines = lines or (piece(), weighed())
    requested = may_cost(an_order(*lines))
    return replace(an_order(*lines, **changes), requested_total=requested)


def instead(*skus, line=BREAD, reason="out_of_stock", **amounts):
    return rep.LineReplaced(line, tuple(rep.Substitute(sku, **amounts) for sku in skus), reason)


def happen(order, event, **terms):
    return decide(order, event, the_terms(**terms))


def refusal(order, event, **terms):
    with pytest.raises(Refused) as caught:
        happen(order, event, **terms)
    return caught.value


def proposed(*skus, wish=Wish.ASK, **amounts):
    """An order whose bread waits for an answer."""
    return happen(order_with(replacement=wish), instead(*(skus or ("same",)), **amounts)).order


def states(order):
    return [line.state for line in order.lines]


# The policy: for each wish, goods the customer named or others, and whether they cost more than
# was agreed.

FITS, TOO_DEAR = "same", "dear"


@pytest.mark.parametrize(
    ("wish", "own", "sku", "becomes"),
    [
        (Wish.CALL_OR_REPLACE, False, FITS, L.PROPOSED),
        (Wish.CALL_OR_REPLACE, True, FITS, L.REPLACED),
        (Wish.CALL_OR_REPLACE, False, TOO_DEAR, L.PROPOSED),
        (Wish.CALL_OR_REPLACE, True, TOO_DEAR, L.PROPOSED),
        (Wish.CALL_OR_REMOVE, False, FITS, L.PROPOSED),
        (Wish.CALL_OR_REMOVE, True, FITS, L.REPLACED),
        (Wish.CALL_OR_REMOVE, False, TOO_DEAR, L.PROPOSED),
        (Wish.CALL_OR_REMOVE, True, TOO_DEAR, L.PROPOSED),
        (Wish.REPLACE, False, FITS, L.REPLACED),
        (Wish.REPLACE, True, FITS, L.REPLACED),
        (Wish.REPLACE, False, TOO_DEAR, L.PROPOSED),
        (Wish.REPLACE, True, TOO_DEAR, L.PROPOSED),
        (Wish.REMOVE, False, FITS, None),
        (Wish.REMOVE, True, FITS, None),
        (Wish.ASK, False, FITS, L.PROPOSED),
        (Wish.ASK, True, FITS, L.REPLACED),
        (Wish.ASK, False, TOO_DEAR, L.PROPOSED),
        (Wish.ASK, True, TOO_DEAR, L.PROPOSED),
    ],
)
def test_a_wish_says_whether_a_replacement_is_applied_proposed_or_refused(wish, own, sku, becomes):
    line = piece(wish=wish, wish_skus=(sku,) if own else ())
    order = order_with(line, weighed(), replacement=Wish.ASK)
    if becomes is None:
        facts = refusal(order, instead(sku))
        assert facts.code is Code.REPLACEMENT_NOT_ALLOWED
        assert facts.details["preference"] == "remove"
        return
    decision = happen(order, instead(sku, pieces=3))
    assert decision.order.lines[0].state is becomes
    asked = becomes is L.PROPOSED
    assert decision.order.lines[0].decide_by == (NOW + timedelta(minutes=5) if asked else None)
    assert decision.warning == (Notice.REPLACEMENT_PROPOSED if asked else None)
    assert decision.order.lines[2].state is (L.PROPOSED if asked else L.PICKED)


@pytest.mark.parametrize(
    ("wish", "sku", "becomes"),
    [
        (Wish.CALL_OR_REPLACE, FITS, L.REPLACED), (Wish.CALL_OR_REPLACE, TOO_DEAR, L.DROPPED),
        (Wish.REPLACE, TOO_DEAR, L.DROPPED), (Wish.CALL_OR_REMOVE, FITS, L.DROPPED),
        (Wish.ASK, FITS, L.DROPPED), (Wish.CALL_OR_REMOVE, TOO_DEAR, L.DROPPED),
        (Wish.ASK, TOO_DEAR, L.DROPPED),
    ],
)  # fmt: skip
def test_silence_means_what_the_customer_wished_but_never_a_yes_to_more_money(wish, sku, becomes):
    order = proposed(sku, wish=wish, pieces=3)
    after = happen(order, rep.ReplacementExpired(BREAD), minutes=5).order
    assert after.lines[0].state is becomes
    assert after.lines[2].state is (L.PICKED if becomes is L.REPLACED else L.DROPPED)
    assert after.lines[2].reason == (None if becomes is L.REPLACED else WITHDRAWN)
    assert after.lines[0].decide_by is None


def test_who_named_goods_to_take_instead_is_asked_about_others_even_if_the_order_says_remove():
    order = order_with(piece(wish_skus=("same",)), weighed(), replacement=Wish.REMOVE)
    assert happen(order, instead("same")).order.lines[0].state is L.REPLACED
    assert happen(order, instead("cheap")).order.lines[0].state is L.PROPOSED


def test_the_line_s_own_wish_comes_before_the_order_s():
    order = order_with(piece(wish=Wish.REMOVE), weighed(), replacement=Wish.REPLACE)
    assert refusal(order, instead("same")).details["preference"] == "remove"


# What stands for a line.


def test_the_original_keeps_all_it_was_and_the_new_line_is_of_the_catalogue():
    before = order_with(replacement=Wish.REPLACE)
    after = happen(before, instead("cheap", pieces=2)).order
    original, _, new = after.lines
    kept = ("id", "external_id", "name", "price", "requested_pieces", "barcodes", "vat", "position")
    assert all(getattr(original, name) == getattr(before.lines[0], name) for name in kept)
    assert (original.state, original.reason, original.total()) == (L.REPLACED, "out_of_stock", 0)
    assert (new.external_id, new.name, new.price, new.vat) == ("cheap", "Булка", 2000, "reduced")
    assert (new.replaces, new.position, new.category) == (BREAD, 3, "bread")
    assert (new.state, new.picked_pieces, new.total()) == (L.PICKED, 2, 4000)
    assert after.replacements(BREAD) == (new,)


def test_two_may_stand_for_one():
    order = order_with(replacement=Wish.REPLACE)
    event = rep.LineReplaced(BREAD, (rep.Substitute("cheap", 1), rep.Substitute("same", 2)), "none")
    after = happen(order, event).order
    assert [line.external_id for line in after.replacements(BREAD)] == ["cheap", "same"]
    assert found(after) == 2000 + 2 * 5450
    one_less = happen(after, rep.ReplacementWithdrawn(after.lines[2].id)).order
    assert one_less.lines[0].state is L.REPLACED
    none = happen(one_less, rep.ReplacementWithdrawn(after.lines[3].id)).order
    assert (none.lines[0].state, none.replacements(BREAD)) == (L.TODO, ())


@pytest.mark.parametrize(
    ("line", "substitute", "requested", "picked"),
    [
        (BREAD, rep.Substitute("same"), (3, None), (None, None)),
        (BREAD, rep.Substitute("same", 2), (2, None), (2, None)),
        (BREAD, rep.Substitute("pears", grams=450), (1, 450), (1, 450)),
        (BREAD, rep.Substitute("pears", 3, 450), (3, 450), (3, 450)),
        (BANANAS, rep.Substitute("pears"), (1, 1000), (None, None)),
        (BANANAS, rep.Substitute("same"), (1, None), (None, None)),
    ],
)
def test_without_an_amount_it_is_as_much_as_was_ordered_and_not_found_yet(
    line, substitute, requested, picked
):
    event = rep.LineReplaced(line, (substitute,), "none")
    new = happen(order_with(replacement=Wish.REPLACE), event).order.lines[-1]
    assert (new.requested_pieces, new.requested_grams) == requested
    assert (new.picked_pieces, new.picked_grams) == picked
    assert new.state is (L.TODO if picked == (None, None) else L.PICKED)


@pytest.mark.parametrize(
    ("event", "code", "because"),
    [
        (instead("nothing"), Code.UNKNOWN_CODE, None),
        (instead("p1"), Code.UNKNOWN_CODE, None),
        (instead("same", "same"), Code.REPLACEMENT_NOT_ALLOWED, "in_order"),
        (instead("priceless"), Code.REPLACEMENT_NOT_ALLOWED, "no_price"),
        (instead("old"), Code.REPLACEMENT_NOT_ALLOWED, "retired"),
        (instead("sold_out"), Code.REPLACEMENT_NOT_ALLOWED, "unavailable"),
        (instead("beer"), Code.ITEM_RESTRICTED, None),
        (instead("wine"), Code.ITEM_RESTRICTED, None),
        (instead("same", line=uid(77)), Code.LINE_NOT_FOUND, None),
        (instead("same", reason=" "), Code.REASON_REQUIRED, None),
        (instead("same", pieces=0), Code.INVALID_QUANTITY, None),
        (instead("same", pieces=100_001), Code.INVALID_QUANTITY, None),
        (instead("same", grams=5), Code.WRONG_UNIT, None),
        (instead("pears"), Code.INVALID_QUANTITY, None),
        (instead("pears", grams=0), Code.INVALID_QUANTITY, None),
        (instead("pears", grams=1_000_001), Code.INVALID_QUANTITY, None),
        (instead("milk", pieces=2, marks=MARKS[:1]), Code.MARK_REQUIRED, None),
    ],
)
def test_what_may_not_stand_for_a_line_is_refused(event, code, because):
    for wish in (Wish.REPLACE, Wish.ASK):
        facts = refusal(order_with(replacement=wish), event)
        assert (facts.code, facts.details.get("because")) == (code, because)


def test_goods_the_customer_ordered_anyway_are_no_replacement():
    order = order_with(piece(), replace(weighed(), external_id="same"), replacement=Wish.REPLACE)
    assert refusal(order, instead("same")).details["because"] == "in_order"


def test_goods_for_pickup_stand_for_a_line_of_an_order_that_is_picked_up():
    order = order_with(replacement=Wish.REPLACE, pickup=True)
    assert happen(order, instead("wine")).order.lines[0].state is L.REPLACED


def test_a_replacement_is_not_replaced_and_a_line_that_is_gone_is_not_either():
    order = happen(order_with(replacement=Wish.REPLACE), instead("same")).order
    facts = refusal(order, instead("cheap", line=order.lines[2].id))
    assert (facts.details["because"], facts.details["line_id"]) == ("is_replacement", str(BREAD))
    gone = order_with(piece(state=L.DROPPED, reason=GONE), weighed())
    assert refusal(gone, instead("same")).details["because"] == GONE


@pytest.mark.parametrize(
    ("line", "skus", "amounts", "allowed"),
    [
        (BREAD, ("same",), {}, True),
        (BREAD, ("same",), {"pieces": 3}, True),
        (BREAD, ("dear",), {}, False),
        (BREAD, ("dear",), {"pieces": 1}, False),  # by the piece, however few
        (BREAD, ("cheap", "same"), {"pieces": 2}, True),  # two for one: by the whole
        (BREAD, ("cheap", "same"), {"pieces": 3}, False),
        (BANANAS, ("pears",), {}, True),
        (BANANAS, ("cheese",), {"grams": 10}, False),  # 84.90 for 100 g
        (BANANAS, ("dear",), {"pieces": 1}, True),  # of another kind: by the whole
        (BANANAS, ("dear",), {"pieces": 2}, False),
    ],
)
def test_an_account_may_forbid_replacements_that_are_dearer(line, skus, amounts, allowed):
    order = order_with(replacement=Wish.ASK)
    event = instead(*skus, line=line, **amounts)
    assert happen(order, event, replacement_price="any").order.lines
    if allowed:
        assert happen(order, event, replacement_price="not_dearer").applied
    else:
        facts = refusal(order, event, replacement_price="not_dearer")
        assert facts.details["because"] == "dearer"


@pytest.mark.parametrize(
    ("authorised_total", "percent", "at_once"),
    [(None, 100, False), (None, 200, True), (10**9, 100, True), (1, 1000, False)],
)
def test_above_the_authorised_sum_the_customer_is_asked_whatever_the_wish(
    authorised_total, percent, at_once
):
    order = order_with(replacement=Wish.REPLACE, authorised_total=authorised_total)
    after = happen(order, instead("dear", pieces=3), authorised_percent=percent).order
    assert after.lines[0].state is (L.REPLACED if at_once else L.PROPOSED)


def test_what_makes_an_order_no_dearer_needs_no_consent_even_above_the_sum():
    order = order_with(replacement=Wish.REPLACE, authorised_total=1)
    assert happen(order, instead("cheap")).order.lines[0].state is L.REPLACED


def test_a_line_that_was_dropped_may_still_be_found_so_its_sum_pays_for_nothing_else():
    order = order_with(replacement=Wish.REPLACE)
    order = happen(order, ev.LineDropped(BANANAS, "none")).order
    assert happen(order, instead("dear")).order.lines[0].state is L.PROPOSED
    assert may_cost(order) == authorised(order, AccountRules())


# Answers.


@pytest.mark.parametrize("by", ["customer", "operator", "marketplace"])
def test_a_yes_applies_a_replacement_and_a_no_opens_the_line_again(by):
    order = proposed("same", pieces=2)
    yes = happen(order, rep.ReplacementDecided(BREAD, approved=True, by=by)).order
    assert states(yes) == [L.REPLACED, L.TODO, L.PICKED]
    no = happen(order, rep.ReplacementDecided(BREAD, approved=False, by=by)).order
    assert states(no) == [L.TODO, L.TODO, L.DROPPED]
    assert no.lines[2].reason == WITHDRAWN


@pytest.mark.parametrize(("approved", "becomes"), [(True, L.REPLACED), (False, L.TODO)])
def test_a_marketplace_names_the_goods_and_the_answer_reaches_the_line(approved, becomes):
    order = proposed("same")
    decision = happen(order, rep.ReplacementAnswered("p1", approved))
    assert (decision.order.lines[0].state, decision.told) == (becomes, ())
    assert not happen(order, rep.ReplacementAnswered("nothing", approved)).applied
    assert not happen(order_with(), rep.ReplacementAnswered("p1", approved)).applied


@pytest.mark.parametrize("approved", [True, False])
def test_an_answer_after_the_time_changes_nothing_and_says_so_if_it_matters(approved):
    over = happen(proposed("same"), rep.ReplacementExpired(BREAD), minutes=5).order
    decision = happen(over, rep.ReplacementDecided(BREAD, approved))
    assert (decision.order, decision.applied) == (over, False)
    assert decision.warning == (Notice.ANSWER_TOO_LATE if approved else None)
    kept = proposed("same", wish=Wish.CALL_OR_REPLACE)
    applied = happen(kept, rep.ReplacementExpired(BREAD), minutes=5).order
    decision = happen(applied, rep.ReplacementDecided(BREAD, approved))
    assert decision.warning == (None if approved else Notice.ANSWER_TOO_LATE)


def test_nobody_s_time_is_over_before_it_is():
    order = proposed("same")
    assert not happen(order, rep.ReplacementExpired(BREAD), minutes=4).applied
    again = happen(order, instead("cheap"), minutes=4).order
    assert not happen(again, rep.ReplacementExpired(BREAD), minutes=5).applied
    assert happen(again, rep.ReplacementExpired(BREAD), minutes=9).applied


def test_a_wish_that_changes_while_the_customer_is_asked_is_what_silence_means():
    order = proposed("same")
    draft = a_draft(draft_line("p1"), draft_line("w2", pieces=1, grams=1000, price=12990),
                    replacement=Wish.CALL_OR_REPLACE)  # fmt: skip
    order = happen(order, ev.Changed(replace(draft, requested_total=order.requested_total))).order
    after = happen(order, rep.ReplacementExpired(BREAD), minutes=5).order
    assert after.lines[0].state is L.REPLACED


def test_what_was_found_of_a_line_is_kept_while_asked_and_when_the_answer_is_no_or_none():
    order = happen(order_with(), ev.LinePicked(BREAD, 2)).order
    asked = happen(order, instead("same")).order
    no = happen(asked, rep.ReplacementDecided(BREAD, approved=False)).order
    assert (no.lines[0].state, no.lines[0].picked_pieces) == (L.TODO, 2)
    silence = happen(asked, rep.ReplacementExpired(BREAD), minutes=5).order
    assert (silence.lines[0].state, silence.lines[0].picked_pieces) == (L.SHORT, 2)
    yes = happen(asked, rep.ReplacementDecided(BREAD, approved=True)).order
    assert yes.lines[0].picked_pieces is None


def test_more_than_was_ordered_is_all_of_it_when_the_line_is_needed_after_all():
    over = happen(order_with(), ev.LinePicked(BREAD, 4), over_percent=50).order
    asked = happen(over, instead("same")).order
    again = happen(asked, rep.ReplacementWithdrawn(BREAD)).order
    assert (again.lines[0].state, again.lines[0].picked_pieces) == (L.PICKED, 4)


# Beside everything else.


def test_a_replacement_offered_twice_is_one_and_another_takes_its_place():
    once = proposed("same", pieces=1)
    again = happen(once, instead("same", pieces=1), minutes=1)
    assert (again.order, again.applied) == (once, False)
    other = happen(once, instead("cheap", pieces=1), minutes=1).order
    assert [line.external_id for line in other.replacements(BREAD)] == ["cheap"]
    assert other.lines[2].reason == WITHDRAWN
    back = happen(other, instead("same", pieces=1), minutes=2).order
    assert [line.external_id for line in back.replacements(BREAD)] == ["same"]


def test_a_customer_who_takes_the_line_out_takes_its_replacement_out_too():
    for order in (proposed("same"), happen(order_with(replacement=Wish.REPLACE),
                                           instead("same", pieces=3)).order):  # fmt: skip
        draft = a_draft(draft_line("w2", pieces=1, grams=1000, price=12990))
        after = happen(order, ev.Changed(draft)).order
        assert [line.reason for line in after.lines] == [GONE, None, WITHDRAWN]
        assert [line.external_id for line in after.wanted()] == ["w2"]


def test_a_customer_who_orders_the_replacement_itself_gets_a_line_of_it():
    order = happen(order_with(replacement=Wish.REPLACE), instead("same", pieces=3)).order
    draft = a_draft(draft_line("p1"), draft_line("same", pieces=1))
    after = happen(order, ev.Changed(draft), minutes=1).order
    assert [(x.external_id, x.state) for x in after.wanted()] == [
        ("p1", L.TODO), ("same", L.TODO),
    ]  # fmt: skip


def test_a_line_that_is_wanted_otherwise_is_open_again_without_its_replacement():
    draft = a_draft(draft_line("p1", pieces=5), draft_line("w2", pieces=1, grams=1000, price=12990))
    after = happen(proposed("same"), ev.Changed(draft)).order
    assert states(after) == [L.TODO, L.TODO, L.DROPPED]


@pytest.mark.parametrize(
    ("act", "becomes"),
    [(ev.LinePicked(BREAD, 1), L.TODO), (ev.LinePicked(BREAD, 3), L.PICKED),
     (ev.LineDropped(BREAD, "x"), L.DROPPED), (ev.LineShort(BREAD, 1, "x"), L.SHORT)],
)  # fmt: skip
@pytest.mark.parametrize("wish", [Wish.ASK, Wish.REPLACE])
def test_a_line_with_an_outcome_of_its_own_needs_nobody_to_stand_for_it(wish, act, becomes):
    order = happen(order_with(replacement=wish), instead("same")).order
    after = happen(order, act).order
    assert states(after) == [becomes, L.TODO, L.DROPPED]
    assert (after.lines[0].decide_by, after.lines[2].reason) == (None, WITHDRAWN)
    assert refusal(after, ev.LinePicked(after.lines[2].id, 1)).code is Code.NOT_IN_ORDER


def test_what_is_proposed_may_be_weighed_again_and_costs_nothing_until_the_answer():
    order = happen(order_with(), instead("pears", line=BANANAS, grams=1000)).order
    again = happen(order, ev.LineWeighed(order.lines[2].id, 950)).order
    assert (again.lines[2].state, again.lines[2].picked_grams) == (L.PROPOSED, 950)
    assert found(again) == 0
    yes = happen(again, rep.ReplacementDecided(BANANAS, approved=True)).order
    assert (yes.lines[2].state, found(yes)) == (L.PICKED, 12341)


def test_a_replacement_is_picked_like_any_other_line_and_without_it_the_line_is_open_again():
    order = happen(order_with(replacement=Wish.REPLACE), instead("pears", line=BANANAS)).order
    new = order.lines[2].id
    weighed_ = happen(order, ev.LineWeighed(new, 950)).order
    assert (weighed_.lines[2].state, weighed_.lines[2].total()) == (L.PICKED, 12341)
    dropped = happen(weighed_, ev.LineDropped(new, "rotten")).order
    assert states(dropped) == [L.TODO, L.TODO, L.DROPPED]
    assert dropped.replacements(BANANAS) == ()


def test_a_marked_replacement_waits_for_its_marks_and_frees_them():
    order = happen(order_with(replacement=Wish.REPLACE), instead("milk", pieces=None)).order
    milk = order.lines[2]
    assert (milk.marked, milk.state) == (True, L.TODO)
    picked = happen(order, ev.LinePicked(milk.id, 3, MARKS)).order
    assert picked.lines[2].state is L.PICKED
    assert happen(picked, rep.ReplacementWithdrawn(BREAD)).order.lines[2].marks == ()


def test_a_composition_waits_for_the_answer_and_says_until_when():
    order = happen(proposed("same"), ev.LineWeighed(BANANAS, 1000)).order
    facts = refusal(order, ev.Completed())
    assert (facts.code, facts.details) == (
        Code.APPROVAL_PENDING, {"line_ids": [str(BREAD)], "decide_by": "2026-03-02T13:05:00+00:00"},
    )  # fmt: skip
    assert refusal(proposed("same"), ev.Completed()).code is Code.LINES_NOT_CLOSED


def test_an_order_that_is_cancelled_while_the_customer_is_asked_asks_nobody_any_more():
    after = happen(proposed("same"), ev.Cancelled("changed_mind")).order
    assert (after.state, [line.decide_by for line in after.lines]) == (S.CANCELLED, [None] * 3)
    assert refusal(after, rep.ReplacementExpired(BREAD)).code is Code.ORDER_CANCELLED


def test_everything_replaced_is_something_found_and_everything_withdrawn_is_nothing():
    order = order_with(piece(), replacement=Wish.REPLACE)
    done = happen(happen(order, instead("cheap", pieces=1)).order, ev.Completed()).order
    assert (done.state, done.final_total, done.changed_by_shop()) == (S.PICKED, 2000, True)
    nothing = happen(proposed_alone := happen(replace(order, replacement=Wish.ASK),
                     instead("cheap", pieces=1)).order, rep.ReplacementExpired(BREAD),
                     minutes=5).order  # fmt: skip
    assert proposed_alone.lines[0].state is L.PROPOSED
    assert happen(nothing, ev.Completed()).order.state is S.CANCELLED


def test_a_replacement_that_came_to_nothing_is_no_change_of_the_composition():
    order = happen(order_with(piece()), instead("same")).order
    order = happen(order, rep.ReplacementDecided(BREAD, approved=False)).order
    order = happen(order, ev.LinePicked(BREAD, 3)).order
    assert not order.changed_by_shop()


def test_the_same_offer_with_what_is_in_the_basket_now_is_kept():
    order = happen(order_with(replacement=Wish.REPLACE), instead("same")).order
    assert order.lines[-1].state is L.TODO
    picked = happen(order, instead("same", pieces=3), minutes=1)
    assert picked.applied
    assert (picked.order.lines[-1].state, picked.order.lines[-1].picked_pieces) == (L.PICKED, 3)
    again = happen(picked.order, instead("same", pieces=3), minutes=2)
    assert not again.applied
    assert not happen(picked.order, instead("same"), minutes=3).applied


def test_a_weighed_replacement_is_open_until_somebody_weighs_it():
    order = happen(
        order_with(replacement=Wish.REPLACE), instead("pears", line=BANANAS, pieces=2)
    ).order
    pears = order.lines[-1]
    assert (pears.state, pears.picked_grams) == (L.TODO, None)
    assert (pears.requested_pieces, pears.requested_grams) == (2, 1000)
    weighed_ = happen(order, instead("pears", line=BANANAS, pieces=2, grams=900), minutes=1).order
    assert (weighed_.lines[-1].state, weighed_.lines[-1].picked_grams) == (L.PICKED, 900)


def test_marks_of_weighed_goods_say_nothing_of_their_weight():
    facts = refusal(order_with(), instead("pears", line=BANANAS, marks=MARKS[:1]))
    assert (facts.code, facts.details["expected"]) == (Code.INVALID_QUANTITY, "grams")


def test_goods_that_may_not_be_sold_may_be_replaced_where_the_customer_wants_it():
    bread = piece(restriction=Restriction.BLOCKED)
    welcome = order_with(bread, replacement=Wish.REPLACE)
    replaced = happen(welcome, instead("cheap", reason="restricted")).order
    assert states(replaced) == [L.REPLACED, L.TODO]
    never = order_with(bread, replacement=Wish.REMOVE)
    assert (
        refusal(never, instead("cheap", reason="restricted")).code is Code.REPLACEMENT_NOT_ALLOWED
    )
