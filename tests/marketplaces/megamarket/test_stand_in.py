"""The adapter and the stand-in: lots, boxes, repeats, lists; and a token that is kept nowhere."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from starlette.applications import Starlette

from app.contract import Message
from app.domain.order import LineState as L
from app.errors import NotYet, RemoteRefused, RemoteUnavailable
from app.marketplaces.megamarket import Megamarket
from app.marketplaces.megamarket.stand_in import StandIn
from app.marketplaces.tools import Tools
from app.sandbox.stall import Basket
from app.sandbox.world import World
from tests.domain.build import an_order, piece, uid
from tests.marketplaces import patient
from tests.marketplaces.far import far, says
from tests.marketplaces.megamarket.party import PARTY
from tests.marketplaces.party import BREAD, BUNS
from tests.sandbox.conftest import counting_hex, listening, serving

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
TOKEN = "16A3184D-API-TOKEN"


class Here:
    """The adapter, the stand-in, and orders of three loaves (lots 1-3) and two buns (4, 5)."""

    def __init__(self, market, stall, account):
        self.market, self.stall, self.account = market, stall, account

    async def place(self, *goods):
        self.stall.faults.drop = 1.0
        return await self.stall.place(Basket(goods or (BREAD, BUNS)))

    async def tell(self, kind, order, *, unsure=False):
        body = self.market.compose(self.account, kind, order)
        return await self.market.send(self.account, Message(uid(5), kind, body, unsure, "t"))

    def lots(self, ref):
        return [lot["status"] for lot in self.stall.book[ref].more["lots"].values()]


def an_order_of(ref, bread=3, buns=2, **changes):
    found = [_line(1, BREAD.sku, bread, "1*1\n2*1\n3*1"), _line(2, BUNS.sku, buns, "4*1\n5*1")]
    return replace(an_order(*found, **changes), external_id=ref, number=ref)


def _line(n, sku, found, ref):
    ordered = ref.count("*")
    state = L.PICKED if found == ordered else L.SHORT if found else L.DROPPED
    line = piece(n, pieces=ordered, state=state, picked_pieces=found, ref=ref)
    return replace(line, external_id=sku)


@pytest.fixture
async def here():
    async with patient.client() as http:
        world = World(lambda: NOW, Random(1), counting_hex(), None)
        secrets = {"inbound_token": "i" * 8, "api_token": TOKEN}
        stall = StandIn("http://127.0.0.1:9", secrets, world)
        async with serving(Starlette(routes=stall.routes()), listening()) as url:
            account = replace(PARTY.account, settings=StandIn.settings(url))
            yield Here(Megamarket(Tools(http)), stall, account)
            await stall.close()


async def test_lots_are_confirmed_then_packed_and_the_others_called_off(here):
    ref = await here.place()
    await here.tell("accepted", an_order_of(ref))
    assert here.lots(ref) == ["CONFIRMED"] * 5
    await here.tell("ready", an_order_of(ref, bread=2, buns=0, bag_count=2))
    assert here.lots(ref) == ["PACKED", "PACKED"] + ["MERCHANT_CANCELED"] * 3
    entry = here.stall.book[ref]
    assert (entry.found, entry.bags, here.stall.refused) == ({BREAD.sku: 2, BUNS.sku: 0}, 2, [])


async def test_no_box_is_empty_and_each_lot_is_one(here):
    order = an_order_of("7", bag_count=9)
    said = json.loads(here.market.compose(here.account, "ready", order))["steps"][0]["body"]
    items = said["shipments"][0]["items"]
    assert [item["quantity"] for item in items] == [1] * 5
    assert [item["boxes"][0]["boxCode"] for item in items] == [f"4824*7*{n}" for n in range(1, 6)]


async def test_packing_may_be_told_again_as_long_as_nothing_was_called_off(here):
    ref = await here.place()
    await here.tell("accepted", an_order_of(ref))
    await here.tell("ready", an_order_of(ref))
    await here.tell("ready", an_order_of(ref))
    assert here.lots(ref) == ["PACKED"] * 5


@pytest.mark.parametrize("kind", ["accepted", "ready", "cancelled"])
async def test_lots_that_the_customer_called_off_meanwhile_are_left_out_at_once(here, kind):
    ref = await here.place()
    if kind == "ready":
        await here.tell("accepted", an_order_of(ref))
    await here.stall.call_off(ref, "4")
    await here.tell(kind, an_order_of(ref))
    wanted = {"accepted": "CONFIRMED", "ready": "PACKED", "cancelled": "MERCHANT_CANCELED"}[kind]
    assert here.lots(ref) == [wanted] * 3 + ["CUSTOMER_CANCELED", wanted]


async def test_lots_called_off_among_the_found_and_the_missing_hold_up_neither(here):
    ref = await here.place()
    await here.tell("accepted", an_order_of(ref))
    await here.stall.call_off(ref, "2", "4")
    await here.tell("ready", an_order_of(ref, bread=1))
    off = "CUSTOMER_CANCELED"
    assert here.lots(ref) == ["PACKED", off, "MERCHANT_CANCELED", off, "PACKED"]


async def test_what_is_refused_without_them_too_is_refused(here):
    ref = await here.place()
    await here.stall.call_off(ref, "4")
    with pytest.raises(RemoteRefused, match="lot 1: NEW"):  # never confirmed
        await here.tell("ready", an_order_of(ref))


async def test_what_the_customer_called_off_whole_is_called_off_and_nothing_else(here):
    ref = await here.place()
    for lot in here.stall.book[ref].more["lots"].values():
        lot["status"] = "CUSTOMER_CANCELED"
    assert (await here.tell("cancelled", an_order_of(ref))).outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await here.tell("ready", an_order_of("no-such-order"))


async def test_an_order_that_is_not_there_yet_is_no_failure_of_the_platforms(here):
    with pytest.raises(NotYet):
        await here.market._api.order(here.account, "no-such-order")


@pytest.mark.parametrize("kind", ["accepted", "ready", "cancelled"])
async def test_a_repeat_of_what_arrived_is_done_and_a_refusal_of_what_did_not_is_one(here, kind):
    ref = await here.place()
    order = an_order_of(ref, bread=2)
    if kind == "ready":
        await here.tell("accepted", order)
    await here.tell(kind, order)
    assert (await here.tell(kind, order, unsure=True)).outcome == "already_accepted"
    here.stall.book[ref].more["lots"]["1"]["status"] = "SHIPPED"
    here.stall.book[ref].more["lots"]["5"]["status"] = "NEW"
    if kind != "cancelled":
        with pytest.raises(RemoteRefused, match="lot"):
            await here.tell(kind, order, unsure=True)


async def test_what_is_half_told_is_gone_on_with(here):
    ref = await here.place()
    await here.tell("accepted", an_order_of(ref))
    order = an_order_of(ref, bread=1)
    packing = json.loads(here.market.compose(here.account, "ready", order))["steps"][:1]
    body = json.dumps({"steps": packing}).encode()
    await here.market.send(here.account, Message(uid(5), "ready", body, unsure=False, trace_id="t"))
    await here.tell("ready", order, unsure=True)
    assert here.lots(ref) == ["PACKED"] + ["MERCHANT_CANCELED"] * 2 + ["PACKED"] * 2


async def test_with_own_delivery_the_shop_ships_and_closes(here):
    own = replace(here.account, settings={**here.account.settings, "own_delivery": True})
    assert here.market.tells(own) - here.market.tells(here.account) == {"handed_over", "delivered"}
    ref = await here.place()
    for kind in ("accepted", "ready", "handed_over", "delivered"):
        await here.tell(kind, an_order_of(ref))
    assert here.lots(ref) == ["DELIVERED"] * 5


async def test_unavailability_is_500_and_waited_for(here):
    here.stall.faults.fail_next = 1
    with pytest.raises(RemoteUnavailable, match="500"):
        await here.tell("accepted", an_order_of(await here.place()))


async def test_the_token_is_in_no_message_that_is_kept_and_in_no_error(here):
    for kind in ("accepted", "ready", "cancelled", "handed_over", "delivered"):
        assert TOKEN.encode() not in here.market.compose(here.account, kind, an_order_of("1"))
    echoes = (
        says(500, f'{{"token":"{TOKEN}"}}'.encode()), says(400, TOKEN.encode()),
        says(200, f'{{"success":0,"error":[{{"message":"{TOKEN}"}}]}}'.encode()),
        says(200, f'{{"success":1,"data":"{TOKEN}"}}'.encode()),
    )  # fmt: skip
    told = []
    for echo in echoes:
        async with far(echo) as side:
            who = replace(here.account, settings={"merchant_id": 4824, "url": side.url})
            body = here.market.compose(who, "accepted", an_order_of("1"))
            try:
                answer = await here.market.send(
                    who, Message(uid(5), "accepted", body, unsure=False, trace_id="t")
                )
                told.append(answer.body)
            except (RemoteRefused, RemoteUnavailable) as error:
                told.append(str(error))
            assert json.loads(side.body())["data"]["token"] == TOKEN
    assert len(told) == 4
    assert not any(TOKEN in each for each in told)


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"success":"yes"}', b""])
async def test_an_answer_that_is_none_may_mean_that_it_was_done(here, answer):
    async with far(says(200, answer)) as side:
        who = replace(here.account, settings={"merchant_id": 4824, "url": side.url})
        body = here.market.compose(who, "accepted", an_order_of("1"))
        with pytest.raises(RemoteUnavailable) as caught:
            await here.market.send(
                who, Message(uid(5), "accepted", body, unsure=False, trace_id="t")
            )
    assert caught.value.ambiguous


async def test_orders_are_listed_a_page_at_a_time_each_once(here):
    refs = [await here.place() for _ in range(120)]
    seen, cursor = [], None
    for _ in range(3):
        page = await here.market.listed(here.account, NOW, NOW + timedelta(seconds=1), cursor)
        seen += [each.order_ref for each in page.orders]
        cursor = page.cursor
    assert (sorted(seen), cursor, page.unreadable) == (refs, None, [])
    assert page.orders[0].total == 3 * BREAD.price + 2 * BUNS.price
    late = await here.market.listed(here.account, NOW + timedelta(days=8), NOW, None)
    assert late.orders == []


async def test_a_token_that_is_not_taken_is_said(here):
    await here.place()
    assert await here.market.probe(here.account) == "the token is taken; 1 new orders"
    here.stall.secrets = {**here.stall.secrets, "api_token": "another"}
    with pytest.raises(RemoteRefused):
        await here.market.probe(here.account)
