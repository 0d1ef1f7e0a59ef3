"""What is special about Deliveroo: GUID and body, one amendment, half a minute, substitutes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.contract import Call, Delivery
from app.domain import events as ev
from app.domain.order import LineState as L
from app.errors import Forged, Malformed, RemoteRefused, RemoteUnavailable, Unfinished, Unmapped
from app.marketplaces.deliveroo import MARKETPLACE, compose, parse
from app.marketplaces.deliveroo.stand_in import picking
from app.marketplaces.tools import Tools
from app.plugin import Suggests
from app.sandbox.stall import Goods
from tests.domain.build import an_order, piece
from tests.marketplaces import patient
from tests.marketplaces.booth import booth, found
from tests.marketplaces.deliveroo.party import GUID, PARTY, signed
from tests.marketplaces.party import BREAD, BUNS

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ACCOUNT = PARTY.account
VECTOR = b'{"event_type":"order.created","payload":{"originalOrderId":"H00000000001"}}'
SIGNED = "be759dce65d044253799e40fba7a05692aa7919902a09381abd64ec055ddc6bf"
RYE = Goods("100203", "Rye bread, sliced", 6990)


@pytest.fixture
async def deliveroo():
    async with booth(PARTY) as both:
        yield both


def parsed(stem, **changes):
    body = json.loads(PARTY.samples()[stem])
    body["body"].get("order", {}).update(changes)
    return list(parse.parse(ACCOUNT, Delivery({}, json.dumps(body).encode()), NOW))


def amended(order):
    first = json.loads(compose.compose("ready", order))["steps"][0]
    return (first["body"] or {}).get("item_amendments")


def replaced(order, sku, by):
    """The order with a line for which other goods stand."""
    line = next(each for each in order.lines if each.external_id == sku)
    other = replace(
        piece(50, pieces=2, state=L.PICKED, picked_pieces=2),
        external_id=by.sku, name=by.name, replaces=line.id,
    )  # fmt: skip
    rest = [replace(each, state=L.REPLACED) if each is line else each for each in order.lines]
    return replace(order, lines=(*rest, other))


# --- what comes in --------------------------------------------------------------------------------


def test_the_signature_is_of_guid_space_and_body_as_computed_by_hand():
    assert signed(VECTOR, secret="test-secret-for-docs")["x-deliveroo-hmac-sha256"] == SIGNED


@pytest.mark.parametrize("between", ["", "\n", " \n ", "."])
def test_other_ways_to_join_guid_and_body_prove_nothing(between):
    market = MARKETPLACE(Tools(None))
    with pytest.raises(Forged):
        market.verify(ACCOUNT, Call(signed(VECTOR, between=between), VECTOR), NOW)
    other = {**signed(VECTOR), "x-deliveroo-sequence-guid": GUID[:-1] + "2"}
    with pytest.raises(Forged):
        market.verify(ACCOUNT, Call(other, VECTOR), NOW)


def test_an_order_is_read_whole():
    (placed,) = parsed("order.new")
    bread, loaf = placed.draft.lines
    assert (bread.external_id, bread.price, bread.pieces) == ("100201", 649, 3)
    assert loaf.ref == "0b9c3f6e-0000-4000-8000-000000000002*2"
    assert (placed.draft.currency, placed.draft.discount) == ("GBP", 300)
    assert parsed("order.new--for_later")[0].draft.planned


@pytest.mark.parametrize(("market", "minutes"), [("gb", 9), ("kw", 6), ("ae", 6)])
def test_an_order_for_now_is_due_a_minute_before_deliveroo_gives_it_up(market, minutes):
    (placed,) = parsed("order.new", id=f"{market}:1")
    logged = json.loads(PARTY.samples()["order.new"])["body"]["order"]["status_log"]
    (since,) = (datetime.fromisoformat(x["at"]) for x in logged if x["status"] == "placed")
    assert placed.draft.due_at == since + timedelta(minutes=minutes)
    assert parsed("order.new", status_log=[])[0].draft.due_at == NOW + timedelta(minutes=9)
    (sooner,) = parsed("order.new", prepare_for=since.isoformat())
    assert sooner.draft.due_at == since
    assert parsed("order.new--for_later")[0].draft.due_at == datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_rows_without_a_name_are_called_by_their_plu():
    (placed,) = parsed("order.new--no_item_ids")
    assert [line.ref for line in placed.draft.lines] == ["100201*3", "100202*2"]


def test_what_nobody_answered_is_the_shops_silence_and_what_somebody_rejected_is_not():
    assert parsed("order.status_update--unanswered") == [ev.Cancelled(ev.NO_RESPONSE)]
    assert parsed("order.status_update--rejected") == [ev.Cancelled("rejected at Deliveroo")]


@pytest.mark.parametrize("id_", ["..", "gb:1/../2", "gb:1?x=1", "gb:1#", "a b", "", "g" * 101])
def test_an_id_that_would_be_another_address_is_malformed(id_):
    with pytest.raises(Malformed):
        parsed("order.new", id=id_)


@pytest.mark.parametrize("id_", [None, "", "\u202eabc", ".."])
def test_a_rider_of_no_order_is_malformed(id_):
    body = json.loads(PARTY.samples()["rider.status_update"])
    body["body"]["order_id"] = id_
    with pytest.raises(Malformed):
        parse.parse(ACCOUNT, Delivery({}, json.dumps(body).encode()), NOW)


def test_sums_are_in_the_parts_of_their_currency():
    items = json.loads(PARTY.samples()["order.new"])["body"]["order"]["items"]
    for item in items:
        item["unit_price"] = {"fractional": 1500, "currency_code": "KWD"}
    off = {"fractional": 250, "currency_code": "KWD"}
    (placed,) = parsed("order.new", items=items, offer_discount=off)
    assert [line.price for line in placed.draft.lines] == [150, 150]
    assert (placed.draft.discount, placed.draft.currency) == (25, "KWD")


def listed(**changes):
    order = json.loads(PARTY.files("listed")["accepted"]) | changes
    orders, amiss, _ = parse.page(ACCOUNT, json.dumps({"orders": [order]}).encode(), NOW)
    assert not amiss
    return orders[0]


def test_a_row_of_which_nothing_is_left_is_no_row_of_a_list():
    items = json.loads(PARTY.files("listed")["accepted"])["items"]
    items[0]["quantity"] = 0
    assert listed(items=items).lines == {items[1]["pos_item_id"]: items[1]["quantity"]}


def test_a_sum_is_compared_unless_nobody_knows_whether_a_discount_is_off_it():
    assert listed().total is None
    nothing = {"fractional": 0, "currency_code": "GBP"}
    assert listed(offer_discount=nothing).total == 2547


def test_a_status_that_nobody_documented_waits():
    with pytest.raises(Unmapped, match="eaten"):
        parsed("order.status_update", status="eaten")


# --- what goes out --------------------------------------------------------------------------------


def test_what_is_as_ordered_is_not_listed_and_what_differs_is_once():
    order = an_order(
        piece(1, ref="a*3", state=L.PICKED, picked_pieces=3),
        piece(2, pieces=5, ref="b*2\nc*3", state=L.SHORT, picked_pieces=3),
        piece(3, ref="d*3", state=L.DROPPED),
    )
    assert amended(order) == [
        {"amends": {"id": "c", "quantity": 3}, "final_quantity": 1},
        {"amends": {"id": "d", "quantity": 3}, "final_quantity": 0},
    ]
    assert amended(an_order(piece(1, ref="a*3", state=L.PICKED, picked_pieces=3))) is None


async def test_an_order_is_amended_once_and_then_accepted(deliveroo):
    ref = await deliveroo.place(BREAD, BUNS)
    order = await deliveroo.order()
    for kind in ("accepted", "in_work"):
        await deliveroo.say(kind, order)
    await deliveroo.say("ready", found(order, _100201=2, _100202=0))
    entry = deliveroo.stall.book[ref]
    assert entry.told == ["sync_status", "start_picking", "amend", "accept", "prep_stage"]
    assert entry.found == {"100201": 2, "100202": 0}


async def test_other_goods_are_named_as_deliveroo_names_them(deliveroo):
    deliveroo.stall.substitutes = (RYE,)
    ref = await deliveroo.place(BREAD, BUNS)
    order = found(await deliveroo.order())
    assert isinstance(deliveroo.market, Suggests)
    assert await deliveroo.market.suggest(deliveroo.account, order, order.lines[0]) == ["100203"]
    await deliveroo.say("ready", replaced(order, BREAD.sku, RYE))
    entry = deliveroo.stall.book[ref]
    assert entry.more["substituted"][BREAD.sku]["substitution_id"] == f"sub-100203-{ref[-8:]}"
    assert entry.found == {"100201": 0, "100202": 2}


async def test_goods_that_may_not_stand_are_refused_and_nothing_is_told(deliveroo):
    ref = await deliveroo.place(BREAD)
    order = replaced(found(await deliveroo.order()), BREAD.sku, RYE)
    with pytest.raises(Unfinished):
        await deliveroo.say("ready", order)
    deliveroo.later(31)
    with pytest.raises(RemoteRefused, match="lets no 100203 stand"):
        await deliveroo.say("ready", order)
    assert deliveroo.stall.book[ref].told == []


async def test_goods_that_deliveroo_calls_otherwise_are_found_among_all_after_half_a_minute(
    deliveroo,
):
    deliveroo.stall.substitutes = (replace(RYE, name="Hovis, rye"),)
    ref = await deliveroo.place(BREAD, BUNS)
    order = replaced(found(await deliveroo.order()), BREAD.sku, replace(RYE, name="Sliced rye"))
    with pytest.raises(Unfinished) as caught:
        await deliveroo.say("ready", order)
    assert (caught.value.ambiguous, caught.value.after) == (False, 31)
    deliveroo.later(31)
    await deliveroo.say("ready", order)
    assert deliveroo.stall.book[ref].more["substituted"].keys() == {BREAD.sku}


async def test_what_may_stand_in_one_order_is_not_taken_for_another_with_rows_of_the_same_name(
    deliveroo,
):
    deliveroo.stall.substitutes = (RYE,)
    refs = [await deliveroo.place(BREAD), await deliveroo.place(BREAD)]
    for ref, told in zip(refs, deliveroo.stall.told[:2], strict=True):
        picking.rows(deliveroo.stall.book[ref])[0]["id"] = BREAD.sku
        order = found(await deliveroo.order(told))
        lines = [replace(line, ref=f"{BREAD.sku}*3") for line in order.lines]
        await deliveroo.say("ready", replaced(replace(order, lines=lines), BREAD.sku, RYE))
    assert [deliveroo.stall.book[ref].state for ref in refs] == ["ready", "ready"]


async def test_several_substitutes_are_looked_up_half_a_minute_apart(deliveroo):
    loaf = Goods("100204", "White loaf", 300)
    deliveroo.stall.substitutes = (RYE, loaf)
    ref = await deliveroo.place(BREAD, BUNS)
    order = replaced(found(await deliveroo.order()), BREAD.sku, RYE)
    second = next(line for line in order.lines if line.external_id == BUNS.sku)
    other = replace(piece(51, state=L.PICKED, picked_pieces=1), external_id=loaf.sku,
                    name=loaf.name, replaces=second.id)  # fmt: skip
    lines = [replace(x, state=L.REPLACED) if x is second else x for x in order.lines]
    order = replace(order, lines=(*lines, other))
    with pytest.raises(RemoteUnavailable) as caught:
        await deliveroo.say("ready", order)
    assert caught.value.ambiguous is False
    assert 0 < caught.value.after <= 31
    deliveroo.later(31)
    await deliveroo.say("ready", order)
    assert deliveroo.stall.book[ref].more["substituted"].keys() == {BREAD.sku, BUNS.sku}


# --- the platform's rules -------------------------------------------------------------------------


async def amend(both, ref, *amendments):
    step = {"method": "PUT", "path": f"/picking/v2/orders/{ref}",
            "body": {"item_amendments": list(amendments)}}  # fmt: skip
    return await both.send("ready", json.dumps({"steps": [step]}).encode())


async def test_a_second_amendment_within_half_a_minute_has_to_wait(deliveroo):
    ref = await deliveroo.place(BREAD, BUNS)
    first, second = (line.ref.partition("*")[0] for line in (await deliveroo.order()).lines)
    await amend(deliveroo, ref, {"amends": {"id": first, "quantity": 3}, "final_quantity": 2})
    other = {"amends": {"id": second, "quantity": 2}, "final_quantity": 1}
    with pytest.raises(RemoteUnavailable, match="429"):
        await amend(deliveroo, ref, other)
    deliveroo.later(30)
    await amend(deliveroo, ref, other)


@pytest.mark.parametrize(
    ("quantity", "final", "why"),
    [(3, 3, "less than the original"), (3, 4, "less than the original"), (2, 1, "no such item"),
     (3, -1, "no final_quantity")],
)  # fmt: skip
async def test_amendments_make_less_of_what_was_ordered(deliveroo, quantity, final, why):
    ref = await deliveroo.place(BREAD)
    row = (await deliveroo.order()).lines[0].ref.partition("*")[0]
    one = {"amends": {"id": row, "quantity": quantity}, "final_quantity": final}
    with pytest.raises(RemoteRefused, match=why):
        await amend(deliveroo, ref, one)


async def test_a_refused_amendment_is_not_taken_for_done_where_rows_have_no_names(deliveroo):
    ref = await deliveroo.place(BREAD)
    for row in picking.rows(deliveroo.stall.book[ref]):
        row["id"] = ""
    one = {"amends": {"id": BREAD.sku, "quantity": 3}, "final_quantity": 2}
    step = {"method": "PUT", "path": f"/picking/v2/orders/{ref}",
            "body": {"item_amendments": [one]}}  # fmt: skip
    with pytest.raises(RemoteRefused, match="no such item"):
        await deliveroo.send("ready", json.dumps({"steps": [step]}).encode(), unsure=True)


async def test_an_item_is_amended_once(deliveroo):
    ref = await deliveroo.place(BREAD)
    row = (await deliveroo.order()).lines[0].ref.partition("*")[0]
    one = {"amends": {"id": row, "quantity": 3}, "final_quantity": 2}
    with pytest.raises(RemoteRefused, match="amended once"):
        await amend(deliveroo, ref, one, one)
    deliveroo.later(31)
    await amend(deliveroo, ref, one)
    deliveroo.later(31)
    again = {"amends": {"id": f"{row}-2", "quantity": 2}, "final_quantity": 1}
    with pytest.raises(RemoteRefused, match="amended once"):
        await amend(deliveroo, ref, again)


async def test_a_message_that_stopped_half_way_is_finished(deliveroo):
    ref = await deliveroo.place(BREAD, BUNS)
    order = found(await deliveroo.order(), _100201=1)
    calls = iter([None, 503])
    real, deliveroo.stall.fails = deliveroo.stall.fails, lambda: next(calls)
    with pytest.raises(RemoteUnavailable) as caught:
        await deliveroo.say("ready", order)
    assert caught.value.ambiguous
    deliveroo.stall.fails = real
    deliveroo.later(31)
    await deliveroo.say("ready", order, unsure=True)
    entry = deliveroo.stall.book[ref]
    assert (entry.state, entry.found) == ("ready", {"100201": 1, "100202": 2})
    deliveroo.later(31)
    assert (await deliveroo.say("ready", order, unsure=True)).outcome == "already_accepted"
    deliveroo.later(31)
    with pytest.raises(RemoteRefused):
        await deliveroo.say("ready", order)


async def test_another_process_finishes_what_stopped_half_way_with_other_goods(deliveroo):
    deliveroo.stall.substitutes = (RYE,)
    ref = await deliveroo.place(BREAD, BUNS)
    order = replaced(found(await deliveroo.order()), BREAD.sku, RYE)
    calls = iter([None, None, 502])
    real, deliveroo.stall.fails = deliveroo.stall.fails, lambda: next(calls)
    with pytest.raises(RemoteUnavailable) as caught:
        await deliveroo.say("ready", order)
    assert caught.value.ambiguous
    deliveroo.stall.fails = real
    async with patient.client() as http:
        deliveroo.market = MARKETPLACE(Tools(http, deliveroo.tokens))
        await deliveroo.say("ready", order, unsure=True)
    assert deliveroo.stall.book[ref].told == ["amend", "accept", "prep_stage"]
    assert not deliveroo.stall.refused


async def test_an_amendment_that_never_arrived_is_made_by_the_next_try(deliveroo):
    deliveroo.stall.substitutes = (RYE,)
    ref = await deliveroo.place(BREAD, BUNS)
    order = replaced(found(await deliveroo.order()), BREAD.sku, RYE)
    await deliveroo.say("ready", order, unsure=True)
    assert deliveroo.stall.book[ref].told == ["amend", "accept", "prep_stage"]


async def test_an_item_that_was_amended_has_no_substitutes_under_its_old_name(deliveroo):
    ref = await deliveroo.place(BREAD)
    order = await deliveroo.order()
    row = order.lines[0].ref.partition("*")[0]
    await amend(deliveroo, ref, {"amends": {"id": row, "quantity": 3}, "final_quantity": 2})
    with pytest.raises(RemoteRefused, match="no such item"):
        await deliveroo.market.suggest(deliveroo.account, order, order.lines[0])


@pytest.mark.parametrize("kind", ["accepted", "in_work", "cancelled"])
async def test_a_repeat_of_what_arrived_is_done(deliveroo, kind):
    ref = await deliveroo.place()
    order = await deliveroo.order()
    await deliveroo.say(kind, order)
    await deliveroo.say(kind, order, unsure=True)
    assert deliveroo.stall.book[ref].state != "placed" or kind == "accepted"


async def test_a_tablet_asks_after_three_minutes_and_after_ten_the_order_is_gone(deliveroo):
    first = await deliveroo.place()
    order = await deliveroo.order()
    second = await deliveroo.place()
    await deliveroo.say("accepted", order)
    deliveroo.later(181)
    await deliveroo.stall.look()
    assert deliveroo.stall.prompts == [second]
    deliveroo.later(420)
    with pytest.raises(RemoteRefused):
        await deliveroo.say("in_work", order)
    assert {deliveroo.stall.book[ref].state for ref in (first, second)} == {"cancelled"}
    (off,) = deliveroo.market.parse(deliveroo.account, await deliveroo.delivery(), NOW)
    assert off == ev.Cancelled(ev.NO_RESPONSE)


async def test_an_order_that_is_ready_when_due_is_accepted_and_later_it_is_gone(deliveroo):
    first, second = await deliveroo.place(), await deliveroo.place()
    order, other = [await deliveroo.order(told) for told in deliveroo.stall.told]
    for each in (order, other):
        await deliveroo.say("in_work", each)
    deliveroo.now = order.due_at
    await deliveroo.say("ready", found(order))
    deliveroo.later(61)
    with pytest.raises(RemoteRefused):
        await deliveroo.say("ready", found(other))
    assert [deliveroo.stall.book[ref].state for ref in (first, second)] == ["ready", "cancelled"]
    given_up = deliveroo.stall.world.clock() - deliveroo.stall.book[second].placed_at
    assert given_up.total_seconds() - 1 == deliveroo.market.profile.capabilities.accept_within


async def test_three_rejections_in_a_quarter_of_an_hour_close_a_site(deliveroo):
    for _ in range(3):
        assert not deliveroo.stall.closed
        await deliveroo.place()
        await deliveroo.say("cancelled", replace(await deliveroo.order(), cancel_reason="whatever"))
        deliveroo.later(299)
    assert deliveroo.stall.closed


async def test_a_token_of_five_minutes_is_renewed(deliveroo):
    assert await deliveroo.market.probe(deliveroo.account) == "credentials taken"
    deliveroo.later(301)
    assert await deliveroo.market.probe(deliveroo.account) == "credentials taken"
    assert deliveroo.stall.refused == ["no token"]
    bare = replace(deliveroo.account, settings={**deliveroo.account.settings, "site_ids": []})
    assert await deliveroo.market.probe(bare) == "a token was given"


async def test_orders_that_were_never_told_are_found_page_by_page(deliveroo):
    deliveroo.stall.faults.drop = 1.0
    refs = {await deliveroo.place() for _ in range(60)}
    seen, cursor, pages = set(), None, 0
    since, until = (deliveroo.now.replace(hour=hour) for hour in (0, 23))
    while pages == 0 or cursor is not None:
        page = await deliveroo.market.listed(deliveroo.account, since, until, cursor)
        seen |= {each.order_ref for each in page.orders}
        cursor, pages = page.cursor, pages + 1
    assert (seen, pages) == (refs, 2)
    one = page.orders[0]
    assert (one.lines, one.final) == ({"100201": 3, "100202": 2}, False)
    placed, _ = deliveroo.market.parse_listed(deliveroo.account, Delivery({}, one.body), NOW)
    assert isinstance(placed, ev.Placed)
