"""What СМ hears back, byte for byte."""

import json

import pytest

from app.contract import Delivery
from app.marketplaces.kuper.reply import glimpse, reply
from tests.marketplaces.kuper.bodies import ABSENT, NOW, sample, spoilt

OK = b'{"status":"ok"}'


def test_a_created_order_is_answered_with_our_number_and_the_deadline_they_named():
    answer = reply(Delivery({}, sample("order.created")), "SM-1", NOW)
    assert answer.status == 200
    assert answer.body == (
        b'{"status":"created","number":"SM-1","expectedAssemblyTime":"2026-03-02T11:45:00+03:00"}'
    )


@pytest.mark.parametrize(
    ("place", "value", "promised"),
    [
        ("completeBefore", ABSENT, "2026-03-02T12:00:00+03:00"),
        ("completeBefore", "nonsense", "2026-03-02T12:00:00+03:00"),
        ("completeBefore", 10**400, "2026-03-02T12:00:00+03:00"),
    ],
)
def test_without_a_deadline_the_customers_window_is_promised(place, value, promised):
    answer = reply(spoilt(place, value), "SM-1", NOW)
    assert json.loads(answer.body)["expectedAssemblyTime"] == promised


def test_without_both_an_hour_from_now_is_promised():
    answer = reply(Delivery({}, sample("order.created--least")), "SM-1", NOW)
    assert json.loads(answer.body)["expectedAssemblyTime"] == "2026-03-02T08:30:00+00:00"


@pytest.mark.parametrize(
    "stem",
    [
        "order.changed",
        "order.paid",
        "courier.assigned",
        "order.canceled",
        "order.something_new",
        "ping",
    ],
)
def test_every_other_event_is_answered_ok(stem):
    assert reply(Delivery({}, sample(stem)), "SM-1", NOW).body == OK


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"null", b'{"event_type":[]}'])
def test_what_cannot_be_read_is_answered_ok_too(body):
    assert reply(Delivery({}, body), None, NOW).body == OK
    assert glimpse(Delivery({}, body)).event == ""


@pytest.mark.parametrize(
    ("place", "value"),
    [("positions", "nonsense"), ("completeBefore", []), ("delivery", 5), ("customer", [1]),
     ("storeID", 1e300), ("anything_new", {"deep": [[]]})],
)  # fmt: skip
def test_nonsense_elsewhere_does_not_hide_which_order_it_is(place, value):
    seen = glimpse(spoilt(place, value))
    assert (seen.event, seen.order_ref) == ("order.created", "H0000000001")


def test_a_number_no_machine_holds_does_not_hide_which_order_it_is():
    body = sample("order.created").replace(b'"floor": 3', b'"floor": 1e100000')
    assert glimpse(Delivery({}, body)).order_ref == "H0000000001"


@pytest.mark.parametrize("value", [ABSENT, None, "", "x" * 101, "a\u0000", 1.5, [], {}, " H1"])
def test_an_order_we_cannot_name_has_no_reference(value):
    assert glimpse(spoilt("originalOrderId", value)).order_ref is None


def test_an_event_name_is_kept_short_and_clean():
    body = json.dumps({"event_type": "\u0000\u202e" + "x" * 500}).encode()
    assert glimpse(Delivery({}, body)).event == "x" * 100
