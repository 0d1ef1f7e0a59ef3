"""A notification that a posting was called off may mean some of its products only."""

import pytest

from app.domain.order import OrderState as S
from tests.marketplaces.meeting import meeting
from tests.marketplaces.ozon.party import BREAD, MARKED, PARTY


@pytest.fixture
async def met(hub, pool):
    async with meeting(pool, PARTY) as found:
        yield found


async def test_what_the_shop_took_out_calls_off_nothing_else(met):
    ref = await met.place(BREAD, MARKED)
    handheld = await met.begin()
    await met.pick(handheld, short=BREAD.sku)
    await met.finish(handheld)
    entry = met.stall.book[ref]
    assert entry.told == ["product/cancel", "ship"]
    await met.stall.announce(entry, "taken_out")
    await met.settle()
    assert (await met.order(ref)).state is S.READY
    assert await met.trouble() == [{"refused by the stand-in": []}]


async def test_what_ozon_took_out_leaves_the_order_and_the_rest_stays(met):
    ref = await met.place(BREAD, MARKED)
    entry = met.stall.book[ref]
    entry.more["have"] = {1_000_000_000 + int(BREAD.sku): 1}
    await met.stall.announce(entry, "taken_out")
    await met.settle()
    order = await met.order(ref)
    assert order.state is S.ACCEPTED
    assert [(x.external_id, x.requested_pieces) for x in order.wanted()] == [(BREAD.sku, 1)]


async def test_a_posting_that_is_called_off_whole_is_called_off_with_its_reason(met):
    ref = await met.place(BREAD)
    await met.happen(ref, "cancelled")
    order = await met.order(ref)
    assert (order.state, order.cancelled_by) == (S.CANCELLED, "marketplace")
