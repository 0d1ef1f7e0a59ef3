"""What a scan means for an order: which line, how much, or why none; never a guess."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import events as ev
from app.domain.bag import Bag
from app.domain.barcode import GS, Outcome, Scanned, check_digit
from app.domain.decide import decide
from app.domain.goods import Place, Product, Temperature
from app.domain.order import GONE, Replacement
from app.domain.order import LineState as L
from app.domain.quantity import Tolerance
from app.domain.refusals import Code, Notice, Refused
from app.domain.scan import Hint, Known, Scan
from app.domain.scanning import find_line, understand
from app.domain.shop import AccountRules, Label, Shop, Spot
from app.domain.terms import Terms
from tests.domain import build
from tests.domain.build import counting, uid, weighed

BREAD = "4690003009016"
BREAD_MARK = f"010{BREAD}215abcdeF{GS}93x7z="
TERMS = Terms({}, counting(), now=datetime(2026, 3, 2, 12, tzinfo=UTC))
MILK = Product(barcodes=("4600000000008",), sku="milk", name="Молоко")


def piece(n=1, **changes):
    return replace(build.piece(n), barcodes=(BREAD,), **changes)


def an_order(*lines, **changes):
    return build.an_order(*(lines or (piece(), weighed())), **changes)


def label(grams, prefix="21", item="00101"):
    body = f"{prefix}{item}{grams:05d}"
    return body + str(check_digit(body))


def scan(raw, order=None, *, line=None, known=None, terms=TERMS, **shop):
    terms = replace(terms, shop=Shop(**shop)) if shop else terms
    return understand(Scan(order or an_order(), raw, line and uid(line), terms, known or Known()))


def told(meaning):
    return meaning.outcome, meaning.line_id and meaning.line_id.int, meaning.hint


# Finding the line.


def test_an_open_line_is_found_before_a_closed_one_with_the_same_goods():
    closed, still_open = piece(1, state=L.PICKED), piece(2)
    assert find_line(Scanned(gtin=BREAD), [closed, still_open]) is still_open
    assert find_line(Scanned(gtin=BREAD), [closed]) is closed
    assert find_line(Scanned(gtin=BREAD), [closed, still_open], first=closed.id) is closed


@pytest.mark.parametrize("plu", ["00101", "101", "0101"])
def test_an_item_number_is_the_same_with_and_without_zeros(plu):
    lines = [piece(1), weighed(2)]
    assert find_line(Scanned(plu=plu, grams=500), lines).id == uid(2)
    assert find_line(Scanned(plu="99999", grams=500), lines) is None
    assert find_line(Scanned(gtin="1"), lines) is None
    assert find_line(Scanned(gtin="1"), lines, skus=["p1"]).id == uid(1)


def test_a_line_with_no_codes_is_nobodys():
    bare = replace(piece(1), barcodes=("",), plu="")
    assert find_line(Scanned(plu="0", gtin=None), [bare]) is None
    assert find_line(Scanned(plu="000"), [replace(bare, plu="00")]) is None


# Pieces.


def test_a_code_adds_a_piece():
    meaning = scan(BREAD)
    assert told(meaning) == (Outcome.MATCHED, 1, None)
    assert (meaning.event, meaning.pieces) == (ev.LinePicked(uid(1), 1), 1)
    assert (meaning.sku, meaning.name) == ("p1", "Хлеб")


def test_one_piece_too_many_is_never_added():
    order = an_order(piece(1, state=L.PICKED, picked_pieces=3))
    meaning = scan(BREAD, order)
    assert told(meaning) == (Outcome.ALREADY_DONE, 1, None)
    assert (meaning.event, meaning.notice) == (None, Notice.ITEM_ALREADY_COMPLETE)


def test_one_piece_more_is_added_where_the_account_allows_it():
    order = an_order(piece(1, state=L.PICKED, picked_pieces=3))
    generous = replace(TERMS, rules=AccountRules(over_percent=34))
    meaning = scan(BREAD, order, terms=generous)
    assert meaning.event == ev.LinePicked(uid(1), 4)
    assert meaning.notice is Notice.ITEM_ALREADY_COMPLETE
    order = decide(order, meaning.event, generous).order
    assert scan(BREAD, order, terms=generous).outcome is Outcome.ALREADY_DONE


def test_a_pack_says_how_many_it_holds():
    pack = f"020{BREAD}3702"
    assert scan(pack).event == ev.LinePicked(uid(1), 2)
    counted = Label("21", (2, 7), (7, 12), "count")
    order = an_order(replace(piece(1), plu="00101"))
    assert scan(label(3), order, labels=(counted,)).event == ev.LinePicked(uid(1), 3)


@pytest.mark.parametrize(("kopecks", "pieces"), [(5450, 1), (10900, 2), (5000, 1), (10901, 1)])
def test_a_price_label_counts_several_pieces_only_when_it_is_their_price(kopecks, pieces):
    order = an_order(replace(piece(1), plu="00101"))
    priced = Label("23", (2, 7), (7, 12), "price")
    meaning = scan(label(kopecks, "23"), order, labels=(priced,))
    assert (meaning.pieces, meaning.event) == (pieces, ev.LinePicked(uid(1), pieces))


@pytest.mark.parametrize("state", [L.SHORT, L.DROPPED])
def test_goods_that_were_found_after_all_count(state):
    order = an_order(piece(1, state=state, picked_pieces=1, reason="not_found"))
    assert scan(BREAD, order).event == ev.LinePicked(uid(1), 2)


# Marks.


def test_of_marked_goods_only_a_mark_counts():
    order = an_order(piece(1, marked=True))
    assert told(scan(BREAD, order)) == (Outcome.MATCHED, 1, Hint.MARK_REQUIRED)
    assert scan(BREAD, order).event is None
    assert scan(BREAD_MARK, order).event == ev.LinePicked(uid(1), 1, (BREAD_MARK,))


def test_a_mark_of_unmarked_goods_is_kept_when_it_is_whole():
    assert scan(BREAD_MARK).event == ev.LinePicked(uid(1), 1, (BREAD_MARK,))
    assert scan(f"010{BREAD}21serial").event == ev.LinePicked(uid(1), 1)


def test_the_second_scan_of_one_unit_is_refused_by_the_rules_of_marks():
    order = an_order(piece(1, marked=True))
    order = decide(order, scan(BREAD_MARK, order).event, TERMS).order
    assert code_of(order, scan(BREAD_MARK, order).event) is Code.MARK_ALREADY_USED


def test_a_pack_past_its_own_date_counts_for_none():
    meaning = scan(f"010{BREAD}17260301")
    assert told(meaning) == (Outcome.MATCHED, 1, Hint.EXPIRED)
    assert meaning.event is None
    good = scan(f"010{BREAD}17260302")
    assert good.event
    assert good.expires.isoformat() == "2026-03-02"


# Weights.


@pytest.mark.parametrize("raw", [label(0), "4600000000008"])
def test_a_code_without_a_weight_only_finds_its_line(raw):
    order = an_order(replace(weighed(2), barcodes=("4600000000008",)))
    assert told(scan(raw, order)) == (Outcome.MATCHED, 2, Hint.WEIGHT_NEEDED)
    done = an_order(replace(order.lines[0], state=L.PICKED, picked_grams=900))
    assert told(scan(raw, done)) == (Outcome.ALREADY_DONE, 2, None)


def picked_by(labels, order=None, terms=TERMS):
    order, said = order or an_order(weighed(2)), []
    for grams in labels:
        meaning = scan(label(grams), order, terms=terms)
        said.append(meaning)
        if meaning.event:
            order = decide(order, meaning.event, terms).order
    return order.lines[0], said


def test_several_labels_add_up_to_the_hard_limit_also_on_a_line_that_is_complete():
    line, said = picked_by([750, 200, 350, 351])
    assert (line.state, line.picked_grams) == (L.PICKED, 1300)
    assert [m.outcome for m in said] == [Outcome.MATCHED] * 3 + [Outcome.ALREADY_DONE]
    complete = Notice.ITEM_ALREADY_COMPLETE
    assert [m.notice for m in said] == [None, complete, complete, complete]
    assert said[-1].hint is Hint.WEIGHT_OUT_OF_HARD_LIMIT


def test_two_equal_packs_are_two_packs():
    line, said = picked_by([500, 500])
    assert (line.picked_grams, said[1].notice) == (1000, None)


TOO_HEAVY = Code.WEIGHT_OUT_OF_HARD_LIMIT


def code_of(order, event, terms=TERMS):
    with pytest.raises(Refused) as refused:
        decide(order, event, terms)
    return refused.value.code


@given(st.lists(st.integers(1, 2000), max_size=8), st.integers(0, 50), st.integers(0, 50))
def test_what_labels_add_up_to_is_never_above_the_hard_limit(labels, under, over):
    tolerance = Tolerance(0, under, 0, over)
    terms = replace(TERMS, shop=Shop(tolerances={"": tolerance}))
    least, most = tolerance.hard(1000)
    order, kept = an_order(weighed(2)), []
    for grams in labels:
        meaning = scan(label(grams), order, terms=terms)
        if sum(kept) + grams > most:
            assert meaning.event is None or code_of(order, meaning.event, terms) == TOO_HEAVY
        else:
            order = decide(order, meaning.event, terms).order
            kept.append(grams)
    line = order.lines[0]
    assert (line.picked_grams or 0) == sum(kept) <= most
    assert (line.state is L.PICKED) == (sum(kept) >= least)


@pytest.mark.parametrize(
    ("kopecks", "shop_price", "grams"),
    [(12990, None, 1000), (6495, None, 500), (6500, None, 500), (10000, None, 770),
     (12990, (9990, 1000), 1300), (12990, (None, 1000), 1000), (5000, (1000, 100), 500)],
)  # fmt: skip
def test_grams_follow_from_the_price_on_the_label_and_the_shop_s_own_price_first(
    kopecks, shop_price, grams
):
    priced = Label("23", (2, 7), (7, 12), "price")
    goods = shop_price and Product(price=shop_price[0], unit_grams=shop_price[1])
    known = Known({"w2": goods}) if goods else Known()
    meaning = scan(label(kopecks, "23"), known=known, labels=(priced,))
    assert meaning.event == ev.LineWeighed(uid(2), grams, source="label", marks=())
    assert meaning.grams == grams


def test_goods_without_a_price_cannot_be_weighed_by_it():
    priced = Label("23", (2, 7), (7, 12), "price")
    order = an_order(weighed(2, price=0))
    meaning = scan(label(500, "23"), order, labels=(priced,))
    assert told(meaning) == (Outcome.MATCHED, 2, Hint.WEIGHT_NEEDED)


# Other lines, other goods.


def test_a_code_of_another_line_says_which():
    assert told(scan(BREAD, line=2)) == (Outcome.OTHER_LINE, 1, None)
    assert scan(BREAD, line=2).event is None
    assert scan(BREAD, line=1).event


def test_of_two_lines_of_the_same_goods_the_one_asked_for_counts():
    order = an_order(piece(1), piece(2))
    assert scan(BREAD, order, line=2).event == ev.LinePicked(uid(2), 1)
    assert scan(BREAD, order).event == ev.LinePicked(uid(1), 1)


@pytest.mark.parametrize(
    ("raw", "hint"),
    [("4600000000009", Hint.INVALID_BARCODE), ("what is this", None), ("4600000000008", None)],
)
def test_what_nobody_knows_is_unknown(raw, hint):
    assert told(scan(raw)) == (Outcome.UNKNOWN_CODE, None, hint)


def test_goods_of_ours_that_nobody_ordered_are_named():
    meaning = scan("4600000000008", known=Known({"milk": MILK}))
    assert told(meaning) == (Outcome.NOT_IN_ORDER, None, None)
    assert (meaning.sku, meaning.name) == ("milk", "Молоко")


def test_what_the_customer_took_out_is_not_in_the_order():
    order = an_order(piece(1, state=L.DROPPED, reason=GONE), weighed(2))
    meaning = scan(BREAD, order)
    assert told(meaning) == (Outcome.NOT_IN_ORDER, None, Hint.REMOVED_BY_CUSTOMER)
    assert scan(BREAD, order, known=Known({"p1": MILK})).hint is Hint.REMOVED_BY_CUSTOMER


def test_a_code_the_catalogue_learned_later_counts_for_its_goods():
    meaning = scan("4600000000008", known=Known({"p1": MILK}))
    assert meaning.event == ev.LinePicked(uid(1), 1)


# Substitutes.


@pytest.mark.parametrize(
    ("line", "stands_for", "wish", "outcome"),
    [
        ({"wish_skus": ("milk",)}, (), Replacement.ASK, (Outcome.SUBSTITUTE_OF, 1)),
        ({"wish_skus": ("milk",)}, (), Replacement.REMOVE, (Outcome.SUBSTITUTE_OF, 1)),
        ({}, (("p1", "milk"),), Replacement.ASK, (Outcome.SUBSTITUTE_OF, 1)),
        ({}, (("p1", "milk"),), Replacement.REMOVE, (Outcome.NOT_IN_ORDER, None)),
        ({"wish": Replacement.REPLACE}, (("p1", "milk"),), Replacement.REMOVE,
         (Outcome.SUBSTITUTE_OF, 1)),
        ({}, (), Replacement.REPLACE, (Outcome.NOT_IN_ORDER, None)),
        ({"state": L.PICKED}, (("p1", "milk"),), Replacement.ASK, (Outcome.NOT_IN_ORDER, None)),
        ({"state": L.SHORT}, (("p1", "milk"),), Replacement.ASK, (Outcome.SUBSTITUTE_OF, 1)),
    ],
)  # fmt: skip
def test_goods_that_may_stand_for_an_open_line_say_for_which(line, stands_for, wish, outcome):
    order = an_order(piece(1, **line), weighed(2), replacement=wish)
    meaning = scan("4600000000008", order, known=Known({"milk": MILK}, stands_for))
    assert told(meaning)[:2] == outcome
    assert (meaning.event, meaning.sku) == (None, "milk")


def test_the_line_on_the_screen_is_replaced_before_any_other():
    order = an_order(piece(1, wish_skus=("milk",)), piece(3))
    known = Known({"milk": MILK}, (("p3", "milk"),))
    assert told(scan("4600000000008", order, known=known))[1] == 1
    assert told(scan("4600000000008", order, known=known, line=3))[1] == 3


def test_a_replacement_that_waits_for_the_customer_says_for_which_line():
    order = an_order(
        replace(piece(1, state=L.PROPOSED), barcodes=()),
        piece(5, state=L.PROPOSED, replaces=uid(1)),
    )
    assert told(scan(BREAD, order)) == (Outcome.SUBSTITUTE_OF, 1, Hint.APPROVAL_PENDING)


@pytest.mark.parametrize(
    ("state", "hint"), [(L.PROPOSED, Hint.APPROVAL_PENDING), (L.REPLACED, Hint.REPLACED)]
)
def test_goods_that_others_stand_for_are_not_added_by_a_scan(state, hint):
    meaning = scan(BREAD, an_order(piece(1, state=state)))
    assert told(meaning) == (Outcome.ALREADY_DONE, 1, hint)
    assert (meaning.event, meaning.notice) == (None, None)


# Bags, places, people.

BAG = Bag(uid(70), 1, "B-1", Temperature.AMBIENT)


@pytest.mark.parametrize(
    ("raw", "known", "expected"),
    [
        ("B-1", Known(), (Outcome.BAG, None)),
        ("B-2", Known(bag_of="OWN-7"), (Outcome.BAG, Hint.BAG_BELONGS_TO_OTHER_ORDER)),
        ("preprinted 7", Known(bag_of="OWN-7"), (Outcome.BAG, Hint.BAG_BELONGS_TO_OTHER_ORDER)),
        ("B-3", Known(), (Outcome.UNKNOWN_CODE, None)),
    ],
)
def test_a_bag_says_whether_it_is_of_this_order(raw, known, expected):
    meaning = scan(raw, an_order(bags=(BAG,)), known=known)
    assert (meaning.outcome, meaning.hint) == expected
    assert meaning.code == raw


def test_a_printed_code_that_is_this_order_s_bag_is_no_goods():
    order = an_order(bags=(replace(BAG, code=BREAD),))
    assert scan(BREAD, order).outcome is Outcome.BAG


SPOTS = {
    "A-1": Spot("A-1", "shelf", "Хлеб", aisle="A"),
    "2112345015002": Spot("2112345015002", "shelf", aisle="B"),
    "S1": Spot("S1", "staging", "Полка выдачи"),
}


@pytest.mark.parametrize(
    ("raw", "line", "name", "here", "hint"),
    [
        ("A-1", 1, "Хлеб", True, None),
        ("L-A-1", 1, "Хлеб", True, None),
        ("A-1", None, "Хлеб", None, None),
        ("2112345015002", 1, "B", False, Hint.OTHER_PLACE),
        ("A-1", 2, "Хлеб", None, None),
        ("S1", 1, "Полка выдачи", None, None),
    ],
)
def test_a_place_says_its_name_and_whether_the_line_stands_there(raw, line, name, here, hint):
    order = an_order(piece(1, place=Place(aisle="A")), weighed(2))
    meaning = scan(raw, order, line=line, spots=SPOTS)
    assert told(meaning) == (Outcome.LOCATION, line, hint)
    assert (meaning.name, meaning.here) == (name, here)


def test_a_place_the_shop_does_not_have_is_unknown():
    assert scan("L-Z9", spots=SPOTS).outcome is Outcome.UNKNOWN_CODE


def test_a_badge_is_a_person():
    assert (scan("BADGE-1001").outcome, scan("BADGE-1001").code) == (Outcome.PERSON, "1001")


@given(st.text(max_size=60) | st.sampled_from([BREAD, BREAD_MARK, label(500), "B-1", "L-1"]))
def test_whatever_is_scanned_has_a_meaning(raw):
    meaning = scan(raw, line=1)
    assert meaning.outcome in Outcome
    assert (meaning.event is None) or meaning.outcome is Outcome.MATCHED
