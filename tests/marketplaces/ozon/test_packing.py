"""What Ozon works on after its answer: the check of marks, and packing, which it may not be told
again meanwhile."""

from dataclasses import replace

import pytest

from app.contract import Message
from app.domain.order import LineState as L
from app.domain.order import OrderState as S
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable, Unfinished
from app.marketplaces import rows
from tests.domain.build import an_order, piece, uid
from tests.factories import mark
from tests.marketplaces.meeting import meeting
from tests.marketplaces.ozon.party import BREAD, MARKED, PARTY
from tests.marketplaces.test_lives import due_now


@pytest.fixture
async def met(hub, pool):
    async with meeting(pool, PARTY) as found:
        yield found


async def ready(met, order, *, unsure=False):
    account = await met.hub.accounts.by_code("market")
    market = met.hub.marketplaces["ozon"]
    body = market.compose(account, "ready", order)
    return await market.send(account, Message(uid(5), "ready", body, unsure, "t"))


def packed(ref, goods=MARKED, codes=None):
    name = rows.ref(str(1_000_000_000 + int(goods.sku)), goods.pieces)
    marks = tuple(mark() for _ in range(goods.pieces)) if goods.marked else ()
    line = piece(1, pieces=goods.pieces, state=L.PICKED, picked_pieces=goods.pieces,
                 marks=marks if codes is None else codes, ref=name)  # fmt: skip
    return replace(an_order(line, state=S.READY), external_id=ref)


async def test_a_posting_that_ozon_is_packing_is_waited_for_and_not_refused(met):
    met.stall.slow_ships = 3
    ref = await met.place(BREAD, MARKED)
    handheld = await met.begin()
    await met.pick(handheld, short=BREAD.sku)
    await met.finish(handheld)
    entry = met.stall.book[ref]
    assert entry.state == "placed"
    for _ in range(4):
        await due_now(met.hub)
        await met.settle()
    assert entry.state == "ready", await met.trouble()
    assert entry.told == ["product/cancel", "ship"]
    assert not any(row.get("state") for row in await met.trouble())


async def test_marks_that_are_being_checked_are_not_sent_again(met):
    met.stall.slow_checks = 1
    ref = await met.place(MARKED)
    order = packed(ref)
    with pytest.raises(Unfinished, match="checked"):
        await ready(met, order)
    assert (await ready(met, order, unsure=True)).outcome == "delivered"
    assert met.stall.book[ref].marks == {MARKED.sku: order.lines[0].marks}


async def test_marks_that_the_check_did_not_take_are_refused_once_it_is_over(met):
    met.stall.slow_checks = 1
    order = packed(await met.place(MARKED), codes=("short", "shorter"))
    with pytest.raises(Unfinished, match="checked"):
        await ready(met, order)
    with pytest.raises(RemoteRefused, match="marks not taken: ship_not_available"):
        await ready(met, order, unsure=True)


async def test_marks_are_sent_where_an_earlier_try_came_no_farther_than_to_take_out(met):
    ref = await met.place(MARKED)
    order = packed(ref)
    assert (await ready(met, order, unsure=True)).outcome == "delivered"
    assert met.stall.book[ref].marks == {MARKED.sku: order.lines[0].marks}


@pytest.mark.parametrize("goods", [BREAD, MARKED])
async def test_a_repeat_that_is_refused_while_it_may_be_packed_is_tried_so_many_times(met, goods):
    met.stall.slow_ships = 9
    order = packed(await met.place(goods), goods)
    with pytest.raises(Unfinished, match="packed"):
        await ready(met, order)
    with pytest.raises(RemoteUnavailable, match="may be packing") as caught:
        await ready(met, order, unsure=True)
    assert caught.value.ambiguous
    assert not isinstance(caught.value, RemoteBusy | Unfinished)  # it uses up an attempt


async def test_what_is_refused_of_a_posting_that_ozon_could_not_pack_is_refused(met):
    met.stall.failed_ships = 1
    ref = await met.place(BREAD)
    with pytest.raises(Unfinished, match="could not"):
        await ready(met, packed(ref, BREAD))
    met.stall.book[ref].more["have"] = {}  # all its products left it meanwhile
    with pytest.raises(RemoteRefused, match="all products"):
        await ready(met, packed(ref, BREAD), unsure=True)


async def test_a_posting_never_grows_even_where_more_was_picked(met):
    order = packed(await met.place(MARKED))
    line = order.lines[0]
    more = replace(line, picked_pieces=line.picked_pieces + 1, marks=(*line.marks, mark()))
    assert (await ready(met, replace(order, lines=(more,)))).outcome == "delivered"
    entry = met.stall.book[order.external_id]
    assert entry.found == {MARKED.sku: MARKED.pieces}
    assert entry.marks == {MARKED.sku: line.marks}
