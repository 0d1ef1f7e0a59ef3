"""What Glovo is told: one PUT, by who delivers; every row with what became of it."""

import json
from dataclasses import replace

import pytest

from app.domain.order import LineState as L
from app.marketplaces.glovo import MARKETPLACE
from app.marketplaces.tools import Tools
from tests.domain.build import an_order, piece, weighed
from tests.marketplaces.glovo.party import PARTY

ACCOUNT = PARTY.account
OURS = "VENDOR_DELIVERY"


def put(order, kind="ready"):
    """The body of the one call; none where there is no call."""
    steps = json.loads(MARKETPLACE(Tools(None)).compose(ACCOUNT, kind, order))["steps"]
    return steps[0]["body"] if steps else None


def rows(order, kind="ready"):
    return [(row.get("_id"), row["status"], row["pricing"]) for row in put(order, kind)["items"]]


def outcomes(**changes):
    instead = replace(
        piece(9, pieces=2, state=L.PICKED, picked_pieces=2), replaces=piece(4).id, price=5290
    )
    return an_order(
        piece(1, ref="a*3", state=L.PICKED, picked_pieces=3),
        weighed(2, ref="b*1000", state=L.PICKED, picked_grams=1040),
        piece(3, ref="c*3", state=L.DROPPED),
        piece(4, ref="d*3", state=L.REPLACED),
        instead,
        **changes,
    )


def test_every_row_is_told_with_what_became_of_it():
    told = [
        (id_, status, said["quantity"], said.get("weight"))
        for id_, status, said in rows(outcomes())
    ]
    assert told == [
        ("a", "IN_CART", 3, None),
        ("b", "IN_CART", 1, 1.04),
        ("c", "NOT_FOUND", 3, None),
        ("d", "REPLACED", 3, None),
        (None, "IN_CART", 2, None),
    ]
    assert put(outcomes())["items"][-1]["replaced_id"] == "d"
    assert put(outcomes())["items"][-1]["pricing"]["unit_price"] == 52.9


@pytest.mark.parametrize(
    ("transport", "pickup", "said"),
    [
        ("LOGISTICS_DELIVERY", False, [None, "READY_FOR_PICKUP", None]),
        (None, False, [None, "READY_FOR_PICKUP", None]),
        ("LOGISTICS_DELIVERY", True, [None, "READY_FOR_PICKUP", None]),
        (OURS, False, ["ACCEPTED", "UPDATE_CART", "DISPATCHED"]),
        (OURS, True, ["ACCEPTED", "DISPATCHED", None]),
    ],
)
def test_who_delivers_decides_what_is_told(transport, pickup, said):
    order = outcomes(external_uuid=transport, pickup=pickup)
    kinds = ("accepted", "ready", "handed_over")
    assert [(put(order, kind) or {}).get("status") for kind in kinds] == said


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("out_of_stock", "ITEM_UNAVAILABLE"), ("store_closed", "CLOSED"), (None, "TOO_BUSY")],
)
def test_what_is_called_off_is_nowhere(ours, theirs):
    body = put(outcomes(cancel_reason=ours), "cancelled")
    assert body["cancellation"] == {"reason": theirs, "cancelled_by": "VENDOR"}
    assert {row["status"] for row in body["items"]} == {"NOT_FOUND"}
    assert len(body["items"]) == 4


def test_what_costs_so_much_for_a_hundred_grams_is_told_by_the_kilogram():
    cheese = replace(
        weighed(2, ref="b*300", state=L.PICKED, picked_grams=310), price=1299, unit_grams=100
    )
    (told,) = rows(an_order(cheese))
    assert (told[2]["unit_price"], told[2]["weight"]) == (129.9, 0.31)


def test_one_line_of_two_rows_goes_back_as_two():
    line = piece(1, pieces=4, ref="a*3\nb*1", state=L.SHORT, picked_pieces=3)
    assert [row[:2] for row in rows(an_order(line))] == [("a", "IN_CART"), ("b", "NOT_FOUND")]


def test_a_row_is_told_by_the_platforms_name_of_it_and_by_none_where_it_has_none():
    named = piece(1, ref="p1*3", state=L.PICKED, picked_pieces=3)
    nameless = piece(2, state=L.SHORT, picked_pieces=2)
    told = rows(an_order(named, nameless))
    assert [(row[0], row[2]["quantity"]) for row in told] == [("p1", 3), (None, 2)]


def test_an_orders_id_stays_in_its_place():
    order = replace(outcomes(), external_id="../vendors/1?x=#")
    (step,) = json.loads(MARKETPLACE(Tools(None)).compose(ACCOUNT, "ready", order))["steps"]
    assert step["path"] == "/v2/chains/chain-1/orders/..%2Fvendors%2F1%3Fx%3D%23"
