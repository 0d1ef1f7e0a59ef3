"""Glovo and the hub: both flows, repeats, tokens, lists, and the rules that the stand-in keeps."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain import events as ev
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.errors import RemoteRefused, RemoteUnavailable
from app.marketplaces.glovo import parse
from tests.domain.build import piece
from tests.marketplaces.booth import booth, found
from tests.marketplaces.glovo.party import PARTY
from tests.marketplaces.meeting import meeting
from tests.marketplaces.party import BANANAS, BREAD, BUNS

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ACCOUNT = PARTY.account
OURS = "VENDOR_DELIVERY"


@pytest.fixture
async def glovo():
    async with booth(PARTY) as both:
        yield both


# --- both sides -----------------------------------------------------------------------------------


async def test_their_riders_order_is_ready_once_and_confirmed(glovo):
    ref = await glovo.place(BREAD, BANANAS)
    order = found(await glovo.order(), _200101=960)
    assert (await glovo.say("accepted", order)).outcome == "already_accepted"
    await glovo.say("ready", order)
    await glovo.stall.look()
    entry = glovo.stall.book[ref]
    assert (entry.told, entry.found) == (["READY_FOR_PICKUP"], {"100201": 3, "200101": 960})
    assert json.loads(glovo.stall.told[-1].body)["status"] == "READY_FOR_PICKUP"
    assert glovo.market.parse(glovo.account, await glovo.delivery(), NOW) == ()


async def test_a_row_is_told_by_its_name_also_where_that_is_its_sku(glovo):
    glovo.stall.row_id = "{sku}"
    ref = await glovo.place(BREAD, BANANAS)
    await glovo.say("ready", found(await glovo.order(), _200101=960))
    assert glovo.stall.book[ref].found == {"100201": 3, "200101": 960}


async def test_our_own_courier_is_accepted_shown_and_dispatched(glovo):
    glovo.stall.transport = OURS
    ref = await glovo.place(BREAD, BUNS)
    order = await glovo.order()
    await glovo.say("accepted", order)
    packed = found(order, _100201=1, _100202=0)
    await glovo.say("ready", packed)
    assert glovo.stall.book[ref].state == "picking"
    await glovo.stall.look()
    assert len(glovo.stall.told) == 1  # a cart that is updated triggers no webhook
    await glovo.say("handed_over", packed)
    await glovo.stall.look()
    entry = glovo.stall.book[ref]
    assert (entry.told, entry.found) == (
        ["ACCEPTED", "UPDATE_CART", "DISPATCHED"], {"100201": 1, "100202": 0},
    )  # fmt: skip
    delivery = await glovo.delivery()
    assert glovo.market.glimpse(delivery).event == "VENDOR_DELIVERY READY_FOR_PICKUP"
    assert glovo.market.parse(glovo.account, delivery, NOW) == (ev.Taken(), ev.Delivered())


async def test_other_goods_stand_for_a_row(glovo):
    ref = await glovo.place(BREAD)
    order = await glovo.order()
    bread = replace(order.lines[0], state=L.REPLACED)
    other = replace(
        piece(50, pieces=2, state=L.PICKED, picked_pieces=2),
        external_id=BUNS.sku, replaces=bread.id,
    )  # fmt: skip
    await glovo.say("ready", replace(order, lines=(bread, other)))
    assert glovo.stall.book[ref].found == {"100201": 0, "100202": 2}


@pytest.mark.parametrize(
    ("transport", "kinds"),
    [("LOGISTICS_DELIVERY", ["ready"]), (OURS, ["accepted", "ready", "handed_over"]),
     ("LOGISTICS_DELIVERY", ["cancelled"]), (OURS, ["cancelled"])],
)  # fmt: skip
async def test_a_repeat_of_what_arrived_is_done_and_a_second_go_is_refused(glovo, transport, kinds):
    glovo.stall.transport = transport
    ref = await glovo.place()
    order = found(await glovo.order())
    for kind in kinds:
        await glovo.say(kind, order)
        await glovo.say(kind, order, unsure=True)
    with pytest.raises(RemoteRefused):
        await glovo.say(kinds[-1], order)
    assert glovo.stall.book[ref].told[-1] in ("READY_FOR_PICKUP", "DISPATCHED", "CANCELLED")


async def test_what_somebody_accepted_elsewhere_is_accepted_and_what_is_gone_is_not(glovo):
    glovo.stall.transport = OURS
    entry = glovo.stall.book[await glovo.place()]
    order = await glovo.order()
    entry.state, entry.more["word"] = "accepted", "ACCEPTED"
    assert (await glovo.say("accepted", order)).outcome == "already_accepted"
    entry.state, entry.more["word"] = "cancelled", "CANCELLED"
    with pytest.raises(RemoteRefused):
        await glovo.say("accepted", order)


async def test_a_repeat_is_not_believed_where_the_order_is_elsewhere(glovo):
    ref = await glovo.place()
    order = found(await glovo.order())
    await glovo.stall.happen(ref, "cancelled")
    with pytest.raises(RemoteRefused, match="READY_FOR_PICKUP after cancelled"):
        await glovo.say("ready", order, unsure=True)


async def test_a_call_that_fails_says_nothing_and_is_made_again(glovo):
    ref = await glovo.place()
    order = found(await glovo.order())
    await glovo.market.probe(glovo.account)
    glovo.stall.faults.fail_next = 1
    with pytest.raises(RemoteUnavailable):
        await glovo.say("ready", order)
    await glovo.say("ready", order, unsure=True)
    assert glovo.stall.book[ref].told == ["READY_FOR_PICKUP"]


async def send(both, ref, **said):
    path = f"/v2/chains/chain-1/orders/{ref}"
    step = {"method": "PUT", "path": path, "body": {"order_id": ref, **said}}
    return await both.send("ready", json.dumps({"steps": [step]}).encode())


def row(**changes):
    pricing = {"pricing_type": "UNIT", "quantity": 1, "unit_price": 1}
    return {"_id": "row-0", "sku": "100201", "status": "IN_CART", "pricing": pricing} | changes


@pytest.mark.parametrize(
    ("transport", "said", "why"),
    [
        ("LOGISTICS_DELIVERY", {"status": "ACCEPTED", "items": [row()]}, "is not for"),
        ("LOGISTICS_DELIVERY", {"status": "DISPATCHED", "items": [row()]}, "is not for"),
        (OURS, {"status": "READY_FOR_PICKUP", "items": [row()]}, "is not for"),
        (OURS, {"status": "ACCEPTED", "items": [row()]}, "accepted_for is missing"),
        (OURS, {"status": "DELIVERED", "items": [row()]}, "no such status"),
        (OURS, {"status": "DISPATCHED"}, "items are missing"),
        (OURS, {"status": "DISPATCHED", "order_id": "7", "items": [row()]}, "another one"),
        (OURS, {"status": "DISPATCHED", "items": [row(), row()]}, "one twice"),
        (OURS, {"status": "DISPATCHED", "items": [row(_id="x")]}, "no such item"),
        (OURS, {"status": "DISPATCHED", "items": [row(_id=None)]}, "is not told of"),
        (OURS, {"status": "DISPATCHED", "items": [row(status="NOT_PROCESSED")]}, "no status"),
        (OURS, {"status": "DISPATCHED", "items": [row(), row(_id=None)]}, "whose replacement"),
        (OURS, {"status": "DISPATCHED", "items": [row(pricing={"quantity": 0})]}, "whole number"),
        (OURS, {"status": "DISPATCHED",
                "items": [row(pricing={"pricing_type": "KG", "quantity": 1})]}, "needs a weight"),
        (OURS, {"status": "CANCELLED", "items": [row()]}, "no reason of the three"),
        (OURS, {"status": "CANCELLED", "items": [row()],
                "cancellation": {"reason": "CLOSED", "cancelled_by": "VENDOR"}}, "NOT_FOUND then"),
    ],
)  # fmt: skip
async def test_the_stand_in_keeps_the_rules(glovo, transport, said, why):
    glovo.stall.transport = transport
    ref = await glovo.place(BREAD)
    with pytest.raises(RemoteRefused, match=why):
        await send(glovo, ref, **said)
    assert glovo.stall.book[ref].told == []


async def test_sixty_requests_a_minute_and_then_it_waits(glovo):
    for _ in range(60):
        await glovo.market.probe(glovo.account)
    with pytest.raises(RemoteUnavailable) as caught:
        await glovo.market.probe(glovo.account)
    assert caught.value.after == 60
    glovo.later(60)
    assert await glovo.market.probe(glovo.account) == "credentials taken"


async def test_a_token_of_two_hours_is_renewed(glovo):
    await glovo.market.probe(glovo.account)
    glovo.later(7200)
    assert await glovo.market.probe(glovo.account) == "credentials taken"
    assert glovo.stall.refused == ["no token"]
    bare = replace(glovo.account, settings={**glovo.account.settings, "vendors": []})
    assert await glovo.market.probe(bare) == "a token is there"


async def test_a_token_of_the_portal_is_shown_as_it_is_and_not_asked_for_anew(glovo):
    account = replace(
        glovo.account,
        settings={**glovo.account.settings, "client_id": ""},
        secrets={**glovo.account.secrets, "api_token": ("portal-token",)},
    )
    glovo.market.check(account)
    with pytest.raises(RemoteRefused, match="no token"):
        await glovo.market.probe(account)
    assert (glovo.stall.refused, glovo.tokens.known) == (["no token"], {})


async def test_orders_that_were_never_told_are_found_shop_by_shop_and_page_by_page(glovo):
    glovo.stall.faults.drop = 1.0
    refs = {await glovo.place(BREAD) for _ in range(120)}
    account = replace(
        glovo.account, settings={**glovo.account.settings, "vendors": ["100", "101", "102"]}
    )
    seen, cursor, pages = set(), None, 0
    since, until = glovo.now - timedelta(hours=1), glovo.now + timedelta(hours=1)
    while pages == 0 or cursor is not None:
        page = await glovo.market.listed(account, since, until, cursor)
        seen |= {each.order_ref for each in page.orders}
        cursor, pages = page.cursor, pages + 1
    assert (seen, pages) == (refs, 4)


async def test_an_order_that_changed_long_after_it_was_placed_is_listed_and_an_old_one_is_not(
    glovo,
):
    quiet = await glovo.place(BREAD)
    moved = await glovo.place(BREAD)
    glovo.later(6 * 3600)
    await glovo.stall.happen(moved, "cancelled")
    page = await glovo.market.listed(
        glovo.account, glovo.now - timedelta(minutes=5), glovo.now + timedelta(minutes=5), None
    )
    assert [(each.order_ref, each.state) for each in page.orders] == [(moved, S.CANCELLED)]
    assert quiet != moved


async def test_what_is_unreadable_takes_no_other_order_along():
    good = json.loads(PARTY.files("listed")["received"])
    body = json.dumps({"orders": [{"order_id": "7"}, good, good | {"sys": {}}]}).encode()
    page, _ = parse.page(ACCOUNT, body, NOW - timedelta(days=1))
    assert (len(page.orders), len(page.unreadable)) == (1, 2)


# --- with the hub ---------------------------------------------------------------------------------


@pytest.fixture
async def met(pool, hub):
    del hub  # asked for so that the database has the demo's set-up
    async with meeting(pool, PARTY) as both:
        yield both


async def test_an_order_that_is_called_off_after_it_was_taken_is_a_return_and_the_sale_stays(met):
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    await met.happen(ref, "taken")
    sold = await met.order(ref)
    assert (sold.state, sold.sale_due) == (S.DELIVERED, True)
    await met.happen(ref, "cancelled")
    order = await met.order(ref)
    assert (order.state, order.cancelled_by) == (S.RETURNED, "marketplace")
    assert (order.sale_due, order.final_total) == (True, sold.final_total)
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_our_courier_leaves_and_the_platform_confirms_it(met):
    met.stall.transport = OURS
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    await met.finish(handheld)
    assert met.stall.book[ref].told == ["ACCEPTED", "UPDATE_CART"]
    assert (await met.order(ref)).state is S.READY
    await handheld.do("handover")
    await met.settle()
    await met.settle()
    order = await met.order(ref)
    assert met.stall.book[ref].told == ["ACCEPTED", "UPDATE_CART", "DISPATCHED"]
    assert (order.state, order.implied) == (S.DELIVERED, False)
    assert await met.trouble() == [{"refused by the stand-in": []}]
