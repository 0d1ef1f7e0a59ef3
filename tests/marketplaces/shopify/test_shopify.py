"""Shopify's own rules, tried one by one against its stand-in, and what its bodies can hide."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.contract import Delivery
from app.domain import events as ev
from app.domain.order import LineState, OrderState
from app.errors import (
    Forged,
    Malformed,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    SettingsInvalid,
    Unauthorised,
    Unmapped,
)
from app.marketplaces.shopify.api import _changes
from tests.domain.build import uid
from tests.marketplaces.booth import NOON, booth, found
from tests.marketplaces.party import BREAD, BUNS
from tests.marketplaces.shopify.party import PARTY, prove
from tests.marketplaces.test_conformance import NOW, plug_in

SAMPLES = PARTY.samples()


@pytest.fixture
async def both():
    async with booth(PARTY) as found_:
        yield found_


def read(topic, body, account=PARTY.account):
    return plug_in("shopify").parse(account, Delivery({"x-shopify-topic": topic}, body), NOW)


def changed(stem, **more):
    return json.dumps(json.loads(SAMPLES[stem]) | more).encode()


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shop", ["", "other.myshopify.com", "hub-test.myshopify.com.evil"])
def test_another_shop_of_the_same_app_is_not_this_account(shop):
    body = SAMPLES["orders/create"]
    headers = prove(body, NOW, shop=shop)
    call = replace(PARTY.call(body, NOW), headers=headers)
    with pytest.raises(Forged, match="shop"):
        plug_in("shopify").verify(PARTY.account, call, NOW)


@pytest.mark.parametrize(
    "topic", ["orders/cancelled", "orders/paid", "orders/fulfilled", "orders/delete"]
)
@pytest.mark.parametrize("stem", ["orders/create", "orders/updated", "orders/updated--packed"])
def test_an_old_body_under_another_topic_says_nothing_that_it_does_not_show(topic, stem):
    with pytest.raises(Malformed, match="does not show"):
        read(topic, SAMPLES[stem])


def test_an_order_is_read_with_its_time_its_discount_and_its_delivery():
    [placed] = read("orders/create", SAMPLES["orders/create"])
    draft = placed.draft
    assert [(x.external_id, x.pieces, x.price, x.ref) for x in draft.lines] == [
        ("100201", 3, 6490, "9001*3"),
        ("40100202", 2, 5290, "9002*2"),  # no SKU: by its variant
    ]
    assert (draft.discount, draft.delivery_fee, draft.external_store) == (1000, 15000, "101")
    assert draft.due_at.isoformat() == "2026-03-02T12:00:00+03:00"
    [joined] = read("orders/create", SAMPLES["orders/create--one_good_twice"])
    assert joined.draft.lines[0].ref == "9001*3\n9003*1"
    assert joined.draft.external_store == "655441491"


@pytest.mark.parametrize(
    "said", ["after lunch", "2026-03-02T12:00", "1026-03-02T12:00Z", "9" * 5000, "", None, 7, {}]
)
def test_whatever_a_customer_writes_for_a_time_loses_no_order(said):
    note = [{"name": "deliver_by", "value": said}]
    [placed] = read("orders/create", changed("orders/create", note_attributes=note))
    assert placed.draft.due_at.isoformat() == "2026-03-02T11:15:00+03:00"


def test_a_blank_around_an_sku_is_none_of_it():
    lines = json.loads(SAMPLES["orders/create"])["line_items"]
    lines[0]["sku"], lines[1]["sku"] = " 100201\t", "  "
    [placed] = read("orders/create", changed("orders/create", line_items=lines))
    assert [line.external_id for line in placed.draft.lines] == ["100201", "40100202"]
    row = {"id": "gid://shopify/CalculatedLineItem/1", "sku": " 100201 ", "quantity": 3}
    changes = _changes({"lineItems": {"nodes": [row]}}, {"100201": 1})
    assert (changes.lines, changes.added) == ({row["id"]: 1}, {})


def test_what_a_customer_changes_while_it_is_picked_is_picked():
    body = changed("orders/updated--edited", tags="picking")
    _placed, change = read("orders/updated", body)
    assert isinstance(change, ev.Changed)
    assert [line.pieces for line in change.draft.lines] == [2]


async def test_an_order_of_more_lines_than_an_edit_shows_is_left_to_people(both):
    await both.place()
    order = found(await both.order(), **{f"_{BREAD.sku}": 1})
    both.stall.more_lines = True
    with pytest.raises(RemoteRefused, match="by hand"):
        await both.say("ready", order)
    assert both.stall.book[order.external_id].told == []


def test_without_one_an_order_is_due_a_while_after_it_was_made_however_often_it_changes():
    events = read("orders/updated", changed("orders/create", note_attributes=None))
    assert {event.draft.due_at.isoformat() for event in events} == {"2026-03-02T11:15:00+03:00"}


def test_lines_are_as_they_are_after_edits():
    _placed, change = read("orders/updated", SAMPLES["orders/updated--edited"])
    assert [(x.external_id, x.pieces) for x in change.draft.lines] == [("100201", 2)]


def test_what_we_have_packed_is_no_wish_of_the_customers():
    events = read("orders/updated", SAMPLES["orders/updated--packed"])
    assert [type(event) for event in events] == [ev.Placed]


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({"financial_status": "partially_refunded"}, [ev.Placed, ev.Changed, ev.Paid]),
        ({"fulfillment_status": "partial"}, [ev.Placed, ev.Changed]),
        ({"fulfillment_status": "fulfilled"}, [ev.Placed, ev.Taken]),
        ({"cancelled_at": "2026-03-02T10:15:00Z"}, [ev.Placed, ev.Cancelled]),
    ],
)
def test_an_update_brings_the_order_to_where_it_is(fields, kinds):
    events = read("orders/updated", changed("orders/create", **fields))
    assert [type(event) for event in events] == kinds


@pytest.mark.parametrize("field", ["fulfillment_status", "financial_status"])
def test_a_status_nobody_documented_waits_for_somebody_to_explain_it(field):
    body = changed("orders/create", **{field: "levitating"})
    with pytest.raises(Unmapped, match="levitating"):
        read("orders/updated", body)
    codes = {"status": {"levitating": "partial" if field.startswith("ful") else "paid"}}
    assert read("orders/updated", body, replace(PARTY.account, codes=codes))


@pytest.mark.parametrize("status", [None, "label_printed", "failure", "levitating"])
def test_a_parcel_that_goes_nowhere_moves_nothing(status):
    body = changed("fulfillments/update", shipment_status=status)
    assert read("fulfillments/update", body) == ()
    with pytest.raises(Malformed, match="order_id"):
        read("fulfillments/update", changed("fulfillments/update", order_id=None))


# --- what it is told ------------------------------------------------------------------------------


async def test_a_line_in_two_rows_is_filled_row_by_row_and_strange_rows_are_left_alone():
    def row(n, sku, quantity):
        return {"id": f"gid://shopify/CalculatedLineItem/{n}", "sku": sku, "quantity": quantity}

    edit = {
        "lineItems": {"nodes": [row(1, "A", 3), row(2, "A", 2), row(3, "B", 1), row(4, "C", 1)]}
    }
    gid = "gid://shopify/CalculatedLineItem/"
    assert _changes(edit, {"A": 4, "B": 0}).lines == {f"{gid}2": 1, f"{gid}3": 0}
    assert _changes(edit, {"A": 7, "C": 1}).lines == {f"{gid}2": 4}
    assert _changes(edit, {"A": 5, "D": 2, "E": 0}).added == {"D": 2}


async def test_a_replacement_is_a_variant_of_the_same_shop_and_repeats_change_nothing(both):
    ref = await both.place(BREAD, BUNS)
    order = found(await both.order(), **{f"_{BUNS.sku}": 0})
    bread, buns = order.lines
    other = replace(buns, id=uid(9), external_id="100203", replaces=buns.id, ref=None,
                    state=LineState.PICKED, picked_pieces=1)  # fmt: skip
    order = replace(order, lines=(bread, replace(buns, state=LineState.REPLACED), other))
    for unsure in (False, True):
        await both.say("ready", order, unsure=unsure)
    entry = both.stall.book[ref]
    assert entry.found == {BREAD.sku: 3, BUNS.sku: 0, "100203": 1}
    assert (entry.state, both.stall.refused) == ("ready", [])
    assert entry.told == ["packed", "packed"]


async def test_an_order_that_was_found_as_ordered_is_tagged_and_not_edited(both):
    ref = await both.place()
    order = found(await both.order())
    for unsure in (False, True):
        assert (await both.say("ready", order, unsure=unsure)).outcome == "delivered"
    assert both.stall.book[ref].found == {BREAD.sku: 3, BUNS.sku: 2}
    assert both.stall.refused == []  # an edit without changes cannot be committed


async def test_a_repeated_edit_sees_that_it_is_done(both):
    ref = await both.place()
    order = found(await both.order(), **{f"_{BREAD.sku}": 1})
    for unsure in (False, True):
        await both.say("ready", order, unsure=unsure)
    assert both.stall.book[ref].found == {BREAD.sku: 1, BUNS.sku: 2}
    assert both.stall.refused == []


async def test_a_courier_of_the_shops_takes_it_and_brings_it(both):
    ref = await both.place()
    order = found(await both.order())
    await both.say("ready", order)
    outcomes = [(await both.say(kind, order)).outcome for kind in ("handed_over", "delivered")]
    assert both.stall.book[ref].state == "delivered"
    outcomes += [(await both.say(kind, order)).outcome for kind in ("handed_over", "delivered")]
    assert outcomes == ["delivered", "delivered", "already_accepted", "already_accepted"]
    with pytest.raises(RemoteRefused, match="cannot be edited"):
        await both.say("ready", order)


@pytest.mark.parametrize("status", ["ON_HOLD", "SCHEDULED", "INCOMPLETE"])
async def test_what_the_shop_holds_back_is_not_handed_over_until_somebody_lets_it_go(both, status):
    entry = both.stall.book[await both.place()]
    order = found(await both.order())
    entry.more["parts"] = ["OPEN", status]
    for kind in ("handed_over", "handed_over", "delivered"):
        with pytest.raises(RemoteRefused, match=status):
            await both.say(kind, order)
    assert (entry.state, entry.more["parts"]) == ("placed", [status, "CLOSED"])
    entry.more["parts"] = ["OPEN", "CLOSED"]
    assert (await both.say("handed_over", order)).outcome == "delivered"
    assert entry.state == "taken"


async def test_an_order_that_has_no_part_to_send_is_refused(both):
    entry = both.stall.book[await both.place()]
    order = found(await both.order())
    entry.more["parts"] = []
    for gone in (order, replace(order, external_id="999")):
        for kind in ("handed_over", "delivered"):
            with pytest.raises(RemoteRefused, match="no part"):
                await both.say(kind, gone)


async def test_what_was_called_off_was_not_delivered(both):
    entry = both.stall.book[await both.place()]
    order = found(await both.order())
    entry.state = "cancelled"
    with pytest.raises(RemoteRefused, match="nothing was sent"):
        await both.say("delivered", order)


async def test_what_the_customer_fetched_himself_is_sent_and_delivered_at_once(both):
    ref = await both.place()
    order = found(await both.order())
    outcomes = [(await both.say("delivered", order)).outcome for _ in range(2)]
    assert outcomes == ["delivered", "already_accepted"]
    assert both.stall.book[ref].state == "delivered"


async def test_calling_off_happens_once_and_never_after_it_was_sent(both):
    order = found(await both.order()) if await both.place() else None
    off = replace(order, cancel_reason="out_of_stock")
    assert (await both.say("cancelled", off)).outcome == "delivered"
    assert (await both.say("cancelled", off, unsure=True)).outcome == "already_accepted"
    assert both.stall.book[off.external_id].more["reason"] == "inventory"
    await both.place()
    sent = found(await both.order())
    await both.say("handed_over", sent)
    with pytest.raises(RemoteRefused, match="Cannot cancel"):
        await both.say("cancelled", sent)


async def test_it_waits_for_as_long_as_it_takes_to_recover_when_throttled(both):
    await both.place()
    order = found(await both.order())
    both.stall.busy = 1
    with pytest.raises(RemoteBusy) as caught:
        await both.say("ready", order)
    assert (caught.value.after, caught.value.ambiguous) == (0.5, False)
    both.stall.faults.fail_next, both.stall.faults.fail_status = 1, 429
    with pytest.raises(RemoteUnavailable):
        await both.say("ready", order)
    await both.say("ready", order)


async def test_a_replacement_the_shop_does_not_sell_is_refused_with_its_name(both):
    await both.place()
    order = found(await both.order())
    other = replace(order.lines[0], id=uid(9), external_id="a'\\b", ref=None)
    with pytest.raises(RemoteRefused, match="no variant"):
        await both.say("ready", replace(order, lines=(*order.lines, other)))


async def test_a_wrong_token_is_told_as_such_and_the_right_one_names_the_shop(both):
    assert "hub-test.myshopify.com" in await both.market.probe(both.account)
    wrong = {**both.account.secrets, "access_token": ("shpat_wrong",)}
    with pytest.raises(Unauthorised):
        await both.market.probe(replace(both.account, secrets=wrong))


async def test_a_list_is_gone_through_page_by_page(both):
    refs = [await both.place() for _ in range(103)]
    page = await both.market.listed(both.account, NOON.replace(hour=0), NOON.replace(hour=23), None)
    assert (len(page.orders), page.cursor) == (100, refs[99])
    rest = await both.market.listed(
        both.account, NOON.replace(hour=0), NOON.replace(hour=23), page.cursor
    )
    assert [one.order_ref for one in rest.orders] == refs[100:]
    assert (rest.cursor, rest.unreadable) == (None, [])
    assert rest.orders[0].state is OrderState.ACCEPTED
    nothing = await both.market.listed(
        both.account, NOON.replace(day=1), NOON.replace(hour=1), None
    )
    assert (nothing.orders, nothing.cursor) == ([], None)


@pytest.mark.parametrize("url", ["https://u:p@shop", "https://shop?x", "https://shop#x", "shop"])
def test_an_address_holds_no_login_and_no_question(url):
    settings = {**PARTY.account.settings, "url": url}
    with pytest.raises(SettingsInvalid):
        plug_in("shopify").check(replace(PARTY.account, settings=settings))
