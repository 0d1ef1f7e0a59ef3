"""СМ's rules as a table of answers: every notification in every state, and what it must carry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.catalogue import BY_SKU
from app.sandbox.kuper.composition import final_sums
from app.sandbox.kuper.positions import ordered_units, position
from app.sandbox.kuper.rules import RULES, carry_out, judge
from app.sandbox.kuper.shipment import (
    Integration,
    ItemState,
    Shipment,
    State,
    items_after_change,
    items_of,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BANANAS, CHEESE, MILK, BREAD, TEA = "200101", "200201", "100401", "100201", "100301"
THEIR_COURIER = Integration.DELIVERY_BY_SBERMARKET
OWN_COURIER = Integration.DELIVERY_BY_RETAILER
PICKUP = Integration.ACCOUNTING_WITH_PICKUP

#: Answers to a first notification, by state: ready, collecting, ready_to_ship, shipping, shipped,
#: canceled. Written down from facts, not from the code.
EXPECTED: Mapping[tuple[str, Integration], tuple[int, int, int, int, int, int]] = {
    ("order.accepted", THEIR_COURIER): (200, 422, 422, 422, 422, 422),
    ("order.in_work", THEIR_COURIER): (200, 422, 422, 422, 422, 422),
    ("order.assembled", THEIR_COURIER): (422, 200, 422, 422, 422, 422),
    ("order.ready_for_delivery", THEIR_COURIER): (422, 200, 422, 422, 422, 422),
    ("order.delivering", THEIR_COURIER): (405, 405, 405, 405, 405, 405),
    ("order.delivered", THEIR_COURIER): (405, 405, 405, 405, 405, 405),
    ("order.pickup_code_created", THEIR_COURIER): (405, 405, 405, 405, 405, 405),
    ("order.canceled", THEIR_COURIER): (200, 200, 200, 422, 422, 422),
    ("order.accepted", OWN_COURIER): (200, 422, 422, 422, 422, 422),
    ("order.in_work", OWN_COURIER): (200, 422, 422, 422, 422, 422),
    ("order.assembled", OWN_COURIER): (422, 200, 422, 422, 422, 422),
    ("order.ready_for_delivery", OWN_COURIER): (422, 200, 422, 422, 422, 422),
    ("order.delivering", OWN_COURIER): (422, 422, 200, 422, 422, 422),
    ("order.delivered", OWN_COURIER): (422, 422, 200, 200, 422, 422),
    ("order.pickup_code_created", OWN_COURIER): (405, 405, 405, 405, 405, 405),
    ("order.canceled", OWN_COURIER): (200, 200, 200, 200, 422, 422),
    ("order.pickup_code_created", PICKUP): (200, 200, 422, 422, 422, 422),
    ("order.delivered", PICKUP): (422, 422, 200, 200, 422, 422),
}


def shipment(state: State = State.READY, integration: Integration = THEIR_COURIER) -> Shipment:
    bananas, cheese = BY_SKU[BANANAS], BY_SKU[CHEESE]
    payload = {
        "originalOrderId": "H0000000001",
        "orderUUID": "00000000-0000-4000-8000-000000000001",
        "positions": [
            position(bananas, ordered_units(bananas, 1000), 1000, percent_off=10),
            position(cheese, ordered_units(cheese, 300), 300),
            position(BY_SKU[MILK], 2, 0),
            position(BY_SKU[BREAD], 1, 0),
        ],
    }
    made = Shipment("sm-demo", "Europe/Moscow", payload, items_of(payload), NOW, NOW)
    made.state, made.integration = state, integration
    return made


def ready(*positions: dict[str, Any], **order: Any) -> dict[str, Any]:
    composition = {"originalOrderId": "H0000000001", "changed": True, "positions": positions}
    composition["positions"] = list(positions)
    return {"order": composition | order}


FULL = ready({"id": BREAD, "quantity": 1}) | {"code": "1234"}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(("event", "integration"), list(EXPECTED))
def test_the_table_of_the_marketplace_is_kept(event: str, integration: Integration, state: State):
    verdict = judge(shipment(state, integration), event, FULL, 422)
    assert verdict.status == EXPECTED[event, integration][list(State).index(state)]
    assert bool(verdict.faults) is (verdict.status != 200)


def test_the_expected_table_speaks_of_every_rule():
    assert {event for event, _ in EXPECTED} == RULES.keys()


@pytest.mark.parametrize("event", ["order.estimated", "", "order.created", "ORDER.IN_WORK"])
def test_an_unknown_type_is_refused(event: str):
    assert judge(shipment(), event, {}, 422).status == 422


@pytest.mark.parametrize(("mode", "answer"), [(422, 422), (202, 202)])
@pytest.mark.parametrize("event", ["order.accepted", "order.in_work", "order.canceled"])
def test_a_repeat_is_answered_as_switched(event: str, mode: int, answer: int):
    known = shipment()
    carry_out(known, event, {}, NOW)
    assert judge(known, event, {}, mode).status == answer


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "order"),
        ({"order": "text"}, "order"),
        (ready(originalOrderId=None), "order.originalOrderId"),
        (ready(originalOrderId="H0000000002"), "order.originalOrderId"),
        (ready({"id": BREAD, "quantity": 1}, changed=None), "order.changed"),
        (ready(positions=None), "order.positions"),
        (ready(positions={}), "order.positions"),
        (ready("text"), "order.positions"),
        (ready({"id": TEA, "quantity": 1}), "order.positions[0].id"),
        (ready({"id": 100201, "quantity": 1}), "order.positions[0].id"),
        (ready({"quantity": 1}), "order.positions[0].id"),
        (ready(*[{"id": BREAD, "quantity": 1}] * 2), "order.positions[1].id"),
        (ready({"id": BREAD}), "order.positions[0].quantity"),
        (ready({"id": BREAD, "quantity": "1"}), "order.positions[0].quantity"),
        (ready({"id": BREAD, "quantity": -1}), "order.positions[0].quantity"),
        (ready({"id": BREAD, "quantity": True}), "order.positions[0].quantity"),
        (ready({"id": BREAD, "quantity": 1e400}), "order.positions[0].quantity"),
        (ready({"id": BANANAS, "quantity": 1}), "order.positions[0].weight"),
        (ready({"id": BANANAS, "quantity": 1, "weight": 1000}), "order.positions[0].weight"),
        (ready({"id": BANANAS, "quantity": 1, "weight": "1.04"}), "order.positions[0].weight"),
        (ready({"id": BANANAS, "quantity": 1, "weight": "-5"}), "order.positions[0].weight"),
        (ready({"id": BREAD, "quantity": 1, "weight": "x"}), "order.positions[0].weight"),
        (
            ready({"id": BREAD, "quantity": 1, "replacedByID": "999999"}),
            "order.positions[0].replacedByID",
        ),
        (
            ready({"id": BREAD, "quantity": 1, "replacedByID": [TEA]}),
            "order.positions[0].replacedByID",
        ),
        (
            ready({"id": BREAD, "quantity": 1, "replacedByID": BREAD}),
            "order.positions[0].replacedByID",
        ),
        (
            ready({"id": BREAD, "quantity": 1, "replacedByID": BANANAS}),
            "order.positions[0].weight",
        ),
        (
            ready({"id": MILK, "quantity": 2, "markingCode": ["code"]}),
            "order.positions[0].markingCode",
        ),
        (
            ready({"id": MILK, "quantity": 2, "markingCode": [{"value": ""}]}),
            "order.positions[0].markingCode",
        ),
    ],
)
def test_a_wrong_composition_is_refused_by_field(payload: dict[str, Any], field: str):
    verdict = judge(shipment(State.COLLECTING), "order.ready_for_delivery", payload, 422)
    assert verdict.status == 422
    assert field in [fault.field for fault in verdict.faults]


@pytest.mark.parametrize(
    "payload",
    [
        ready(positions=None, changed=False),
        ready({"id": BREAD, "quantity": 1}, changed=False),
        ready({"id": BREAD, "quantity": 5}),
        ready({"id": BANANAS, "quantity": 0, "weight": "300"}),
        ready({"id": BREAD, "quantity": 1, "weight": "0"}),
        ready({"id": BREAD, "quantity": 1, "replacedByID": TEA}),
        ready({"id": MILK, "quantity": 1, "markingCode": [{"value": "01…\x1d93abcd"}]}),
        ready(),
    ],
)
def test_a_right_composition_is_taken(payload: dict[str, Any]):
    assert judge(shipment(State.COLLECTING), "order.ready_for_delivery", payload, 422).status == 200


def carried(*positions: dict[str, Any], **order: Any) -> Shipment:
    done = shipment(State.COLLECTING)
    carry_out(done, "order.ready_for_delivery", ready(*positions, **order), NOW)
    return done


def test_unchanged_means_everything_as_ordered():
    done = carried(positions=None, changed=False)
    assert {item.state for item in done.items.values()} == {ItemState.ASSEMBLED}
    assert final_sums(done) == (12990 + 3 * 8490 + 2 * 8990 + 6490, 11691 + 25470 + 17980 + 6490)


def test_the_weight_wins_and_halves_round_up():
    done = carried({"id": BANANAS, "quantity": 7, "weight": "1050"})
    assert final_sums(done) == (13640, 12276)  # 136.395 and 122.7555 roubles
    assert done.items[BREAD].state is ItemState.CANCELED


def test_a_hundred_gram_unit_is_priced_by_the_gram():
    done = carried({"id": CHEESE, "quantity": 0, "weight": "285"})
    assert final_sums(done)[0] == 24197  # 84.90 for 100 g


def test_pieces_ignore_the_weight():
    done = carried({"id": MILK, "quantity": 1, "weight": "9000"}, {"id": BREAD, "quantity": 0})
    assert final_sums(done)[0] == 8990
    assert done.items[BREAD].state is ItemState.CANCELED


@pytest.mark.parametrize("listed", [[], [{"id": TEA, "quantity": 1}]])
def test_a_replacement_is_charged_once_and_at_its_own_price(listed: list[dict[str, Any]]):
    done = carried({"id": BREAD, "quantity": 1, "replacedByID": TEA}, *listed)
    assert done.items[BREAD].state is ItemState.REPLACED
    assert done.items[TEA].state is ItemState.ASSEMBLED
    assert final_sums(done)[0] == BY_SKU[TEA].price


ADDITIONAL = "additionalItemForReplacementId"


def test_two_articles_for_one_position_are_charged_each_at_its_own_price():
    done = carried(
        {"id": BREAD, "quantity": 1, "replacedByID": TEA},
        {"id": TEA, "quantity": 1},
        {"id": "200102", "quantity": 1, "weight": "500", ADDITIONAL: TEA},
    )
    assert [item.state for item in done.items.values()][-2:] == [ItemState.ASSEMBLED] * 2
    assert final_sums(done)[0] == BY_SKU[TEA].price + BY_SKU["200102"].price // 2


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        # weighed goods are replaced with the weight they were ordered with
        ([{"id": BANANAS, "quantity": 1, "replacedByID": TEA}, {"id": TEA, "quantity": 1}],
         "order.positions[0].weight"),
        # a replacement of a replacement, and one of nothing
        ([{"id": BREAD, "quantity": 1, "replacedByID": TEA},
          {"id": TEA, "quantity": 1, "replacedByID": "100302"}, {"id": "100302", "quantity": 1}],
         "order.positions[2].id"),
        ([{"id": TEA, "quantity": 1, "replacedByID": "100302"}], "order.positions[0].id"),
        # a second article beside none
        ([{"id": BREAD, "quantity": 1}, {"id": TEA, "quantity": 1, ADDITIONAL: BREAD}],
         "order.positions[1].id"),
    ],
)  # fmt: skip
def test_only_what_was_ordered_is_replaced_and_only_beside_it_is_more(rows, field):
    verdict = judge(shipment(State.COLLECTING), "order.ready_for_delivery", ready(*rows), 422)
    assert field in [fault.field for fault in verdict.faults]


def test_what_the_customer_took_out_cannot_be_replaced():
    changed = shipment(State.COLLECTING)
    left = [row for row in changed.payload["positions"] if row["id"] != BREAD]
    changed.items = items_after_change(changed.items, changed.payload | {"positions": left})
    payload = ready({"id": BREAD, "quantity": 1, "replacedByID": TEA}, {"id": TEA, "quantity": 1})
    assert judge(changed, "order.ready_for_delivery", payload, 422).status == 422


@pytest.mark.parametrize(("quantity", "status"), [(0, 200), (1, 422)])
def test_what_the_customer_took_out_is_known_but_cannot_be_charged(quantity: int, status: int):
    changed = shipment(State.COLLECTING)
    left = [row for row in changed.payload["positions"] if row["id"] != BREAD]
    changed.items = items_after_change(changed.items, changed.payload | {"positions": left})
    payload = ready({"id": MILK, "quantity": 2}, {"id": BREAD, "quantity": quantity})
    assert judge(changed, "order.ready_for_delivery", payload, 422).status == status
    carry_out(changed, "order.ready_for_delivery", ready(positions=None, changed=False), NOW)
    assert changed.items[BREAD].state is ItemState.CANCELED
    assert changed.items[MILK].state is ItemState.ASSEMBLED


NAMES = (
    "id quantity weight replacedByID additionalItemForReplacementId markingCode value changed"
    " positions originalOrderId order code"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES.split()),
            inner | st.sampled_from([BREAD, BANANAS, TEA, "H0000000001", "100", True]),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(order=JSON, event=st.sampled_from(sorted(RULES)))
def test_any_json_at_all_gets_an_answer(order: Any, event: str):
    known = shipment(State.COLLECTING)
    payload = {"order": order, "code": order}
    verdict = judge(known, event, payload, 422)
    assert verdict.status in (200, 405, 422)
    if verdict.status == 200:
        carry_out(known, event, payload, NOW)
        final_sums(known)
