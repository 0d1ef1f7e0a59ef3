"""The adapter and the stand-in: marks before READY_TO_SHIP, reductions, limits, lost answers."""

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from starlette.applications import Starlette

from app.contract import Delivery, Message
from app.domain.order import LineState as L
from app.errors import NotYet, RemoteBusy, RemoteRefused, Unauthorised, Unfinished
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_market import YandexMarket
from app.marketplaces.yandex_market.stand_in import StandIn
from app.sandbox.stall import Basket
from app.sandbox.world import World
from tests.domain.build import an_order, piece, uid
from tests.factories import mark
from tests.marketplaces import patient
from tests.marketplaces.meeting import meeting
from tests.marketplaces.party import BREAD
from tests.marketplaces.yandex_market.party import MILK, PARTY
from tests.sandbox.conftest import counting_hex, listening, serving

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


class Here:
    """The adapter, the stand-in, and one order between them: bread and milk."""

    def __init__(self, market, stall, account):
        self.market, self.stall, self.account = market, stall, account

    async def place(self, *goods):
        self.stall.faults.drop = 1.0
        return await self.stall.place(Basket(goods or (BREAD, MILK), store="1001"))

    def order(self, ref, bread=3, milk=2, marks=None):
        codes = tuple(mark() for _ in range(milk)) if marks is None else marks
        lines = [_line(1, BREAD.sku, bread, 3), _line(2, MILK.sku, milk, 2, marks=codes)]
        found = an_order(*lines, external_uuid="1001")
        return replace(found, external_id=ref)

    async def tell(self, kind, order, *, unsure=False):
        body = self.market.compose(self.account, kind, order)
        return await self.market.send(self.account, Message(uid(5), kind, body, unsure, "t"))


def _line(n, sku, found, ordered, marks=()):
    state = L.PICKED if found == ordered else L.SHORT if found else L.DROPPED
    line = piece(
        n, pieces=ordered, state=state, picked_pieces=found, marks=marks, ref=f"{n}:{ordered}"
    )
    return replace(line, external_id=sku)


@asynccontextmanager
async def met():
    async with patient.client() as http:
        world = World(lambda: NOW, Random(1), counting_hex(), None)
        stall = StandIn("http://127.0.0.1:9", StandIn.made_up(world.token_hex), world)
        async with serving(Starlette(routes=stall.routes()), listening()) as url:
            settings = {**StandIn.settings(url), "own_delivery": False}
            secrets = {kind: (value,) for kind, value in stall.secrets.items()}
            account = replace(PARTY.account, settings=settings, secrets=secrets)
            yield Here(YandexMarket(Tools(http)), stall, account)
            await stall.close()


@pytest.fixture
async def here():
    async with met() as found:
        yield found


async def test_an_order_is_ready_once_its_marks_are_checked_and_not_before(here):
    here.stall.slow = 2
    ref = await here.place()
    order = here.order(ref)
    for _ in range(2):
        with pytest.raises(Unfinished, match="being checked") as caught:
            await here.tell("ready", order)
        assert (caught.value.ambiguous, caught.value.after) == (False, 20.0)
        assert here.stall.book[ref].state == "placed"
    await here.tell("ready", order)
    entry = here.stall.book[ref]
    assert (entry.state, entry.found, here.stall.refused) == (
        "ready", {BREAD.sku: 3, MILK.sku: 2}, [],
    )  # fmt: skip
    assert entry.marks[MILK.sku] == order.lines[1].marks
    assert all("\x1d" in code for code in entry.marks[MILK.sku])


async def test_marks_whose_check_failed_are_told_again(here):
    here.stall.flaky = 1
    ref = await here.place()
    order = here.order(ref)
    with pytest.raises(Unfinished, match="being checked"):
        await here.tell("ready", order)
    await here.tell("ready", order)
    assert here.stall.book[ref].state == "ready"


async def test_a_mark_goes_over_the_wire_with_its_separator_escaped_once(here):
    body = here.market.compose(here.account, "ready", here.order("1"))
    assert body.count(b"\\u001d") == 2
    assert b"\\\\u001d" not in body


async def test_a_mark_that_is_not_valid_stops_the_order_for_good(here):
    ref = await here.place()
    order = here.order(ref)
    here.stall.bad = frozenset(order.lines[1].marks[:1])
    with pytest.raises(RemoteRefused, match="not valid"):
        await here.tell("ready", order)
    assert here.stall.book[ref].state == "placed"


async def test_without_marks_the_platform_refuses(here):
    ref = await here.place()
    with pytest.raises(RemoteRefused, match="a mark for each piece"):
        await here.tell("ready", here.order(ref, marks=()))


async def test_what_was_not_found_leaves_the_order(here):
    ref = await here.place()
    await here.tell("ready", here.order(ref, bread=2, milk=0))
    assert here.stall.book[ref].found == {BREAD.sku: 2, MILK.sku: 0}


@pytest.mark.parametrize(("bread", "milk"), [(0, 0)])
async def test_all_of_an_order_cannot_be_removed(here, bread, milk):
    ref = await here.place()
    with pytest.raises(RemoteRefused, match="99 %"):
        await here.tell("ready", here.order(ref, bread=bread, milk=milk))


async def test_boxes_never_make_an_order_grow_even_where_more_was_picked(here):
    ref = await here.place()
    order = here.order(ref)
    more = replace(order, lines=(replace(order.lines[0], picked_pieces=9), order.lines[1]))
    await here.tell("ready", more)
    assert here.stall.book[ref].found[BREAD.sku] == 3


async def put(here, path, said):
    url = here.account.settings["url"] + path
    async with patient.client() as http:
        answer = await http.put(url, json=said, headers={"Api-Key": here.stall.secrets["api_key"]})
    return answer.status_code


async def test_the_stand_in_refuses_what_is_published_as_refused(here):
    ref = await here.place()
    path = f"/v2/campaigns/1001/orders/{ref}"

    def boxes(*items, remove=True):
        return {"boxes": [{"items": [{"id": i, "fullCount": n} for i, n in items]}],
                "allowRemove": remove}  # fmt: skip

    for wrong in (boxes((1, 4), (2, 2)), boxes((3, 1)), boxes((1, 3), remove=False), boxes((1, 0))):
        assert await put(here, f"{path}/boxes", wrong) == 400
    assert await put(here, f"{path}/boxes", boxes((1, 2))) == 200
    assert await put(here, f"{path}/boxes", boxes((1, 3))) == 400  # what left stays out
    assert await put(here, path.replace("1001", "1002") + "/boxes", boxes((1, 1))) == 404
    ready = {"order": {"status": "PROCESSING", "substatus": "READY_TO_SHIP"}}
    assert await put(here, f"{path}/status", {"order": {"status": "DELIVERY"}}) == 400
    assert await put(here, f"{path}/status", ready) == 200
    assert await put(here, f"{path}/boxes", boxes((1, 1))) == 400


async def test_a_repeat_of_what_arrived_is_looked_at_and_not_done_again(here):
    ref = await here.place()
    order = here.order(ref)
    await here.tell("ready", order)
    with pytest.raises(RemoteRefused):
        await here.tell("ready", order)
    here.stall.refused.clear()
    assert (await here.tell("ready", order, unsure=True)).outcome == "already_accepted"
    assert here.stall.refused == []
    await here.tell("cancelled", order)
    assert (await here.tell("cancelled", order, unsure=True)).outcome == "already_accepted"
    other = here.order(await here.place())
    assert (await here.tell("ready", other, unsure=True)).outcome == "delivered"


async def test_what_the_customer_called_off_meanwhile_is_called_off_and_not_ready(here):
    ref = await here.place()
    here.stall.book[ref].more["status"] = ("CANCELLED", "USER_CHANGED_MIND")
    answer = await here.tell("cancelled", here.order(ref))
    assert answer.outcome == "already_accepted"
    with pytest.raises(RemoteRefused):
        await here.tell("ready", here.order(ref))


@pytest.mark.parametrize("ref", ["9" * 30, "-1", "1e3", "١٢", "1/2"])
async def test_what_no_order_is_called_is_not_asked_for(here, ref):
    note = json.dumps({"notificationType": "ORDER_X", "orderId": ref}).encode()
    with pytest.raises(RemoteRefused, match="number"):
        await here.market.fetch(here.account, Delivery({}, note))


async def test_too_many_calls_are_waited_for_and_nothing_was_done(here):
    ref = await here.place()
    here.stall.faults.fail_next, here.stall.faults.fail_status = 1, 420
    with pytest.raises(RemoteBusy) as caught:
        await here.tell("cancelled", here.order(ref))
    assert (caught.value.ambiguous, caught.value.after) == (False, 60.0)


async def test_too_many_looks_at_marks_stop_their_order_and_nothing_else(here):
    here.stall.limited = True
    ref = await here.place()
    order = here.order(ref)
    with pytest.raises(Unfinished, match="too many") as caught:
        await here.tell("ready", order)
    assert (caught.value.ambiguous, caught.value.after) == (False, 60.0)
    await here.tell("ready", here.order(await here.place(BREAD), milk=0))
    here.stall.limited = False
    await here.tell("ready", order)
    assert here.stall.book[ref].state == "ready"


async def test_a_key_that_is_not_taken_is_said(here):
    assert "inventory-and-order-processing" in await here.market.probe(here.account)
    here.stall.secrets = {"api_key": "ACMA:another"}
    with pytest.raises(Unauthorised):
        await here.market.probe(here.account)


async def test_orders_are_listed_a_page_at_a_time_and_only_those_of_the_window(here):
    for _ in range(60):  # fifty of them are more than the answer to an ordinary call may be
        ref = await here.place()
        here.stall.book[ref].basket = replace(here.stall.book[ref].basket, comment="я" * 900)
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = await here.market.listed(here.account, NOW, NOW + timedelta(seconds=1), cursor)
        seen += [each.order_ref for each in page.orders]
        cursor, pages = page.cursor, pages + 1
    assert (len(seen), len(set(seen)), pages) == (60, 60, 2)
    before = await here.market.listed(here.account, NOW - timedelta(days=1), NOW, None)
    assert before.orders == []


async def test_a_notification_that_is_faster_than_the_list_waits(here):
    ref = await here.place()
    delivery = PARTY.call(json.dumps({"notificationType": "ORDER_X", "orderId": 1}).encode(), NOW)
    with pytest.raises(NotYet, match="yet"):  # no failure of the marketplace's
        await here.market.fetch(here.account, here.market.serve(PARTY.account, delivery, NOW))
    body = json.dumps({"notificationType": "ORDER_X", "orderId": int(ref)}).encode()
    known = here.market.serve(PARTY.account, PARTY.call(body, NOW), NOW)
    assert ref.encode() in await here.market.fetch(here.account, known)


async def test_ping_needs_no_database_row_and_comes_back_at_once(pool, hub):
    async with meeting(pool, PARTY) as whole:
        told = await whole.stall.ping()
        assert (told.status, json.loads(told.answer)["name"]) == (200, "order-hub")
        async with pool.acquire() as conn:
            assert await conn.fetchval("SELECT count(*) FROM inbox_delivery") == 0
