"""What is special about DoorDash: allow-lists, results that come later, weights, tokens."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.contract import Call, Delivery
from app.domain import events as ev
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.domain.order import Replacement
from app.errors import (
    Forged,
    RemoteRefused,
    RemoteUnavailable,
    SettingsInvalid,
    Unauthorised,
    Unmapped,
)
from app.marketplaces.doordash import MARKETPLACE, compose, jwt, parse
from app.marketplaces.tools import Tools
from app.sandbox.stall import Faults
from tests.domain.build import an_order, piece, weighed
from tests.marketplaces.booth import booth, found
from tests.marketplaces.doordash.party import NEW, OLD, PARTY, login
from tests.marketplaces.party import BANANAS, BREAD, BUNS

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ACCOUNT = PARTY.account


@pytest.fixture
async def doordash():
    async with booth(PARTY) as both:
        both.now = datetime.now(UTC)  # tokens are signed by our own clock
        yield both


def parsed(stem, change=lambda _order: None, account=ACCOUNT):
    body = json.loads(PARTY.samples()[stem])
    change(body.get("order", body))
    return list(parse.parse(account, Delivery({}, json.dumps(body).encode()), NOW))


def adjusted(order, account=ACCOUNT):
    first = json.loads(compose.compose(account, "ready", order))["steps"][0]
    return first["body"].get("items")


async def adjust(both, ref, *items):
    path = f"/api/v1/orders/{ref}/adjustment"
    step = {"method": "PATCH", "path": path, "body": {"items": list(items)}}
    return await both.send("ready", json.dumps({"steps": [step]}).encode())


def results(both):
    """What the hub is told of adjustments."""
    told = [Delivery({}, each.body) for each in both.stall.told]
    events = [(parse.glimpse(each).event, each) for each in told]
    return [
        parse.parse(both.account, each, NOW)[0] for name, each in events if name == "OrderAdjust"
    ]


# --- who it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [OLD, NEW, f"Bearer {OLD}", f"bearer {NEW}"])
def test_where_a_token_is_agreed_it_is_shown_with_or_without_bearer(header):
    market = MARKETPLACE(Tools(None))
    token = replace(ACCOUNT, settings={**ACCOUNT.settings, "webhook_auth": "token"})
    assert market.verify(token, Call({"authorization": header}, b"{}"), NOW).body == b"{}"
    for forged in ({"authorization": "Bearer"}, {"authorization": "x" + OLD}, login()):
        with pytest.raises(Forged):
            market.verify(token, Call(forged, b"{}"), NOW)
    with pytest.raises(Forged):
        market.verify(ACCOUNT, Call({"authorization": header}, b"{}"), NOW)


def test_a_token_of_ours_says_who_we_are_for_five_minutes():
    token = jwt.signed("dev-1", "key-1", "c2VjcmV0LW9mLTE2LWJ5dGVz", NOW)
    head, claims, signature = token.split(".")
    shown = [json.loads(base64.urlsafe_b64decode(f"{each}==")) for each in (head, claims)]
    assert shown[0] == {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}
    assert (shown[1]["aud"], shown[1]["iss"], shown[1]["kid"]) == ("doordash", "dev-1", "key-1")
    assert shown[1]["exp"] - shown[1]["iat"] == 300
    digest = hmac.digest(b"secret-of-16-bytes", f"{head}.{claims}".encode(), hashlib.sha256)
    assert base64.urlsafe_b64decode(f"{signature}=") == digest


@pytest.mark.parametrize("secret", ["canary!", "canary canary", "canaryy=="])
def test_a_secret_that_is_no_base64_is_not_told(secret):
    with pytest.raises(SettingsInvalid) as caught:
        jwt.signed("dev-1", "key-1", f"{secret}.", NOW)
    assert "canary" not in str(caught.value)


# --- what comes in --------------------------------------------------------------------------------


def test_an_order_is_read_whole():
    (placed,) = parsed("OrderCreate")
    bread, loaf, bananas = placed.draft.lines
    assert (bread.external_id, bread.price, bread.pieces) == ("100201", 649, 3)
    assert (loaf.wish, loaf.wish_skus) == (Replacement.REPLACE, ("100203",))
    assert (bananas.grams, bananas.price, bananas.unit_grams) == (1134, 970, 1134)
    assert bananas.ref == "9bd40f9f-bb1e-4206-973f-fcbf73aa47b2@lb*1134"
    assert (placed.draft.external_store, placed.draft.discount) == ("101", 200)
    assert parsed("OrderCreate--for_later")[0].draft.planned


def test_a_body_without_a_name_is_known_by_what_it_holds():
    for stem in ("order", "order--wrapped"):
        assert isinstance(parsed(stem)[0], ev.Placed)
    assert isinstance(parsed("cancellation")[0], ev.Cancelled)


def test_an_adjustment_that_is_done_says_what_the_goods_come_to():
    assert parsed("OrderAdjust") == [ev.Paid(2568)]
    assert parsed("OrderAdjustment") == [ev.Paid(1919)]


def test_a_unit_that_nobody_documented_waits_until_somebody_says_what_it_is():
    def stone(order):
        order["categories"][1]["items"][0]["requested_quantity"] = {"value": 2, "unit": "st"}

    with pytest.raises(Unmapped, match="st"):
        parsed("OrderCreate", stone)
    told = replace(ACCOUNT, codes={"unit": {"st": "kg"}})
    assert parsed("OrderCreate", stone, told)[0].draft.lines[2].grams == 2000


# --- what goes out --------------------------------------------------------------------------------


def test_rows_that_differ_are_told_in_one_call_and_every_weight_is():
    order = an_order(
        piece(1, ref="a*3", state=L.PICKED, picked_pieces=3),
        piece(2, pieces=5, ref="b*2\nc*3", state=L.SHORT, picked_pieces=3),
        weighed(3, grams=1134, ref="d@lb*1134", state=L.PICKED, picked_grams=1134),
        piece(4, ref="e*3", state=L.REPLACED),
        replace(piece(5, pieces=2, state=L.PICKED, picked_pieces=2), replaces=piece(4).id),
        piece(6, ref="f*3", state=L.DROPPED),
    )
    own = replace(ACCOUNT, settings={**ACCOUNT.settings, "weight_field": "weight"})
    other = {"name": "Хлеб", "merchant_supplied_id": "p5", "price": 5450, "quantity": 2}
    assert adjusted(order, own) == [
        {"line_item_id": "c", "adjustment_type": "ITEM_UPDATE", "quantity": 1},
        {"line_item_id": "d", "adjustment_type": "ITEM_UPDATE", "quantity": 1,
         "weight": {"quantity": 2.5, "unit": "lb"}},
        {"line_item_id": "e", "adjustment_type": "ITEM_SUBSTITUTE", "substituted_item": other},
        {"line_item_id": "f", "adjustment_type": "ITEM_REMOVE"},
    ]  # fmt: skip
    assert adjusted(an_order(piece(1, ref="a*3", state=L.PICKED, picked_pieces=3))) is None


async def test_the_result_of_an_adjustment_comes_later(doordash):
    ref = await doordash.place(BREAD, BANANAS)
    order = found(await doordash.order(), _100201=2, _200101=1040)
    await doordash.say("accepted", order)
    await doordash.say("ready", order)
    assert results(doordash) == []
    await doordash.stall.look()
    entry = doordash.stall.book[ref]
    assert entry.found == {"100201": 2, "200101": 1040}
    assert results(doordash) == [ev.Paid(entry.total())]
    await doordash.stall.look()
    assert len(results(doordash)) == 1


# --- the platform's rules -------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "kind"), [("adjustment", "ready"), ("cancellation", "cancelled")])
async def test_who_is_not_on_the_allow_list_is_forbidden_it(doordash, what, kind):
    ref = await doordash.place(BREAD, BUNS)
    order = found(await doordash.order(), _100201=1)
    await doordash.say("accepted", order)
    doordash.stall.allowed.remove(what)
    with pytest.raises(Unauthorised, match="403"):
        await doordash.say(kind, replace(order, cancel_reason="out_of_stock"))
    assert doordash.stall.book[ref].state == "accepted"


async def test_an_order_that_nobody_confirmed_is_refused_and_not_cancelled(doordash):
    first = await doordash.place()
    await doordash.say("cancelled", replace(await doordash.order(), state=S.CANCELLED))
    second = await doordash.place()
    order = await doordash.order()
    await doordash.say("accepted", order)
    await doordash.say("cancelled", replace(order, state=S.CANCELLED, cancel_reason="out_of_stock"))
    assert [doordash.stall.book[ref].state for ref in (first, second)] == ["cancelled"] * 2
    assert [doordash.stall.book[ref].told for ref in (first, second)] == [
        [], ["confirm", "cancellation"],
    ]  # fmt: skip
    assert doordash.stall.closed_hours == 0


async def test_a_repeat_too_refuses_an_order_that_nobody_confirmed(doordash):
    ref = await doordash.place()
    order = replace(await doordash.order(), state=S.CANCELLED)
    doordash.stall.faults = Faults(fail_next=1, fail_status=502)
    with pytest.raises(RemoteUnavailable):
        await doordash.say("cancelled", order)
    assert (await doordash.say("cancelled", order, unsure=True)).outcome == "delivered"
    assert doordash.stall.book[ref].state == "cancelled"
    assert (await doordash.say("cancelled", order, unsure=True)).outcome == "already_accepted"


async def test_a_rejected_order_is_refused_at_once(doordash):
    ref = await doordash.place()
    await doordash.say("cancelled", replace(await doordash.order(), state=S.REJECTED))
    assert (doordash.stall.book[ref].state, doordash.stall.refused) == ("cancelled", [])


async def test_only_what_is_confirmed_is_adjusted(doordash):
    await doordash.place(BREAD)
    order = found(await doordash.order(), _100201=1)
    with pytest.raises(RemoteRefused, match="400"):
        await doordash.say("ready", order)


@pytest.mark.parametrize(
    ("item", "why"),
    [
        ({"line_item_id": "100201", "adjustment_type": "ITEM_REMOVE"}, "no such line_item_id"),
        ({"adjustment_type": "ITEM_VANISH"}, "adjustment_type"),
        ({"adjustment_type": "ITEM_UPDATE"}, "needs a quantity"),
        ({"adjustment_type": "ITEM_SUBSTITUTE", "substituted_item": {"name": "x"}}, "needs name"),
    ],
)
async def test_what_is_no_adjustment_is_refused(doordash, item, why):
    ref = await doordash.place(BREAD)
    order = await doordash.order()
    await doordash.say("accepted", order)
    row = {"line_item_id": order.lines[0].ref.partition("*")[0]}
    with pytest.raises(RemoteRefused, match=why):
        await adjust(doordash, ref, row | item)


async def test_the_only_item_of_a_cart_is_not_removed_whatever_is_answered(doordash):
    ref = await doordash.place(BREAD)
    order = await doordash.order()
    await doordash.say("accepted", order)
    row = order.lines[0].ref.partition("*")[0]
    await adjust(doordash, ref, {"line_item_id": row, "adjustment_type": "ITEM_REMOVE"})
    await doordash.say("ready", found(order))
    assert doordash.stall.book[ref].found == {"100201": 3}


async def test_a_message_that_stopped_half_way_is_finished(doordash):
    ref = await doordash.place(BREAD, BUNS)
    order = found(await doordash.order(), _100201=0)
    await doordash.say("accepted", order)
    calls = iter([None, 503])
    real, doordash.stall.fails = doordash.stall.fails, lambda: next(calls)
    with pytest.raises(RemoteUnavailable) as caught:
        await doordash.say("ready", order)
    assert caught.value.ambiguous
    doordash.stall.fails = real
    await doordash.say("ready", order, unsure=True)
    entry = doordash.stall.book[ref]
    assert (entry.state, entry.found) == ("ready", {"100201": 0, "100202": 2})


@pytest.mark.parametrize("kind", ["accepted", "ready", "cancelled"])
async def test_a_repeat_of_what_arrived_is_done_and_a_first_try_of_it_is_not(doordash, kind):
    await doordash.place()
    order = found(await doordash.order())
    if kind != "accepted":
        await doordash.say("accepted", order)
    await doordash.say(kind, order)
    assert (await doordash.say(kind, order, unsure=True)).outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await doordash.say(kind, order)


async def test_the_connection_can_be_tried(doordash):
    assert await doordash.market.probe(doordash.account) == "credentials taken"
    bare = replace(doordash.account, settings={**doordash.account.settings, "store_id": ""})
    assert "nothing was asked" in await doordash.market.probe(bare)
    other = replace(doordash.account, secrets={"signing_secret": ("b3RoZXItc2VjcmV0LWVudGlyZWx5",)})
    with pytest.raises(Unauthorised):
        await doordash.market.probe(other)
