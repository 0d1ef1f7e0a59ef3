"""Three ways to prove who calls; lots joined into lines; what is left of an order."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import Call, Delivery
from app.domain import events as ev
from app.errors import Forged, Malformed, SettingsInvalid, Unmapped
from app.marketplaces.megamarket import Megamarket
from app.marketplaces.tools import Tools
from tests.marketplaces.megamarket.party import NEW, OLD, PARTY, basic

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
MARKET = Megamarket(Tools(httpx.AsyncClient()))


def account(**settings):
    return replace(PARTY.account, settings={**PARTY.account.settings, **settings})


def knock(who, headers, peer="192.0.2.10", path="order/new", method="POST"):
    return MARKET.serve(who, Call(headers, b"{}", peer, method, path), NOW)


@pytest.mark.parametrize("password", [NEW, OLD])
def test_basic_is_taken_with_every_live_password(password):
    assert isinstance(knock(account(), basic(password=password)), Delivery)
    other = account(user="sber")
    assert isinstance(knock(other, basic(user="sber", password=password)), Delivery)
    with pytest.raises(Forged):
        knock(other, basic(password=password))


@pytest.mark.parametrize("header", ["authorization", "x-auth-token"])
@pytest.mark.parametrize("shown", [OLD, f"Bearer {NEW}"])
def test_a_token_is_taken_in_the_header_that_was_agreed(header, shown):
    who = account(auth="token", header=header)
    assert isinstance(knock(who, {header: shown}), Delivery)
    for wrong in ({}, {header: ""}, {header: "guess"}, {"x-other": shown}, basic()):
        with pytest.raises(Forged):
            knock(who, wrong)


def test_networks_prove_alone_or_besides():
    alone = account(auth="networks", networks=["192.0.2.0/28"])
    assert isinstance(knock(alone, {}), Delivery)
    both = account(networks=["192.0.2.0/28"])
    assert isinstance(knock(both, basic()), Delivery)
    for who, headers, peer in [
        (alone, {}, "192.0.2.16"), (both, basic(), "192.0.2.16"), (both, {}, "192.0.2.10"),
        (account(auth="networks"), {}, "192.0.2.10"),
    ]:  # fmt: skip
        with pytest.raises(Forged):
            knock(who, headers, peer)


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [({"auth": "networks"}, None), ({"networks": ["nowhere"]}, None),
     ({}, {"api_token": ("t" * 8,)}), ({"auth": "token"}, {"api_token": ("t" * 8,)})],
)  # fmt: skip
def test_an_account_that_would_prove_nothing_is_not_saved(settings, secrets):
    who = account(**settings)
    with pytest.raises(SettingsInvalid):
        MARKET.check(replace(who, secrets=secrets or who.secrets))


def test_there_is_nothing_but_new_and_cancel():
    for path, method in [("", "POST"), ("order", "POST"), ("order/new", "GET"), ("x/y", "PUT")]:
        assert knock(account(), basic(), path=path, method=method).status == 404
    assert isinstance(knock(account(), basic(), path="order/cancel/"), Delivery)


def parsed(body, path="order/new", fetched=None, **shipment):
    envelope = json.loads(body)
    envelope["data"]["shipments"][0] |= shipment
    delivery = Delivery({"x-path": path}, json.dumps(envelope).encode(), fetched=fetched)
    return MARKET.parse(account(), delivery, NOW)


def test_lots_of_the_same_goods_are_one_line_with_all_their_indexes():
    draft = parsed(PARTY.samples()["order/new"])[0].draft
    assert [(x.external_id, x.pieces, x.price, x.ref) for x in draft.lines] == [
        ("100201", 3, 6490, "1*1\n2*1\n3*1"), ("100401", 1, 8000, "4*1"),
    ]  # fmt: skip
    assert (draft.requested_total, draft.discount) == (27470, 2)
    assert (draft.external_store, draft.due_at.isoformat()) == ("101", "2026-03-02T11:00:00+03:00")


@given(prices=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10**6)), min_size=1))
def test_whatever_lots_cost_the_sum_is_right(prices):
    items = [{"itemIndex": n, "offerId": sku, "finalPrice": kopecks / 100, "quantity": 1}
             for n, (sku, kopecks) in enumerate(prices)]  # fmt: skip
    draft = parsed(PARTY.samples()["order/new"], items=items)[0].draft
    assert draft.requested_total - draft.discount == sum(kopecks for _, kopecks in prices)
    assert sum(line.pieces for line in draft.lines) == len(prices)


def cancelled(*indexes):
    fetched = PARTY.files("fetched")["order/cancel--one_lot"]
    items = [{"itemIndex": index} for index in indexes]
    return parsed(PARTY.samples()["order/cancel"], "order/cancel", fetched, items=items)


def test_what_is_left_of_an_order_is_a_change_and_nothing_is_a_cancellation():
    (change,) = cancelled("3", 4)
    assert isinstance(change, ev.Changed)
    assert [(x.external_id, x.pieces) for x in change.draft.lines] == [("100201", 2)]
    for all_of_it in (("1", "2", "3", "4"), ()):
        assert cancelled(*all_of_it) == (ev.Cancelled("CUSTOMER_CANCELED"),)


def test_a_cancellation_without_its_order_or_with_another_is_malformed():
    body = PARTY.samples()["order/cancel"]
    with pytest.raises(Malformed, match="not fetched"):
        parsed(body, "order/cancel")
    with pytest.raises(Malformed, match="another order"):
        parsed(body, "order/cancel", PARTY.files("fetched")["order/cancel"], shipmentId="9")


def test_two_orders_in_one_message_are_kept_for_people():
    envelope = json.loads(PARTY.samples()["order/new"])
    envelope["data"]["shipments"] *= 2
    with pytest.raises(Malformed, match="2 shipments"):
        parsed(json.dumps(envelope).encode())


def listed(*words, codes=None):
    shipment = json.loads(PARTY.files("listed")["new"])
    for lot, word in zip(shipment["items"], words, strict=True):
        lot["status"] = word
    who = replace(account(), codes={"status": codes or {}})
    delivery = Delivery({}, json.dumps(shipment).encode(), origin="reconciled")
    return [type(event).__name__ for event in MARKET.parse_listed(who, delivery, NOW)]


def test_an_order_is_as_far_as_the_last_of_its_lots():
    done, shipped, off = "DELIVERED", "SHIPPED", "CUSTOMER_CANCELED"
    assert listed(done, done, done, off) == ["Placed", "Paid", "Taken", "Delivered"]
    assert listed(done, done, shipped, off) == ["Placed", "Paid", "Taken"]
    assert listed("PACKED", "PACKED", shipped, shipped) == ["Placed"]
    assert listed("PACKED", "CONFIRMED", off, off) == ["Placed", "Changed"]
    assert listed(off, off, off, "MERCHANT_CANCELED") == ["Placed", "Cancelled"]


def test_a_status_nobody_documented_waits_until_somebody_explains_it():
    words = ("ON_THE_MOON", "NEW", "NEW", "NEW")
    with pytest.raises(Unmapped, match="ON_THE_MOON"):
        listed(*words)
    assert listed(*words, codes={"ON_THE_MOON": "CONFIRMED"}) == ["Placed", "Changed"]


@pytest.mark.parametrize(
    ("shipping", "due"),
    [({"shippingDate": "2026-03-02T12:00:00+03:00"}, "2026-03-02T12:00:00+03:00"),
     ({"shippingDate": "2026-03-02 12:00:00"}, "2026-03-02T12:00:00+03:00"),
     ({"shippingDate": "2026-03-02T09:00:00Z"}, "2026-03-02T09:00:00+00:00"),
     ({"shippingDate": "tomorrow"}, "2026-03-02T09:00:00+03:00"),
     (None, "2026-03-02T09:00:00+03:00")],
)  # fmt: skip
def test_a_deadline_is_read_in_every_way_it_is_written(shipping, due):
    draft = parsed(PARTY.samples()["order/new"], shipping=shipping)[0].draft
    assert draft.due_at.isoformat() == due
