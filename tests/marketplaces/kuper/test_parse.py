"""СМ's words become ours: samples first, then every way in which a body can be unusable."""

from datetime import UTC, datetime

import pytest

from app.contract import Delivery
from app.domain import events as ev
from app.domain.order import Replacement, Unit
from app.errors import Malformed
from app.marketplaces.kuper.codes import KNOWN_EVENTS, POLICIES
from app.marketplaces.kuper.parse import parse
from app.marketplaces.kuper.profile import PROFILE
from tests.marketplaces.kuper.bodies import ABSENT, NOW, sample, spoilt


def parsed(stem):
    return parse(Delivery({}, sample(stem)), NOW)


def test_the_documented_events_are_the_ones_we_follow():
    assert PROFILE.events.keys() == KNOWN_EVENTS


@pytest.mark.parametrize(
    ("stem", "events"),
    [
        ("courier.assigned", (ev.CourierAssigned(),)),
        ("courier.arrived", (ev.CourierArrived(),)),
        ("order.paid", (ev.Paid(44_320),)),
        ("order.paid--no_sum", (ev.Paid(None),)),
        ("order.received", (ev.Taken(),)),
        ("order.delivering", (ev.Delivering(),)),
        ("order.delivered", (ev.Delivered(),)),
        ("order.canceled", (ev.Cancelled("customer_request"),)),
        ("order.canceled--no_reason", (ev.Cancelled("not said"),)),
        ("order.something_new", ()),
        ("ping", ()),
    ],
)
def test_a_sample_means(stem, events):
    assert parsed(stem) == events


def test_a_whole_order_arrives_whole():
    (placed,) = parsed("order.created")
    assert isinstance(placed, ev.Placed)
    draft = placed.draft
    assert (draft.external_id, draft.external_store) == ("H0000000001", "101")
    assert [(x.external_id, x.unit, x.price, x.pieces, x.grams, x.unit_grams)
            for x in draft.lines] == [
        ("300901", Unit.PIECE, 5450, 3, None, None),
        ("200101", Unit.WEIGHT, 11990, 1, 1000, 1000),
        ("100101", Unit.PIECE, 7990, 2, None, None),
    ]  # fmt: skip
    assert draft.requested_total == 44_320
    assert draft.due_at == datetime(2026, 3, 2, 8, 45, tzinfo=UTC)
    assert draft.delivery_to == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert (draft.planned, draft.business) == (True, False)
    assert draft.replacement is Replacement.CALL_OR_REPLACE
    assert draft.payment_methods == ("card",)
    assert dict(draft.customer)["phone"] == "+70000000000"
    assert dict(draft.address)["floor"] == "3"


def test_a_price_before_its_discount_is_kept_beside_the_price():
    (placed,) = parsed("order.created")
    assert [line.list_price for line in placed.draft.lines] == [None, 12_990, 8_990]


@pytest.mark.parametrize(
    ("full", "reduced", "price", "list_price"),
    [("79.90", "79.90", 7990, None), ("79.90", "0", 0, 7990), ("0", "0", 0, None),
     ("70", "79.90", 7990, None), (None, "79.90", 7990, None), ("79.90", None, 7990, None)],
)  # fmt: skip
def test_what_is_no_discount_is_none(full, reduced, price, list_price):
    row = {"id": "1", "quantity": 2, "price": full, "discountPrice": reduced}
    (placed,) = parse(spoilt("positions", [row]), NOW)
    (line,) = placed.draft.lines
    assert (line.price, line.list_price) == (price, list_price)


def test_both_prices_of_a_weighed_good_are_for_the_same_grams():
    """Three fruits of 1000 g have prices for all of the 1000 g."""
    row = {"id": "1", "quantity": 3, "weight": "1000", "price": "10", "discountPrice": "9.99"}
    (placed,) = parse(spoilt("positions", [row]), NOW)
    (line,) = placed.draft.lines
    assert (line.price, line.list_price, line.unit_grams) == (2997, 3000, 1000)


@pytest.mark.parametrize(
    ("said", "fee"), [("199.00", 19_900), (0, 0), (None, None), (ABSENT, None)]
)
def test_what_the_delivery_costs_is_beside_the_goods(said, fee):
    body = spoilt("comment", None) if said is ABSENT else spoilt("deliveryCost", said)
    (placed,) = parse(body, NOW)
    draft = placed.draft
    assert (draft.delivery_fee, draft.requested_total, draft.discount) == (fee, 44_320, None)


def test_the_least_order_is_due_in_an_hour_and_its_total_is_counted():
    (placed,) = parsed("order.created--least")
    draft = placed.draft
    assert (draft.external_id, draft.external_store) == ("1001", "MSK-07")
    assert (draft.requested_total, draft.replacement) == (5450, Replacement.ASK)
    assert (draft.due_at - NOW).total_seconds() == 3600
    assert draft.lines[0].name == "300901"


def test_a_business_customer_and_a_wish_to_replace_are_seen():
    (placed,) = parsed("order.created--business")
    assert placed.draft.business
    assert placed.draft.replacement is Replacement.REPLACE
    assert dict(placed.draft.customer)["inn"] == "0000000000"


@pytest.mark.parametrize(
    ("method", "pickup"), [("pickup", True), ("delivery", False), ("PICKUP", False), (None, False)]
)
def test_who_comes_for_an_order_is_told_from_who_has_it_brought(method, pickup):
    (event,) = parse(spoilt("shipmentMethod", method), NOW)
    assert event.draft.pickup is pickup


@pytest.mark.parametrize("slug", ["no_response", "acceptance_timeout", "Not_Accepted"])
def test_an_order_called_off_because_the_shop_was_silent_has_one_word_for_it(slug):
    cancelled = spoilt("cancellation", {"slug": slug, "description": "x"}, "order.canceled")
    assert parse(cancelled, NOW) == (ev.Cancelled(ev.NO_RESPONSE),)


def test_half_a_unit_of_a_weighed_good_is_half_its_weight():
    (placed,) = parsed("order.created--half_kilo")
    (line,) = placed.draft.lines
    assert (line.pieces, line.grams, line.unit_grams, line.price) == (1, 500, 1000, 12_990)


@pytest.mark.parametrize("stem", ["order.changed", "order.updated"])
def test_both_names_of_a_change_are_a_change(stem):
    (changed,) = parsed(stem)
    assert isinstance(changed, ev.Changed)


@pytest.mark.parametrize(("code", "policy"), [*POLICIES.items(), ("never_seen", Replacement.ASK),
                                              (None, Replacement.ASK)])  # fmt: skip
def test_every_policy_has_a_meaning_and_an_unknown_one_is_a_question(code, policy):
    (placed,) = parse(spoilt("replacementPolicy", code), NOW)
    assert placed.draft.replacement is policy


USABLE = [
    ("positions.0.price", 54.5), ("positions.0.price", 54), ("positions.0.price", "0"),
    ("positions.0.quantity", ABSENT), ("positions.0.originalQuantity", ABSENT),
    ("positions.0.quantity", "3.000"), ("positions.0.name", ""), ("positions.0.name", "я" * 5000),
    ("positions", [{"id": "a\u0000b", "quantity": 1, "price": "1"}]),
    ("positions.0.name", "Хлеб\u0000\u202e\ud83d\ude00"), ("positions.0.weight", "0"),
    ("positions.0.weight", ""), ("positions.0.weight", "0.4"), ("positions.0.discountPrice", None),
    ("comment", "x" * 100_000), ("comment", "\u0000"), ("comment", None), ("customer", None),
    ("customer.name", "\u0000"), ("customer.deep", {"a": {"b": []}}), ("address", {}),
    ("orderUUID", None), ("completeBefore", None), ("delivery", None), ("total", None),
    ("completeBefore", "2026-03-02T10:15:00+14:00"), ("completeBefore", "2026-03-02T10:15:00Z"),
    ("never_seen_field", {"a": 1}), ("paymentMethods", None), ("paymentMethods", ["x"] * 99),
    ("storeID", None), ("storeID", 101), ("clientType", None), ("total.discountTotalPrice", None),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), USABLE)
def test_an_odd_but_usable_order_is_taken(place, value):
    (placed,) = parse(spoilt(place, value), NOW)
    text = repr(placed)
    assert "\\x00" not in text
    assert "\\ud8" not in text
    assert len(placed.draft.comment) <= 2000
    assert all(line.unit is Unit.PIECE for line in placed.draft.lines[:1])


UNUSABLE = [
    ("originalOrderId", ABSENT), ("originalOrderId", None), ("originalOrderId", ""),
    ("originalOrderId", "x" * 101), ("originalOrderId", "a\u0000b"), ("originalOrderId", 1.5),
    ("originalOrderId", " H1"), ("originalOrderId", ["H1"]), ("originalOrderId", 10**300),
    ("positions", ABSENT), ("positions", []), ("positions", None), ("positions", {}),
    ("positions", "x"), ("positions", [1]), ("positions", [{}]),
    ("positions", [{"id": str(n), "quantity": 1, "price": "1"} for n in range(1001)]),
    ("positions", [{"id": "1", "quantity": 1, "price": "1"}] * 2),
    ("positions", [{"id": "1", "quantity": 1, "price": "1"},
                   {"id": 1, "quantity": 1, "price": "1"}]),
    ("positions.0.id", ABSENT), ("positions.0.id", ""), ("positions.0.id", "\u0000"),
    ("positions.0.id", None), ("positions.0.id", 1.5),
    ("positions.0.quantity", 0), ("positions.0.quantity", -1),
    ("positions.0.quantity", 0.5), ("positions.0.quantity", "NaN"),
    ("positions.0.quantity", "Infinity"), ("positions.0.quantity", "three"),
    ("positions.0.quantity", 100_001), ("positions.0.quantity", 2**63),
    ("positions.0.quantity", "1e-999999999999999999"), ("positions.0.quantity", []),
    ("positions.0.quantity", True), ("positions.0.quantity", "1e100000"),
    ("positions.0.discountPrice", "-0.01"), ("positions.0.discountPrice", -1),
    ("positions.0.discountPrice", "1e400"), ("positions.0.discountPrice", "free"),
    ("positions.0.discountPrice", "1,50"), ("positions.0.discountPrice", 1 / 3),
    ("positions.0.discountPrice", "1.001"), ("positions.0.discountPrice", "10000000000.01"),
    ("positions.0.discountPrice", 10**20), ("positions.0.discountPrice", [1]),
    ("positions.0.price", "free"), ("positions.0.price", -1), ("deliveryCost", "-1"),
    ("deliveryCost", "soon"), ("deliveryCost", []), ("deliveryCost", "1.005"),
    ("positions", [{"id": "1", "quantity": 2, "price": "9999999999", "discountPrice": "1"}]),
    ("positions.1.weight", "-5"), ("positions.1.weight", "heavy"), ("positions.1.weight", 10**7),
    ("positions.1.weight", "1e100000"), ("positions.1.weight", {}),
    ("positions.0.name", 5), ("positions.0.name", None),
    ("total.discountTotalPrice", "-1"), ("total.discountTotalPrice", "1e9"),
    ("storeID", [1]), ("completeBefore", "9999-12-31T23:59:59Z"),
    ("completeBefore", "0001-01-01T00:00:00Z"), ("completeBefore", "2026-02-30T10:00:00Z"),
    ("completeBefore", "2026-03-02T10:15:60Z"), ("completeBefore", "2026-03-02T24:00:01Z"),
    ("completeBefore", "2026-03-02T10:15:00"), ("completeBefore", "2026-03-02"),
    ("completeBefore", 1767225600000), ("completeBefore", "soon"), ("completeBefore", ""),
    ("delivery.expectedFrom", "1999-01-01T00:00:00Z"), ("delivery.expectedTo", "2101-01-01T00:00Z"),
    ("delivery", "today"), ("delivery.isPlanned", "yes"), ("comment", 5), ("customer", "Тест"),
    ("customer", []), ("paymentMethods", "card"), ("paymentMethods", [1]), ("total", "443.20"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), UNUSABLE)
def test_an_unusable_order_is_malformed_with_a_reason(place, value):
    with pytest.raises(Malformed) as caught:
        parse(spoilt(place, value), NOW)
    assert 5 < len(str(caught.value)) < 300


def test_an_order_without_any_store_is_malformed():
    body = sample("order.created--least").replace(b"storeImportKey", b"storeKey")
    with pytest.raises(Malformed, match="store"):
        parse(Delivery({}, body), NOW)


def test_prices_nobody_can_pay_are_malformed_even_when_the_total_is_small():
    positions = [{"id": str(n), "quantity": 90_000, "price": "9999999999.00"} for n in range(500)]
    with pytest.raises(Malformed, match="range"):
        parse(spoilt("positions", positions), NOW)


@pytest.mark.parametrize(
    "stem",
    ["courier.arrived", "order.paid", "order.received", "order.delivering", "order.delivered",
     "order.canceled"],
)  # fmt: skip
@pytest.mark.parametrize("order_id", [ABSENT, None, "", "x" * 101, "\u0000", [], 1.5])
def test_news_of_no_order_we_can_name_is_malformed(stem, order_id):
    with pytest.raises(Malformed):
        parse(spoilt("originalOrderId", order_id, stem), NOW)


@pytest.mark.parametrize("total", [{"totalPrice": "-1"}, {"totalPrice": []}, "x", 5,
                                   {"discountTotalPrice": "1e9"}])  # fmt: skip
def test_a_payment_of_no_sum_we_know_is_malformed(total):
    with pytest.raises(Malformed):
        parse(spoilt("total", total, "order.paid"), NOW)


def test_a_payment_of_nothing_is_a_payment_of_nothing():
    paid = spoilt("total", {"totalPrice": "5", "discountTotalPrice": 0}, "order.paid")
    assert parse(paid, NOW) == (ev.Paid(0),)


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"[]", b"null", b"5", b'"x"', b"{}", b'{"event_type":5}',
     b'{"event_type":null,"payload":{}}', b'{"event_type":"order.created"}',
     b'{"event_type":"order.created","payload":null}',
     b'{"event_type":"order.created","payload":[]}',
     b'{"event_type":"order.paid","payload":"x"}', b"\xef\xbb\xbf{}", b"{}\x00", b"\xff",
     b'{"event_type":"ping"}garbage', b"<xml/>", b"event_type=ping", b"[" * 100_000,
     b'{"a":' * 50_000, b'{"event_type":"\xff"}', b'{"event_type":"ping","x":"\xff"}',
     '{"event_type":"ping"}'.encode("utf-16"), b'{"event_type":"\\ud800"}'],
)  # fmt: skip
def test_what_is_no_delivery_of_theirs_is_malformed(body):
    with pytest.raises(Malformed):
        parse(Delivery({}, body), NOW)
