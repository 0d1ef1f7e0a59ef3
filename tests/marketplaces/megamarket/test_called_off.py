"""Lots that a customer calls off when the shop has packed them: the hub and the stand-in."""

import pytest

from app.domain.order import OrderState as S
from tests.marketplaces.meeting import meeting
from tests.marketplaces.megamarket.party import PARTY


@pytest.fixture
async def met(hub, pool):
    async with meeting(pool, PARTY) as found:
        yield found


async def test_a_lot_called_off_while_ready_waits_keeps_the_others_from_nothing(met):
    ref = await met.place()
    handheld = await met.begin()
    await met.pick(handheld)
    await handheld.do("complete")
    await met.settle()
    await handheld.do("ready", bags=2)
    await met.stall.call_off(ref, "4")
    await met.settle()
    entry = met.stall.book[ref]
    statuses = {index: lot["status"] for index, lot in entry.more["lots"].items()}
    assert statuses.pop("4") == "CUSTOMER_CANCELED"
    assert set(statuses.values()) == {"PACKED"}, await met.trouble()
    assert (await met.order(ref)).state is S.READY
    assert await met.trouble() == [
        {"refused by the stand-in": ["packing: lot 4: CUSTOMER_CANCELED"]}
    ]
