"""What СМ is told: the envelope, and the final composition position by position."""

import json

import pytest

from app.domain.order import GONE, WITHDRAWN
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.transitions import TOLD
from app.marketplaces.kuper import Kuper
from app.marketplaces.kuper.codes import NOTIFICATIONS
from app.marketplaces.kuper.compose import compose, composition
from app.marketplaces.tools import Tools
from tests.domain.build import an_order, piece, uid, weighed
from tests.marketplaces.accounts import kuper

PICKED = piece(1, state=L.PICKED, picked_pieces=3)
WEIGHED = weighed(2, state=L.PICKED, picked_grams=1040, picked_pieces=1)


def positions(*lines):
    return composition(an_order(*lines, state=S.READY))["positions"]


def test_every_kind_an_order_can_cause_has_a_type_of_theirs():
    assert {kind for kinds in TOLD.values() for kind in kinds} == {*NOTIFICATIONS, "handed_over"}


@pytest.mark.parametrize(("kind", "type_"), NOTIFICATIONS.items())
def test_every_notification_names_its_type_and_its_order(kind, type_):
    event = json.loads(compose(kind, an_order(external_uuid="u-1")))["event"]
    assert event["type"] == type_
    assert event["payload"]["order_id"] == "H1"
    assert event["payload"]["orderUUID"] == "u-1"
    assert ("order" in event["payload"]) is (kind == "ready")


def test_an_accepted_order_is_told_with_our_number_and_our_promise():
    assert compose("accepted", an_order()) == (
        b'{"event":{"type":"order.accepted","payload":{"order_id":"H1","number":"OWN-1",'
        b'"estimated_assembly_at":"2026-03-02T14:00:00+00:00"}}}'
    )


@pytest.mark.parametrize(
    ("line", "position"),
    [
        (PICKED, {"id": "p1", "quantity": 3}),
        (WEIGHED, {"id": "w2", "quantity": 1, "weight": "1040"}),
        (piece(1, state=L.SHORT, picked_pieces=2), {"id": "p1", "quantity": 2}),
        (weighed(2, state=L.SHORT, picked_grams=300, picked_pieces=1),
         {"id": "w2", "quantity": 1, "weight": "300"}),
        (piece(1, state=L.DROPPED, picked_pieces=0), {"id": "p1", "quantity": 0}),
        (weighed(2, state=L.DROPPED, picked_grams=0, picked_pieces=0),
         {"id": "w2", "quantity": 0, "weight": "0"}),
        (piece(1, state=L.TODO, picked_pieces=1), {"id": "p1", "quantity": 0}),
        (piece(1, pieces=2, state=L.PICKED, picked_pieces=2, marks=("01\x1d93a", "b")),
         {"id": "p1", "quantity": 2, "markingCode": [{"value": "01\x1d93a"}, {"value": "b"}]}),
    ],
)  # fmt: skip
def test_a_position_says_what_was_found(line, position):
    assert positions(line) == [position]


def test_the_separators_of_a_mark_are_sent_as_json_escapes():
    line = piece(1, pieces=1, state=L.PICKED, picked_pieces=1, marks=("01\x1d93",))
    assert b'"01\\u001d93"' in compose("ready", an_order(line, state=S.READY))


def test_a_replaced_position_names_its_replacement():
    instead = piece(5, state=L.PICKED, picked_pieces=3, replaces=uid(1))
    replaced = piece(1, state=L.REPLACED)
    assert positions(replaced, instead) == [
        {"id": "p1", "quantity": 3, "replacedByID": "p5"},
        {"id": "p5", "quantity": 3},
    ]


def test_a_weighed_position_that_was_replaced_keeps_the_weight_it_was_ordered_with():
    instead = piece(5, state=L.SHORT, picked_pieces=1, replaces=uid(2))
    assert positions(weighed(2, state=L.REPLACED), instead) == [
        {"id": "w2", "quantity": 1, "weight": "1000", "replacedByID": "p5"},
        {"id": "p5", "quantity": 1},
    ]


def test_a_second_article_for_one_position_names_the_first():
    first = piece(5, state=L.PICKED, picked_pieces=1, replaces=uid(1))
    second = weighed(6, state=L.PICKED, picked_pieces=1, picked_grams=450, replaces=uid(1))
    assert positions(piece(1, state=L.REPLACED), first, second) == [
        {"id": "p1", "quantity": 3, "replacedByID": "p5"},
        {"id": "p5", "quantity": 1},
        {"id": "w6", "quantity": 1, "weight": "450", "additionalItemForReplacementId": "p5"},
    ]


def test_a_replacement_that_came_to_nothing_is_no_position():
    nothing = piece(5, state=L.DROPPED, picked_pieces=0, reason=WITHDRAWN, replaces=uid(1))
    assert positions(PICKED, nothing) == [{"id": "p1", "quantity": 3}]
    assert composition(an_order(PICKED, nothing))["changed"] is False


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        ((PICKED,), False),
        ((weighed(2, state=L.PICKED, picked_grams=1000, picked_pieces=1),), False),
        ((PICKED, WEIGHED), True),
        ((piece(1, state=L.SHORT, picked_pieces=2),), True),
        ((PICKED, piece(3, state=L.DROPPED, picked_pieces=0)), True),
        ((PICKED, piece(3, state=L.DROPPED, picked_pieces=0, reason=GONE)), False),
    ],
)
def test_a_composition_says_whether_the_shop_changed_it(lines, changed):
    assert composition(an_order(*lines))["changed"] is changed


@pytest.mark.parametrize(
    ("notify", "kinds"),
    [
        ((), {"in_work", "ready", "delivered", "cancelled"}),
        (("accepted",), {"accepted", "in_work", "ready", "delivered", "cancelled"}),
        (("accepted", "assembled"), set(NOTIFICATIONS)),
    ],
)
def test_optional_kinds_are_told_only_to_accounts_that_want_them(notify, kinds):
    assert Kuper(Tools(None)).tells(kuper(notify=list(notify))) == kinds


@pytest.mark.parametrize(
    ("kind", "said"), [("accepted", True), ("in_work", True), ("ready", True), ("assembled", False)]
)
def test_the_couriers_code_is_told_where_the_account_wants_one(kind, said):
    order = an_order()
    for wanted in (True, False):
        body = json.loads(compose(kind, order, handout_code=wanted))
        code = body["event"]["payload"].get("handoutCode")
        assert code == (order.handout_code if said and wanted else None)
