"""What Yandex Eats reads of orders: statuses that only go on, compositions to the gram."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from app.contract import Call, Delivery, Question
from app.domain.bag import Bag
from app.domain.goods import Temperature
from app.domain.order import LineState as L
from app.domain.order import MarkUse, OrderState, Unit
from app.domain.transitions import TRANSITIONS
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_eats import YandexEats
from app.marketplaces.yandex_eats.profile import REASONS, STATUS_OF
from tests.domain.build import an_order, piece, uid, weighed
from tests.factories import mark
from tests.marketplaces.yandex_eats.party import ACCOUNT, PARTY

MARKET = YandexEats(Tools(httpx.AsyncClient()))
SINCE = datetime(2026, 3, 2, 7, 30, 15, 123456, tzinfo=UTC)
FORWARD = ["NEW", "ACCEPTED_BY_RESTAURANT", "COOKING", "READY", "TAKEN_BY_COURIER", "DELIVERED"]


def read(what, order, account=ACCOUNT):
    reply = MARKET.answer(account, Question(what, "H1"), order)
    assert reply.status == 200
    return json.loads(reply.body)


def items(*lines, **changes):
    return {item["id"]: item for item in read("composition", an_order(*lines, **changes))["items"]}


def test_an_order_that_never_came_is_not_found():
    for what in ("status", "composition"):
        reply = MARKET.answer(ACCOUNT, Question(what, "H1"), None)
        assert (reply.status, json.loads(reply.body)[0]["code"]) == (404, 404)


def test_every_state_of_ours_has_a_word_and_none_leads_back():
    assert STATUS_OF.keys() == set(OrderState)
    order = [*FORWARD, "CANCELLED"]
    for state, row in TRANSITIONS.items():
        for after in row.values():
            assert order.index(STATUS_OF[after]) >= order.index(STATUS_OF[state]), (state, after)


def test_a_status_says_bags_and_since_when_to_the_microsecond():
    order = replace(an_order(state=OrderState.READY), bag_count=2, since=SINCE)
    assert read("status", order) == {
        "status": "READY", "packagesCount": 2, "updatedAt": "2026-03-02T07:30:15.123456+00:00",
    }  # fmt: skip
    bags = tuple(Bag(uid(n), n, f"B{n}", Temperature.AMBIENT) for n in (1, 2, 3))
    assert read("status", replace(order, bag_count=None, bags=bags))["packagesCount"] == 3


@pytest.mark.parametrize(
    ("by", "reason", "said"),
    [("shop", "out_of_stock", "place.missing_dish"), ("shop", "what", "place.some_other_reason"),
     ("shop", None, "place.some_other_reason"), ("marketplace", "client.refused_order_changes",
     "client.refused_order_changes"), ("marketplace", "new word of theirs", "other")],
)  # fmt: skip
def test_a_cancellation_has_one_of_the_platforms_reasons(by, reason, said):
    order = an_order(state=OrderState.CANCELLED, cancelled_by=by, cancel_reason=reason)
    assert read("status", order) == {"status": "CANCELLED", "reason": said}
    assert said in REASONS


def test_what_was_found_is_read_to_the_gram_and_what_was_not_is_left_out():
    found = items(
        piece(1, state=L.SHORT, picked_pieces=2),
        weighed(2, state=L.PICKED, picked_grams=1043),
        piece(3, state=L.DROPPED, picked_pieces=0),
        weighed(4, grams=300, state=L.SHORT, picked_grams=0),
        weighed(5, grams=250, unit_grams=100, price=999, state=L.PICKED, picked_grams=250),
    )
    assert {sku: item["quantity"] for sku, item in found.items()} == {
        "p1": 2, "w2": 1.043, "w5": 2.5,
    }  # fmt: skip
    assert (found["p1"]["price"], found["w2"]["price"], found["w5"]["price"]) == (54.5, 129.9, 9.99)


def test_what_has_no_outcome_yet_is_read_as_it_was_ordered():
    found = items(piece(1), weighed(2, grams=1500))
    assert {sku: item["quantity"] for sku, item in found.items()} == {"p1": 3, "w2": 1.5}


def test_a_replacement_stands_for_its_line_and_an_offered_one_not_yet():
    stands = replace(piece(9, pieces=1, state=L.PICKED, picked_pieces=1), replaces=uid(1))
    assert [*items(piece(1, state=L.REPLACED), stands)] == ["p9"]
    offered = replace(stands, state=L.PROPOSED)
    assert [*items(piece(1, state=L.PROPOSED), offered)] == ["p1"]


def test_what_was_ordered_and_also_stands_for_something_else_is_one_item():
    codes = tuple(mark(f"{n:013d}") for n in range(3))
    own = piece(1, pieces=2, state=L.PICKED, picked_pieces=2, marks=codes[:2])
    other = piece(2, pieces=1, state=L.REPLACED)
    stands = piece(3, pieces=1, state=L.PICKED, picked_pieces=1, marks=codes[2:])
    stands = replace(stands, external_id=own.external_id, replaces=other.id)
    (item,) = read("composition", an_order(own, other, stands))["items"]
    assert (item["id"], item["quantity"]) == (own.external_id, 3)
    assert [each["datamatrix"] for each in item["marking"]] == [*codes]
    dearer = replace(stands, price=own.price + 100)
    found = read("composition", an_order(own, other, dearer))["items"]
    assert [item["quantity"] for item in found] == [2, 1]


def test_marks_are_read_as_they_were_scanned_with_their_parts_and_checks():
    whole, half = mark("a" * 13), mark("b" * 13)
    assert "\x1d" in whole
    use = MarkUse(half, 500, "2ce10bdb-6510-4d37-be04-dd473b98c728", SINCE)
    line = piece(1, state=L.PICKED, picked_pieces=2, marks=(whole, half), mark_uses=(use,))
    body = MARKET.answer(ACCOUNT, Question("composition", "H1"), an_order(line)).body
    assert b"\\u001d" in body
    assert b"\\\\u001d" not in body
    assert json.loads(body)["items"][0]["marking"] == [
        {"datamatrix": whole, "quantity": 1.0},
        {"datamatrix": half, "quantity": 0.5, "gisMarkCheck": {
            "id": use.check_id, "datetime": "2026-03-02 07:30:15.123456+00:00"}},
    ]  # fmt: skip


def test_who_delivers_is_said_as_it_was_agreed():
    assert read("composition", an_order())["discriminator"] == "yandex"
    assert read("composition", an_order(pickup=True))["discriminator"] == "pickup"
    own = replace(ACCOUNT, settings={**ACCOUNT.settings, "delivery": "marketplace"})
    said = read("composition", an_order(), own)
    assert said["discriminator"] == "marketplace"
    assert said["deliveryInfo"] == {"deliveryDate": "2026-03-02T14:00:00.000000+00:00"}


def parsed(**changes):
    body = json.dumps(json.loads(PARTY.samples()["order"]) | changes).encode()
    delivery = MARKET.serve(ACCOUNT, Call(PARTY.prove(b"", SINCE), body, path="order"), SINCE)
    assert isinstance(delivery, Delivery)
    return MARKET.parse(ACCOUNT, delivery, SINCE)[0].draft


@pytest.mark.parametrize("agreed", ["yandex", "marketplace"])
@pytest.mark.parametrize("said", ["yandex", "marketplace", "pickup"])
def test_an_order_is_answered_as_what_it_came_as_whatever_was_agreed(agreed, said):
    account = replace(ACCOUNT, settings={**ACCOUNT.settings, "delivery": agreed})
    draft = parsed(discriminator=said)
    order = an_order(external_uuid=draft.external_uuid, pickup=draft.pickup)
    answer = read("composition", order, account)
    assert (answer["discriminator"], "deliveryInfo" in answer) == (said, said == "marketplace")


@pytest.mark.parametrize("said", [None, "", "something new"])
def test_an_order_that_does_not_say_whose_couriers_deliver_is_as_agreed(said):
    draft = parsed(discriminator=said)
    assert (draft.external_uuid, draft.pickup) == (None, False)


def test_parts_of_a_measure_are_weighed_and_whole_ones_may_be():
    lines = parsed().lines
    assert [(x.unit, x.pieces, x.grams, x.if_weighed) for x in lines] == [
        (Unit.PIECE, 3, None, 1000), (Unit.WEIGHT, 1, 1040, None), (Unit.PIECE, 2, None, 1000),
    ]  # fmt: skip
    assert [(x.price, x.list_price) for x in lines] == [(7700, None), (12990, 15000), (18990, None)]
    third = [{"id": "a", "price": 1, "quantity": 1 / 3}]
    assert parsed(items=third).lines[0].grams == 333


def test_an_order_is_due_when_its_courier_comes_or_in_an_hour():
    assert parsed().due_at.isoformat() == "2026-03-02T12:00:27.870000+03:00"
    assert parsed(deliveryInfo=None).due_at.isoformat() == "2026-03-02T08:30:15.123456+00:00"


def test_an_order_the_customer_comes_for_is_due_when_he_comes():
    comes = {"clientArrivementDate": "2026-03-02T15:00:00.000000+03:00"}
    pickup = parsed(discriminator="pickup", deliveryInfo=comes)
    assert (pickup.due_at.isoformat(), pickup.pickup) == ("2026-03-02T15:00:00+03:00", True)


def test_goods_that_are_listed_twice_for_two_prices_cost_what_both_do():
    twice = [{"id": "a", "price": 10.01, "quantity": 1}, {"id": "a", "price": 10, "quantity": 1}]
    draft = parsed(items=twice)
    assert [(line.pieces, line.price) for line in draft.lines] == [(2, 1001)]
    assert draft.requested_total - draft.discount == 2001


def test_an_order_that_names_no_place_is_for_the_accounts_own():
    own = replace(ACCOUNT, settings={**ACCOUNT.settings, "place": "MSK-07"})
    body = json.loads(PARTY.samples()["order"])
    del body["restaurantId"]
    delivery = Delivery({"x-path": "order"}, json.dumps(body).encode())
    assert MARKET.parse(own, delivery, SINCE)[0].draft.external_store == "MSK-07"
