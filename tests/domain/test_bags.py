"""Bags, staging, hand-over and the way back to the shelves: one sentence per rule."""

from dataclasses import replace

import pytest

from app.domain import events as ev
from app.domain import packing_events as pack
from app.domain.bag import BagState as B
from app.domain.decide import decide
from app.domain.goods import Temperature
from app.domain.handover import age_to_check, to_put_back
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.refusals import Code, Refused
from app.domain.shop import AccountRules, Shop, Spot
from tests.domain.build import an_order, piece, the_terms, uid, weighed
from tests.factories import mark

T = Temperature
SPOTS = {
    "S1": Spot("S1", "staging", capacity=2),
    "F1": Spot("F1", "staging", temperature="frozen"),
    "A1": Spot("A1", "shelf"),
}
SHOP = Shop(spots=SPOTS)
PICKED = (
    piece(state=L.PICKED, picked_pieces=3),
    weighed(state=L.PICKED, picked_grams=980, picked_pieces=1),
)


def tell(order, *events, shop=SHOP, rules=None):
    terms = replace(the_terms(), shop=shop, rules=rules or AccountRules())
    told = ()
    for event in events:
        decision = decide(order, event, terms)
        order, told = decision.order, told + decision.told
    tell.told = told
    return order


def refused(order, event, **kwargs):
    with pytest.raises(Refused) as caught:
        tell(order, event, **kwargs)
    return caught.value.code


def picked(**changes):
    return an_order(*PICKED, state=S.PICKED, final_total=29_080, **changes)


def bagged(*temperatures, order=None):
    order = order or picked()
    return tell(order, *(pack.BagOpened(each) for each in temperatures or (T.AMBIENT,)))


def sealed(*temperatures):
    order = bagged(*temperatures)
    return tell(order, *(pack.BagSealed(bag.id) for bag in order.bags))


def codes(order):
    return tuple(bag.code for bag in order.bags)


def ready(*temperatures):
    return tell(sealed(*temperatures), ev.Readied())


def test_each_bag_gets_a_code_of_its_own():
    order = bagged(T.AMBIENT, T.FROZEN, T.FROZEN)
    assert [bag.position for bag in order.bags] == [1, 2, 3]
    assert len(set(codes(order))) == 3
    assert [bag.temperature for bag in order.bags] == [T.AMBIENT, T.FROZEN, T.FROZEN]


def test_a_printed_code_scanned_twice_is_one_bag():
    order = tell(picked(), pack.BagOpened(T.AMBIENT, "B-77"), pack.BagOpened(T.AMBIENT, "B-77"))
    assert codes(order) == ("B-77",)


def test_sealing_twice_changes_nothing():
    order = sealed()
    assert tell(order, pack.BagSealed(order.bags[0].id)) == order


@pytest.mark.parametrize("event", [pack.BagSealed(uid(5)), pack.BagVoided(uid(5))])
def test_a_bag_of_nobody_is_refused(event):
    assert refused(bagged(), event) == Code.BAG_NOT_FOUND


def test_a_void_bag_is_out_of_the_count_and_cannot_be_sealed():
    order = bagged()
    void = tell(order, pack.BagVoided(order.bags[0].id))
    assert void.live_bags() == ()
    assert refused(void, pack.BagSealed(order.bags[0].id)) == Code.BAG_NOT_FOUND


def test_nobody_fills_a_hundred_bags_for_one_order():
    assert refused(bagged(*[T.AMBIENT] * 100), pack.BagOpened(T.AMBIENT)) == Code.INVALID_QUANTITY


def test_an_order_with_an_open_bag_is_not_ready():
    assert refused(bagged(), ev.Readied()) == Code.BAGS_NOT_SEALED


def test_a_shop_that_wants_bags_gets_them_before_an_order_is_ready():
    assert refused(picked(), ev.Readied(), shop=Shop(bags="required")) == Code.BAGS_NOT_SEALED


@pytest.mark.parametrize(("said", "counted"), [(None, 2), (7, 2)])
def test_the_bags_are_counted_for_the_marketplace(said, counted):
    assert tell(sealed(T.AMBIENT, T.CHILLED), ev.Readied(said)).bag_count == counted


def test_bags_without_codes_are_counted_by_hand():
    assert tell(picked(), ev.Readied(3)).bag_count == 3


def test_sealed_bags_stand_where_they_were_put():
    order = sealed(T.AMBIENT, T.CHILLED)
    staged = tell(order, pack.Staged("S1", codes(order)))
    assert {(bag.state, bag.place) for bag in staged.bags} == {(B.STAGED, "S1")}


@pytest.mark.parametrize(
    ("place", "taken", "code"),
    [
        ("NOWHERE", 0, Code.PLACE_NOT_FOUND),
        ("A1", 0, Code.PLACE_NOT_FOUND),
        ("S1", 2, Code.PLACE_FULL),
        ("F1", 0, Code.WRONG_PLACE),
    ],
)
def test_a_bag_cannot_stand_just_anywhere(place, taken, code):
    order = sealed()
    assert refused(order, pack.Staged(place, codes(order), taken)) == code


def test_staging_again_at_the_same_full_place_is_no_new_bag():
    order = sealed(T.AMBIENT, T.AMBIENT)
    staged = tell(order, pack.Staged("S1", codes(order)))
    assert tell(staged, pack.Staged("S1", codes(order))) == staged


def test_an_open_bag_is_not_staged():
    order = bagged()
    assert refused(order, pack.Staged("S1", codes(order))) == Code.BAGS_NOT_SEALED


def test_all_bags_go_with_the_courier_and_whoever_wants_to_hear_of_it_does():
    order = ready(T.AMBIENT, T.FROZEN)
    gone = tell(order, pack.HandedOver(codes(order)))
    assert gone.state is S.HANDED_OVER
    assert {bag.state for bag in gone.bags} == {B.HANDED_OVER}
    assert tell.told == ("handed_over",)


def test_a_forgotten_bag_stays_nobodys():
    order = ready(T.AMBIENT, T.FROZEN)
    assert refused(order, pack.HandedOver(codes(order)[:1])) == Code.BAGS_MISSING


def test_the_courier_says_the_orders_code():
    order, rules = ready(), AccountRules(handout_code=True)
    wrong = "0000" if order.handout_code != "0000" else "0001"
    for said in (None, wrong, ""):
        event = pack.HandedOver(codes(order), said)
        assert refused(order, event, rules=rules) == Code.COURIER_CODE_WRONG
    right = pack.HandedOver(codes(order), order.handout_code)
    assert tell(order, right, rules=rules).state is S.HANDED_OVER


def adult():
    beer = piece(3, state=L.PICKED, picked_pieces=3, min_age=18)
    return an_order(*PICKED, beer, state=S.READY, final_total=1)


def test_an_age_is_checked_before_such_goods_are_given_away():
    assert age_to_check(adult()) == 18
    assert age_to_check(picked()) is None
    for check in (None, "failed"):
        assert refused(adult(), pack.HandedOver((), age_check=check)) == Code.AGE_CHECK_REQUIRED
    assert tell(adult(), pack.HandedOver((), age_check="passed")).state is S.HANDED_OVER


def test_after_a_failed_check_the_rest_of_the_order_still_goes():
    kept = (pack.RefusedItem(uid(3), 3, "age"),)
    order = tell(adult(), pack.HandedOver((), age_check="failed", refused=kept))
    assert order.state is S.HANDED_OVER
    assert [(line.id, amount) for line, amount in to_put_back(order)] == [(uid(3), 3)]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (pack.RefusedItem(uid(77), 1, "x"), Code.LINE_NOT_FOUND),
        (pack.RefusedItem(uid(1), 4, "x"), Code.INVALID_QUANTITY),
        (pack.RefusedItem(uid(1), 0, "x"), Code.INVALID_QUANTITY),
        (pack.RefusedItem(uid(1), 1, " "), Code.REASON_REQUIRED),
    ],
)
def test_nobody_refuses_what_is_not_there(item, code):
    assert refused(ready(), pack.HandedOver(codes(ready()), refused=(item,))) == code


def test_what_a_customer_collects_is_delivered_and_the_marketplace_hears_it():
    order = replace(ready(), pickup=True)
    taken = tell(order, pack.Collected(codes(order)))
    assert (taken.state, taken.sale_due, taken.implied) == (S.DELIVERED, True, False)
    assert tell.told == ("delivered",)


def test_a_reopened_order_is_not_announced_as_assembled_twice():
    again = tell(picked(), ev.Reopened())
    assert (again.state, again.final_total) == (S.PICKING, None)
    assert tell(again, ev.Completed()).final_total == 29_080
    assert tell.told == ()


def test_a_cancelled_order_with_goods_goes_back_to_the_shelves_once():
    off = tell(sealed(), ev.Cancelled("changed_mind"))
    assert off.putback == "due"
    assert [amount for _line, amount in to_put_back(off)] == [3, 980]
    back = tell(off, pack.PutBack())
    assert (back.putback, back.live_bags()) == ("done", ())
    assert tell(back, pack.PutBack()) == back


def test_a_cancelled_order_nobody_began_leaves_nothing_to_put_back():
    assert tell(an_order(state=S.ACCEPTED), ev.Cancelled("x")).putback == "none"


def test_a_bag_is_no_business_of_an_order_that_is_ready():
    assert refused(ready(), pack.BagOpened(T.AMBIENT)) == Code.ILLEGAL_TRANSITION


@pytest.mark.parametrize("news", [ev.Taken(), ev.Delivering(), ev.Delivered()])
def test_the_marketplaces_own_news_takes_the_bags_along(news):
    order = ready()
    staged = tell(order, pack.Staged("S1", codes(order)))
    assert {bag.state for bag in tell(staged, news).bags} == {B.HANDED_OVER}


def test_bag_by_bag_a_place_is_not_overfilled():
    order = sealed(T.AMBIENT, T.AMBIENT, T.AMBIENT)
    one, two, three = codes(order)
    full = tell(order, pack.Staged("S1", (one,)), pack.Staged("S1", (two,)))
    assert refused(full, pack.Staged("S1", (three,))) == Code.PLACE_FULL


def test_what_was_refused_is_not_sold():
    kept = (pack.RefusedItem(uid(1), 3, "broken"), pack.RefusedItem(uid(2), 480, "too much"))
    gone = tell(ready(), pack.HandedOver(codes(ready()), refused=kept))
    assert [line.total() for line in gone.lines] == [0, 6_495]
    assert (gone.final_total, gone.putback) == (6_495, "due")


def test_the_packing_table_may_be_slower_than_the_couriers_news():
    order = ready()
    early = tell(order, ev.Taken())
    late = tell(
        early, pack.HandedOver(codes(order), refused=(pack.RefusedItem(uid(1), 1, "torn"),))
    )
    assert (late.state, late.final_total) == (S.HANDED_OVER, 10_900 + 12_730)


MARKS = tuple(mark(serial) for serial in ("serial-000001", "serial-000002", "serial-000003"))


def test_marks_of_refused_units_are_free_again():
    milk = piece(3, marked=True, state=L.PICKED, picked_pieces=3, marks=MARKS)
    order = an_order(*PICKED, milk, state=S.READY, final_total=1)
    whole = tell(order, pack.HandedOver((), refused=(pack.RefusedItem(uid(3), 3, "sour"),)))
    assert whole.line(uid(3)).marks == ()
    part = pack.RefusedItem(uid(3), 1, "torn", MARKS[1:2])
    assert tell(order, pack.HandedOver((), refused=(part,))).line(uid(3)).marks == (
        MARKS[0], MARKS[2],
    )  # fmt: skip
    for named in ((), MARKS[:2], (mark("of-nobody-123"),)):
        unsure = pack.RefusedItem(uid(3), 1, "torn", named)
        assert refused(order, pack.HandedOver((), refused=(unsure,))) == Code.MARK_REQUIRED
