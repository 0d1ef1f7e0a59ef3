"""What Glovo tells: secrets as they are, two flows, kilograms, lists."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.contract import Call, Delivery
from app.domain import events as ev
from app.domain.order import OrderState as S
from app.domain.order import Unit
from app.errors import (
    Forged,
    Malformed,
    SettingsInvalid,
    Unmapped,
)
from app.marketplaces.glovo import MARKETPLACE, parse
from app.marketplaces.tools import Tools
from tests.marketplaces.glovo.party import NEW, OLD, PARTY, shown

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ACCOUNT = PARTY.account
OURS = "VENDOR_DELIVERY"


def told(stem, **changes):
    return Delivery({}, json.dumps(json.loads(PARTY.samples()[stem]) | changes).encode())


def parsed(stem, *, account=ACCOUNT, **changes):
    return list(parse.parse(account, told(stem, **changes), NOW))


def with_settings(**changes):
    return replace(ACCOUNT, settings=dict(ACCOUNT.settings) | changes)


# --- who it is ------------------------------------------------------------------------------------


def test_a_webhook_shows_the_secret_as_it_stands_in_the_portal():
    market = MARKETPLACE(Tools(None))
    for secret in (NEW, OLD):
        assert market.verify(ACCOUNT, Call(shown(b"", secret=secret), b"{}"), NOW).headers == {}
    with pytest.raises(Forged):
        market.verify(ACCOUNT, Call({"authorization": OLD.removeprefix("Basic ")}, b"{}"), NOW)


def test_a_signature_is_of_the_body_where_an_account_says_so():
    market = MARKETPLACE(Tools(None))
    account = with_settings(proof="hmac", header="x-signature")
    digest = hmac.new(OLD.encode(), b"{}", hashlib.sha256).hexdigest()
    market.verify(account, Call({"x-signature": digest.upper()}, b"{}"), NOW)
    for headers, body in (({"x-signature": digest}, b"{} "), (shown(b""), b"{}")):
        with pytest.raises(Forged):
            market.verify(account, Call(headers, body), NOW)
    with pytest.raises(Forged):  # the signature of a body is no secret
        market.verify(
            with_settings(header="x-signature"), Call({"x-signature": digest}, b"{}"), NOW
        )


@pytest.mark.parametrize("header", ["user-agent", "x-request-id", "content-type"])
def test_a_header_that_is_kept_is_no_place_for_a_secret(header):
    with pytest.raises(SettingsInvalid, match=header):
        MARKETPLACE(Tools(None)).check(with_settings(header=header))


def test_an_account_calls_with_a_client_or_with_a_token_and_needs_the_one_it_uses():
    market = MARKETPLACE(Tools(None))
    hook = {"webhook_secret": (NEW,)}
    with pytest.raises(SettingsInvalid, match="client_secret"):
        market.check(replace(ACCOUNT, secrets=hook))
    with pytest.raises(SettingsInvalid, match="api_token"):
        market.check(replace(with_settings(client_id=""), secrets=hook))
    market.check(
        replace(with_settings(client_id=""), secrets=hook | {"api_token": ("a-portal-token",)})
    )


# --- what comes in --------------------------------------------------------------------------------


def test_an_order_is_read_whole():
    (placed,) = parsed("RECEIVED")
    draft = placed.draft
    bread, bananas = draft.lines
    assert (bread.external_id, bread.unit, bread.price, bread.pieces) == (
        "100201", Unit.PIECE, 6490, 3,
    )  # fmt: skip
    assert (bananas.unit, bananas.price, bananas.grams, bananas.unit_grams) == (
        Unit.WEIGHT, 12990, 1000, 1000,
    )  # fmt: skip
    assert bananas.ref == "11b0dd0c-0000-4000-8000-000000000002*1000"
    assert (draft.external_store, draft.currency, draft.requested_total) == ("101", "EUR", 32460)
    assert (draft.due_at.isoformat(), draft.delivery_fee) == ("2026-03-02T08:10:00+00:00", 1900)
    assert (draft.pickup, draft.planned) == (False, False)
    assert dict(draft.customer)["order_code"] == "531"


def test_a_preorder_that_the_customer_fetches_is_ready_when_it_was_promised():
    (placed,) = parsed("RECEIVED--pickup_preorder")
    assert (placed.draft.pickup, placed.draft.planned) == (True, True)
    assert placed.draft.due_at.hour == 15


def test_an_order_that_names_no_time_has_half_an_hour():
    (least,) = parsed("RECEIVED--least")
    assert least.draft.due_at == NOW + timedelta(minutes=30)
    assert least.draft.lines[0].ref is None  # the platform named no row
    (later,) = parsed("RECEIVED", accepted_for=None, account=with_settings(minutes=50))
    assert later.draft.due_at.isoformat() == "2026-03-02T08:19:30+00:00"


def test_one_good_in_two_rows_is_one_line():
    (placed,) = parsed("RECEIVED--one_good_twice")
    bread, _ = placed.draft.lines
    assert (bread.pieces, len(bread.ref.split("\n"))) == (4, 2)


def test_kilograms_without_a_weight_are_its_quantity():
    item = {"sku": "7", "pricing": {"pricing_type": "KG", "unit_price": 2.5, "quantity": 0.35}}
    (placed,) = parsed("RECEIVED", items=[item])
    assert (placed.draft.lines[0].grams, placed.draft.requested_total) == (350, 88)


@pytest.mark.parametrize("kind", ["LB", "", "kg"])
def test_a_unit_that_nobody_documented_waits_until_somebody_says_what_it_is(kind):
    item = {"sku": "7", "pricing": {"pricing_type": kind, "unit_price": 2, "quantity": 1}}
    with pytest.raises(Unmapped) as caught:
        parsed("RECEIVED", items=[item])
    assert caught.value.kind == "unit"
    said = replace(ACCOUNT, codes={"unit": {kind: "KG"}})
    assert parsed("RECEIVED", items=[item], account=said)[0].draft.lines[0].grams == 1000


def test_a_status_that_nobody_documented_waits_and_a_way_to_deliver_is_not_guessed():
    with pytest.raises(Unmapped, match="EATEN"):
        parsed("RECEIVED", status="EATEN")
    with pytest.raises(Malformed, match="transport_type is 'DRONE'"):
        parsed("RECEIVED", transport_type="DRONE")


@pytest.mark.parametrize("id_", ["..", "a/b", "a?b", "a#b", "", "ä"])
def test_an_order_id_that_is_no_name_is_malformed(id_):
    for stem in ("RECEIVED", "CANCELLED"):
        with pytest.raises(Malformed):
            parsed(stem, order_id=id_)


@pytest.mark.parametrize("said", ["", "soon", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", None])
def test_what_is_no_time_loses_no_order(said):
    (placed,) = parsed("RECEIVED", accepted_for=said, promised_for=said, sys={"created_at": said})
    assert placed.draft.due_at == NOW + timedelta(minutes=30)
    (placed,) = parsed("RECEIVED", accepted_for="2026-03-02T08:10:00")
    assert placed.draft.due_at == NOW + timedelta(minutes=40)  # theirs are UTC


def test_a_null_is_as_good_as_nothing():
    known = json.loads(PARTY.samples()["RECEIVED"])
    kept = {"order_id", "status", "items", "client"}
    item = dict.fromkeys(known["items"][0]) | {"sku": "7"}
    item["pricing"] = dict.fromkeys(known["items"][0]["pricing"]) | {"unit_price": 1, "quantity": 2}
    nulls = dict.fromkeys(known.keys() - kept) | {"items": [item], "client": {"store_id": "101"}}
    (placed,) = parsed("RECEIVED", **nulls)
    assert (placed.draft.lines[0].pieces, placed.draft.lines[0].ref) == (2, None)
    nothing = dict.fromkeys([*known, "cancellation"]) | {"order_id": "7", "status": "CANCELLED"}
    assert parsed("CANCELLED", **nothing) == [ev.Cancelled("not said")]


def test_dispatched_is_the_last_word_unless_an_account_waits_for_delivered():
    assert parsed("DISPATCHED") == [ev.Taken(), ev.Delivered()]
    waits = with_settings(sold="delivered")
    assert parsed("DISPATCHED", account=waits) == [ev.Taken()]
    assert parsed("DELIVERED", account=waits) == [ev.Delivered()]


def test_ready_for_pickup_says_that_our_own_courier_left_and_nothing_of_theirs():
    assert parsed("READY_FOR_PICKUP") == []
    assert parsed("VENDOR_DELIVERY READY_FOR_PICKUP") == [ev.Taken(), ev.Delivered()]


def test_why_an_order_was_called_off_is_kept():
    assert parsed("CANCELLED") == [ev.Cancelled("CUSTOMER_REQUEST, CUSTOMER")]
    assert parsed("CANCELLED--least") == [ev.Cancelled("not said")]


@pytest.mark.parametrize(
    ("stem", "state", "lines"),
    [
        ("received", S.ACCEPTED, {"100201": 3, "200101": 1000}),
        ("update_cart", S.PICKING, {"100201": 3, "200101": 1000}),
        ("ready", S.READY, {"100201": 2, "200101": 1040}),
        ("dispatched", S.DELIVERED, {"100201": 2, "200101": 1040}),
        ("replaced", S.DELIVERED, {"100202": 2, "200101": 1040}),
        ("vendor", None, {"100201": 3, "200101": 1000}),
        ("vendor_dispatched", S.DELIVERED, {"100201": 2, "200101": 1040}),
        ("cancelled", S.CANCELLED, {"100201": 3, "200101": 1000}),
    ],
)
def test_a_list_says_how_far_an_order_is_and_what_is_in_it(stem, state, lines):
    raw = PARTY.files("listed")[stem].decode()
    page, pages = parse.page(
        ACCOUNT, f'{{"orders":[{raw}],"total_pages":1}}'.encode(), NOW - timedelta(days=1)
    )
    (one,) = page.orders
    assert (one.state, one.lines, pages) == (state, lines, 1)


def test_a_listed_order_is_placed_as_it_was_ordered():
    listed = Delivery({}, PARTY.files("listed")["replaced"], origin="reconciled")
    placed = parse.parse_listed(ACCOUNT, listed, NOW)[0]
    assert {each.external_id: each.pieces for each in placed.draft.lines} == {
        "100201": 3, "200101": 1,
    }  # fmt: skip
