"""WooCommerce's own rules, tried one by one against its stand-in, and its sums."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.contract import Call, Delivery, Reply
from app.domain import events as ev
from app.domain.order import LineState, OrderState
from app.errors import Forged, Malformed, RemoteRefused, Unauthorised, UnknownAccount, Unmapped
from app.marketplaces.woocommerce.api import changes
from app.marketplaces.woocommerce.compose import Goods
from app.marketplaces.woocommerce.parse import Turned
from app.marketplaces.woocommerce.shapes import Item
from app.sandbox.stall import Basket
from tests.domain.build import uid
from tests.factories import settle
from tests.marketplaces.booth import NOON, booth, found
from tests.marketplaces.meeting import meeting
from tests.marketplaces.party import BREAD, BUNS
from tests.marketplaces.test_conformance import NOW, plug_in
from tests.marketplaces.woocommerce.party import PARTY

SAMPLES = PARTY.samples()
ORDER = json.loads(SAMPLES["order.created"])


@pytest.fixture
async def both():
    async with booth(PARTY) as found_:
        yield found_


@pytest.fixture
async def met(pool, hub):
    async with meeting(pool, PARTY) as found_:
        yield found_


def read(body, topic="order.updated", account=PARTY.account):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return plug_in("woocommerce").parse(account, Delivery({"x-wc-webhook-topic": topic}, raw), NOW)


# --- the first try of a new webhook ---------------------------------------------------------------


async def test_a_new_webhook_is_tried_with_a_form_and_nothing_is_kept_of_it(met):
    told = await met.stall.ping()
    assert (told.status, told.answer) == (200, b"")
    async with met.hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM inbox_key") == 0
        assert await conn.fetchval("SELECT count(*) FROM inbox_refused") == 0


@pytest.mark.parametrize(
    "body", [b"webhook_id=", b"webhook_id=7&x=1", b"webhook_id=x", b" webhook_id=7", b"{}", b""]
)
def test_what_is_almost_that_form_is_forged(body):
    with pytest.raises(Forged):
        plug_in("woocommerce").serve(PARTY.account, Call({}, body), NOW)


def test_a_form_with_a_signature_is_proved_like_anything_else():
    market, body = plug_in("woocommerce"), b"webhook_id=7"
    assert isinstance(market.serve(PARTY.account, Call({}, body), NOW), Reply)
    with pytest.raises(Forged):
        market.serve(PARTY.account, Call({"x-wc-webhook-signature": ""}, body), NOW)


@pytest.mark.parametrize("call", [Call({}, b"", method="GET"), Call({}, b"webhook_id=7", path="x")])
def test_there_is_nothing_beside_the_hook(call):
    with pytest.raises(UnknownAccount):
        plug_in("woocommerce").serve(PARTY.account, call, NOW)


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["order.created", "order.updated", "order.restored"])
@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({}, [ev.Placed, ev.Changed]),
        ({"date_paid_gmt": "2026-03-02T07:20:00"}, [ev.Placed, ev.Changed, ev.Paid]),
        ({"status": "completed"}, [ev.Placed, ev.Taken, ev.Delivered]),
        ({"status": "refunded"}, [ev.Placed, ev.Cancelled]),
        ({"status": "pending"}, []),
        ({"status": "on-hold"}, []),
        ({"meta_data": [{"key": "order_hub_state", "value": "ready"}]}, [ev.Placed]),
        (
            {"meta_data": [{"key": "order_hub_state", "value": "picking"}]},
            [ev.Placed, ev.Changed],
        ),
        ({"meta_data": [{"key": "order_hub_state", "value": {}}]}, [ev.Placed, ev.Changed]),
    ],
)
def test_the_status_says_how_far_it_is_whatever_the_topic(topic, fields, kinds):
    assert [type(event) for event in read(ORDER | fields, topic)] == kinds


def test_a_whole_order_is_no_deletion():
    with pytest.raises(Malformed):
        read(ORDER, "order.deleted")
    assert read({"id": 727}, "order.deleted") == (ev.Cancelled("deleted"),)


def test_a_status_of_a_plug_in_is_the_shops_or_somebodys_to_explain():
    body = ORDER | {"status": "packed"}
    with pytest.raises(Unmapped, match="packed"):
        read(body)
    explained = replace(PARTY.account, codes={"status": {"packed": "ready"}})
    own = replace(PARTY.account, settings={**PARTY.account.settings, "ready_status": "packed"})
    documented = replace(PARTY.account, codes={"status": {"packed": "processing"}})
    assert [type(each) for each in read(body, account=documented)] == [ev.Placed, ev.Changed]
    for account in (explained, own):
        assert [type(event) for event in read(body, account=account)] == [ev.Placed]


def test_sums_of_lines_are_pieces_with_taxes_and_what_comes_off_is_the_orders():
    draft = read(ORDER)[0].draft
    bread, buns = draft.lines
    assert (bread.price, bread.pieces, bread.ref) == (6490, 3, "315*3")
    assert (buns.external_id, buns.price) == ("951", 5290)
    assert (draft.requested_total, draft.discount, draft.delivery_fee) == (30050, 1000, 12000)
    assert draft.due_at.isoformat() == "2026-03-02T12:00:00+03:00"


def test_a_sum_that_cannot_be_divided_is_rounded_up_and_taken_off_again():
    draft = read(SAMPLES["order.created--thirds"])[0].draft
    assert (draft.lines[0].price, draft.requested_total, draft.discount) == (3334, 10002, 2)


@pytest.mark.parametrize(
    "item", [{"quantity": 1.5}, {"quantity": -1}, {"total": "-5"}, {"total": "x"}, {"total": None}]
)
def test_a_line_that_cannot_be_is_malformed(item):
    with pytest.raises(Malformed):
        read(ORDER | {"line_items": [ORDER["line_items"][0] | item]})


@pytest.mark.parametrize(
    "said", ["soon", "2026-03-02T12:00", "1026-03-02T12:00Z", "9" * 5000, "", None, 7, {}]
)
def test_whatever_is_kept_for_a_time_loses_no_order(said):
    draft = read(ORDER | {"meta_data": [{"key": "deliver_by", "value": said}]})[0].draft
    assert draft.due_at == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)


def test_a_blank_around_an_sku_is_none_of_it():
    lines = [ORDER["line_items"][0] | {"sku": " 100201\t"}, ORDER["line_items"][1] | {"sku": "  "}]
    draft = read(ORDER | {"line_items": lines})[0].draft
    assert [line.external_id for line in draft.lines] == ["100201", "951"]
    assert changes([Item(1, 3, "9.00", sku=" A ")], {"A": Goods(3, "3.00")}) == []


# --- what it is told ------------------------------------------------------------------------------


def test_only_lines_that_differ_are_set_with_their_sums():
    items = [
        Item(1, 3, "177.00", subtotal="200.00", sku="A"),
        Item(2, 2, "10.00", sku="A"),
        Item(3, 1, "5.00", sku="B"),
        Item(4, 1, "5.00", product_id=9),
    ]
    goods = {"A": Goods(4, "59.00"), "B": Goods(0, "5.00"), "9": Goods(1, "5.00")}
    assert changes(items, goods | {"C": Goods(2, "1.50"), "D": Goods(0, "1.00")}) == [
        {"id": 2, "quantity": 1, "total": "5.00", "subtotal": "5.00"},
        {"id": 3, "quantity": 0, "total": "0.00", "subtotal": "0.00"},
        {"sku": "C", "quantity": 2, "total": "3.00", "subtotal": "3.00"},
    ]
    assert changes(items[:1], {"A": Goods(1, "0.00")}) == [
        {"id": 1, "quantity": 1, "total": "59.00", "subtotal": "66.67"}
    ]
    assert changes([Item(1, 1, "0.339", sku="A")], {"A": Goods(3, "0.00")}) == [
        {"id": 1, "quantity": 3, "total": "1.02", "subtotal": "1.02"}
    ]


def test_goods_that_stand_for_others_are_taxed_as_those_and_else_as_the_order():
    a = Item(1, 1, "0.00", total_tax="0.00", subtotal="50.00", subtotal_tax="10.00", sku="A")
    b = Item(2, 1, "75.00", total_tax="0.00", sku="B")
    as_ordered = {"A": Goods(1, "60.00"), "B": Goods(1, "75.00")}
    for instead, net in {"A": "100.00", "B": "120.00", None: "111.11", "gone": "111.11"}.items():
        more = {"C": Goods(1, "120.00", instead)}
        line = {"sku": "C", "quantity": 1, "total": net, "subtotal": net}
        assert changes([a, b], as_ordered | more) == [line]
    free = {"sku": "C", "quantity": 2, "total": "3.00", "subtotal": "3.00"}
    assert changes([Item(1, 1, "0.00", sku="A")], {"C": Goods(2, "1.50", "A")}) == [free]


async def test_a_replacement_is_a_new_line_and_a_repeat_adds_no_second_one(both):
    ref = await both.place(BREAD, BUNS)
    order = found(await both.order())
    bread, buns = order.lines
    other = replace(buns, id=uid(9), external_id="100203", replaces=buns.id, ref=None,
                    state=LineState.PICKED, picked_pieces=1)  # fmt: skip
    order = replace(order, lines=(bread, replace(buns, state=LineState.REPLACED), other))
    assert (await both.say("ready", order)).outcome == "delivered"
    assert (await both.say("ready", order, unsure=True)).outcome == "already_accepted"
    entry = both.stall.book[ref]
    assert entry.found == {BREAD.sku: 3, BUNS.sku: 0, "100203": 1}
    assert both.stall.refused == []


async def test_a_replacement_costs_with_its_taxes_what_it_costs_here(both):
    both.stall.tax = 20
    await both.place(BREAD, replace(BUNS, price=6000))
    order = found(await both.order())
    bread, buns = order.lines
    other = replace(buns, id=uid(9), external_id="100203", replaces=buns.id, ref=None,
                    price=12000, state=LineState.PICKED, picked_pieces=2)  # fmt: skip
    order = replace(order, lines=(bread, replace(buns, state=LineState.REPLACED), other))
    await both.say("ready", order)
    line = json.loads(both.stall.told[-1].body)["line_items"][-1]
    assert (line["sku"], line["total"], line["total_tax"]) == ("100203", "200.00", "40.00")


async def test_what_is_so_already_is_not_said_again(both):
    await both.place()
    order = found(await both.order(), **{f"_{BREAD.sku}": 1})
    for kind in ("in_work", "ready", "delivered"):
        outcomes = [(await both.say(kind, order, unsure=n > 0)).outcome for n in range(2)]
        assert outcomes == ["delivered", "already_accepted"]
    assert both.stall.book[order.external_id].told == ["picking", "ready", "completed"]


@pytest.mark.parametrize("gone", ["cancelled", "refunded", "failed", "trash", "lost"])
async def test_nothing_said_too_late_brings_an_order_back_that_was_called_off_there(both, gone):
    both.account = replace(both.account, codes={"status": {"lost": "cancelled"}})
    entry = both.stall.book[await both.place()]
    order = found(await both.order(), **{f"_{BREAD.sku}": 1})
    entry.more["status"] = gone
    for kind in ("in_work", "ready", "delivered"):
        with pytest.raises(RemoteRefused, match=gone):
            await both.say(kind, order)
    assert (await both.say("cancelled", order)).outcome == "already_accepted"
    assert (entry.told, entry.found, entry.more["status"]) == ([], {}, gone)


async def test_an_order_that_is_completed_there_takes_what_was_found_and_stays_completed(both):
    settings = {**both.account.settings, "picking_status": "on-hold", "ready_status": "processing"}
    both.account = replace(both.account, settings=settings)
    ref = await both.place()
    order = found(await both.order(), **{f"_{BREAD.sku}": 1})
    await both.stall.happen(ref, "delivered")
    for kind in ("in_work", "ready"):
        await both.say(kind, order)
    entry = both.stall.book[ref]
    assert (entry.state, entry.told) == ("delivered", ["picking", "ready"])
    assert entry.found[BREAD.sku] == 1


async def test_a_shops_own_statuses_are_set_where_it_has_them_and_refused_where_it_has_not(both):
    await both.place()
    order = found(await both.order())
    settings = {**both.account.settings, "picking_status": "on-hold", "ready_status": "packed"}
    both.account = replace(both.account, settings=settings)
    await both.say("in_work", order)
    assert both.stall.book[order.external_id].told == ["picking", "on-hold"]
    with pytest.raises(RemoteRefused, match="status"):
        await both.say("ready", order)


async def test_an_order_that_is_gone_and_wrong_keys_are_told_as_such(both):
    await both.place()
    order = found(await both.order())
    with pytest.raises(RemoteRefused, match="Invalid ID"):
        await both.say("ready", replace(order, external_id="999"))
    assert await both.market.probe(both.account) == "the keys are taken"
    wrong = {**both.account.secrets, "consumer_secret": ("cs_wrong0000",)}
    with pytest.raises(Unauthorised):
        await both.market.probe(replace(both.account, secrets=wrong))


# --- what never arrived ---------------------------------------------------------------------------


async def listed(both, since, until):
    refs, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        page = await both.market.listed(both.account, since, until, cursor)
        refs += [one.order_ref for one in page.orders]
        cursor, pages = page.cursor, pages + 1
        assert pages < 10
    return refs, pages


async def test_a_list_goes_on_by_the_time_of_the_last_change(both):
    refs = []
    for _ in range(130):
        refs.append(await both.place())
        both.later(1)
    seen, pages = await listed(both, NOON, NOON + timedelta(hours=1))
    assert (sorted(set(seen)), pages) == (sorted(refs), 2)
    middle = await listed(both, NOON + timedelta(seconds=10), NOON + timedelta(seconds=20))
    assert set(refs[10:20]) <= set(middle[0]) <= set(refs[9:20])


async def test_more_orders_of_one_second_than_a_page_holds_are_all_found(both):
    refs = [await both.place() for _ in range(230)]
    seen, _ = await listed(both, NOON - timedelta(hours=1), NOON + timedelta(hours=1))
    assert sorted(set(seen)) == sorted(refs)


@pytest.mark.parametrize("cursor", ["", "2", "{}", '{"since":"x"}', "null"])
def test_a_cursor_of_another_kind_is_a_beginning(cursor):
    assert Turned.read(cursor, NOON) == Turned(NOON)


async def test_a_disabled_webhook_loses_nothing_that_is_asked_for(met):
    met.stall.secrets = {**met.stall.secrets, "webhook_secret": "not-the-one-it-was"}
    refs = [await met.stall.place(_basket()) for _ in range(8)]
    assert met.stall.failures == 6  # the last two were not told at all
    await settle(met.hub)
    market = met.hub.marketplaces["woocommerce"]
    account = await met.hub.accounts.by_code("market")
    now = datetime.now(UTC)
    page = await market.listed(account, now - timedelta(hours=1), now + timedelta(hours=1), None)
    assert [one.order_ref for one in page.orders] == refs
    assert {one.state for one in page.orders} == {OrderState.ACCEPTED}


def _basket():
    return Basket(PARTY.goods)
